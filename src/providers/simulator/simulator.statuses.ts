import { Logger } from '@nestjs/common';
import type { SimulatedStatus } from './simulator.faults.js';

export type SimulatedUpdate = {
  readonly connectionId: string;
  readonly outboxId: string;
  readonly status: SimulatedStatus;
  readonly at: Date;
  /** Only with `failed`. */
  readonly errorCode?: string;
  readonly errorTitle?: string;
};

/** Who records what became of simulated messages; the webhook does this for a real provider. */
export interface SimulatorStatusSink {
  deliver(updates: readonly SimulatedUpdate[]): Promise<void>;
}

const TICK_MS = 25;
const RETRY_MS = 1_000;
/** Ten seconds of a thousand messages a second; above it the oldest are forgotten, as a real provider's would be late. */
const MAX_PENDING = 20_000;

/** Tells statuses a while after they were scheduled, in batches, one batch at a time. Lives and dies with the process. */
export class SimulatedStatuses {
  private readonly logger = new Logger('SimulatorProvider');
  private pending: SimulatedUpdate[] = [];
  private timer: NodeJS.Timeout | null = null;
  private isTelling = false;
  private isStopped = false;

  constructor(private readonly sink: SimulatorStatusSink) {}

  schedule(connectionId: string, outboxId: string, status: SimulatedStatus, delayMs: number): void {
    if (this.isStopped) return;
    const error = status === 'failed' ? { errorCode: 'SIMULATED', errorTitle: 'The simulator was told to fail' } : {};
    this.pending.push({ connectionId, outboxId, status, at: new Date(Date.now() + delayMs), ...error });
    if (this.pending.length > MAX_PENDING) this.pending.shift();
    this.arm(TICK_MS);
  }

  /** Nothing is told after this. */
  stop(): void {
    this.isStopped = true;
    this.pending = [];
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }

  private arm(delayMs: number): void {
    if (this.timer || this.isTelling || this.isStopped || this.pending.length === 0) return;
    this.timer = setTimeout(() => void this.tell(), delayMs).unref();
  }

  private async tell(): Promise<void> {
    this.timer = null;
    const now = Date.now();
    const due = this.pending.filter(({ at }) => at.getTime() <= now);
    if (due.length === 0) return this.arm(TICK_MS);
    this.pending = this.pending.filter(({ at }) => at.getTime() > now);
    this.isTelling = true;
    let nextMs = TICK_MS;
    try {
      await this.sink.deliver(due);
    } catch (error) {
      this.logger.warn(`Statuses of ${due.length} simulated messages are told again: ${String(error)}`);
      if (!this.isStopped) this.pending.unshift(...due);
      nextMs = RETRY_MS;
    }
    this.isTelling = false;
    this.arm(nextMs);
  }
}
