import { Injectable } from '@nestjs/common';
import { Loops } from '../../platform/loops/loops.js';
import type { Round } from '../../platform/loops/worker-loop.js';
import { Wake } from '../../platform/wake.js';
import { ConversationMetrics } from '../conversations.metrics.js';
import type { BatchResult } from './claimed.js';
import { Suspects } from './suspects.js';
import { TurnBatch } from './turn-batch.js';

/**
 * The first loop polls for everybody. The second comes when there is a signal, which means a crowd: two keep Postgres
 * and Node busy at once on a small machine, more only share the same cores.
 */
const REST_MS = [undefined, 1000];

/** Claims and runs turns. Which process serves whom is nobody's concern: the row lock says. */
@Injectable()
export class TurnLoop {
  private suspectsRun: Promise<void> | null = null;
  private readonly noted = new Set<string>();

  constructor(
    loops: Loops,
    private readonly batch: TurnBatch,
    private readonly suspects: Suspects,
    private readonly wake: Wake,
    private readonly metrics: ConversationMetrics,
  ) {
    for (const [n, restMs] of REST_MS.entries()) {
      const worker = suspects.workerName(n);
      loops.add({
        name: 'Turns',
        group: 'turns',
        topic: 'turns',
        restMs,
        round: () => this.round(worker),
        drain: () => this.clear(worker),
      });
    }
  }

  private async round(worker: string): Promise<Round> {
    await (this.suspectsRun ??= this.runSuspects());
    const startedAt = performance.now();
    const result = await this.batch.run(worker);
    if (result.claimed === 0) {
      await this.clear(worker);
      return 'none';
    }
    this.noted.add(worker);
    this.settle(result, performance.now() - startedAt);
    return 'more';
  }

  /** Those a process died of run alone, before anybody else's turn here; tried once, so that they hold up nobody. */
  private async runSuspects(): Promise<void> {
    const worker = this.suspects.workerName(0);
    try {
      for (const id of await this.suspects.takeOver(worker)) await this.batch.runOne(worker, id);
      await this.suspects.clear(worker);
    } catch (error) {
      this.suspectsRun = Promise.resolve();
      throw error;
    }
  }

  private settle(result: BatchResult, tookMs: number): void {
    if (result.hasSends) this.wake.signal('outbox');
    if (result.hasEffects) this.wake.signal('effects');
    this.metrics.countBatch(result, tookMs / 1000);
  }

  private async clear(worker: string): Promise<void> {
    if (!this.noted.has(worker)) return;
    await this.suspects.clear(worker);
    this.noted.delete(worker);
  }
}
