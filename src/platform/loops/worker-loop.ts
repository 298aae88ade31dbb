import { Logger } from '@nestjs/common';
import { isDatabaseDown } from '../database/connection-errors.js';
import type { Wake } from '../wake.js';

/** `more`: go on at once. `some`: something was done, and more may come soon. `none`, or nothing said: rest. */
export type Round = 'more' | 'some' | 'none';

export type LoopSettings = {
  /** As the log calls it. */
  readonly name: string;
  /** Which of a role's loops it belongs to; without one it runs wherever its feature does. */
  readonly group?: string;
  /** A signal of this topic ends a rest at once. */
  readonly topic?: string;
  /** From one round to the next; without it, as often as Wake looks for the topic. */
  readonly restMs?: number;
  /** What it throws is logged, and the loop goes on: what is not done stays due where it is kept. */
  round(): Promise<Round | void>;
  /** After the last round: ends what is still in hand. */
  drain?(): Promise<void>;
};

const FIRST_BACK_OFF_MS = 250;
/** So soon after Postgres is back everything goes on. */
const LONGEST_BACK_OFF_MS = 1000;

/**
 * Does one round after another until it is stopped:
 *
 *   round ── more ─────────────→ round
 *         ── some, or nothing ─→ rest ── a signal, or its time ─→ round
 *         ── throws ───────────→ back-off, longer each time ─→ round
 *   stop: the round in hand ends, then drain, then nothing more
 */
export class WorkerLoop {
  private readonly logger: Logger;
  private readonly stopping = new AbortController();
  private running: Promise<void> | null = null;
  private failures = 0;

  constructor(
    private readonly settings: LoopSettings,
    private readonly wake: Wake,
  ) {
    this.logger = new Logger(settings.name);
  }

  /** Aborts when the loop is told to stop: for what a round should not wait for then. */
  get signal(): AbortSignal {
    return this.stopping.signal;
  }

  /** Harmless when it runs already. One that was stopped does not start again. */
  start(): void {
    if (!this.signal.aborted) this.running ??= this.run();
  }

  /** Resolves when the round in hand has ended and everything is drained. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.signal.aborted) {
      try {
        const round = await this.settings.round();
        this.failures = 0;
        await this.rest(round);
      } catch (error) {
        await this.backOff(error);
      }
    }
    try {
      await this.settings.drain?.();
    } catch (error) {
      this.logger.warn({ err: error }, 'not everything in hand could be ended');
    }
  }

  private async rest(round: Round | void): Promise<void> {
    const { topic, restMs } = this.settings;
    if (topic !== undefined && (round === 'more' || round === 'some')) this.wake.found(topic);
    if (round === 'more') return;
    if (topic === undefined) await pause(restMs ?? 0, this.signal);
    else if (restMs === undefined) await this.wake.untilLook(topic, this.signal);
    else await this.wake.wait(topic, restMs, this.signal);
  }

  private async backOff(error: unknown): Promise<void> {
    if (this.signal.aborted) return;
    const isAway = isDatabaseDown(error);
    if (!isAway) this.logger.error({ err: error }, 'a round failed');
    else if (this.failures === 0) this.logger.warn({ err: error }, 'waits for Postgres');
    const { topic, restMs = 0 } = this.settings;
    // What nobody waits for need not fail more often than it runs.
    const longestMs = isAway || topic !== undefined ? LONGEST_BACK_OFF_MS : Math.max(restMs, LONGEST_BACK_OFF_MS);
    const waitMs = Math.min(FIRST_BACK_OFF_MS * 2 ** this.failures, longestMs);
    this.failures += 1;
    await pause(waitMs, this.signal);
  }
}

/** Does not keep a process alive that has nothing else to do. */
function pause(timeoutMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, timeoutMs);
    timer.unref();
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
