import { setTimeout as delay } from 'node:timers/promises';
import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { ENV, roleRuns, type Env } from '../../platform/config/env.js';
import { Wake } from '../../platform/wake.js';
import { ConversationMetrics } from '../conversations.metrics.js';
import type { BatchResult } from './claimed.js';
import { Suspects } from './suspects.js';
import { TurnBatch } from './turn-batch.js';

/** Two keep Postgres and Node busy at once on a small machine; more only share the same cores. */
const LOOPS = 2;
/** Of the loops that come when this process signals work; polling, which finds others' work and timers, is the first's. */
const OTHERS_LOOK_MS = 1000;
const DOWN_RETRY_MS = 250;

/** Claims and runs turns until the process stops. Which process serves whom is nobody's concern: the row lock says. */
@Injectable()
export class TurnLoop implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Turns');
  private readonly stopping = new AbortController();
  private loops: Promise<void>[] = [];

  constructor(
    @Inject(ENV) private readonly env: Env,
    private readonly batch: TurnBatch,
    private readonly suspects: Suspects,
    private readonly wake: Wake,
    private readonly metrics: ConversationMetrics,
  ) {}

  onApplicationBootstrap(): void {
    if (roleRuns(this.env.role, 'turns')) this.start();
  }

  start(): void {
    const first = this.suspects.workerName(0);
    const checked = this.untilStored(() => this.runSuspects(first));
    this.loops = Array.from({ length: LOOPS }, (_, n) => checked.then(() => this.loop(this.suspects.workerName(n), n)));
  }

  /** Finishes the turns in hand and claims no more. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.loops);
  }

  /** Those a process died of run alone, before anybody else's turn here. */
  private async runSuspects(worker: string): Promise<void> {
    for (const id of await this.suspects.takeOver(worker)) await this.batch.runOne(worker, id);
    await this.suspects.clear(worker);
  }

  private async loop(worker: string, n: number): Promise<void> {
    let isNoted = false;
    while (!this.stopping.signal.aborted) {
      await this.untilStored(async () => {
        const startedAt = performance.now();
        const result = await this.batch.run(worker);
        if (result.claimed > 0) {
          isNoted = true;
          this.wake.found('turns');
          this.settle(result, performance.now() - startedAt);
          return;
        }
        if (isNoted) await this.suspects.clear(worker);
        isNoted = false;
        // The first loop polls for everybody; the others come when there is a signal, which means a crowd.
        if (n === 0) await this.wake.untilLook('turns', this.stopping.signal);
        else await this.wake.wait('turns', OTHERS_LOOK_MS, this.stopping.signal);
      });
    }
    if (isNoted) await this.untilStored(() => this.suspects.clear(worker));
  }

  private settle(result: BatchResult, tookMs: number): void {
    if (result.hasSends) this.wake.signal('outbox');
    if (result.hasEffects) this.wake.signal('effects');
    this.metrics.countBatch(result, tookMs / 1000);
  }

  /** The loop outlives whatever happens in it: what is not done stays due in Postgres. */
  private async untilStored(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (this.stopping.signal.aborted) return;
      this.logger.warn(`Turns wait for Postgres: ${error instanceof Error ? error.message : String(error)}`);
      await delay(DOWN_RETRY_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined);
    }
  }
}
