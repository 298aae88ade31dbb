import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { ENV, type Env } from '../../platform/config/env.js';
import { isRetryable, isUnavailable } from '../../platform/database/connection-errors.js';
import { LiveEvents } from '../../platform/live-events.js';
import { NaturalBatches } from '../../platform/loops/batcher.js';
import { Wake } from '../../platform/wake.js';
import { Arrivals } from '../arrivals.js';
import type { ClaimedSend } from './claimed-send.js';
import { OutboxQueries, type Settled } from './outbox.queries.js';
import type { Settlement } from '../settlement.js';

const MAX_BATCH = 500;
const DOWN_RETRY_MS = 200;

/**
 * Writes outcomes down, many at a time: while one write is under way the next batch gathers, so that it adds no
 * latency when idle and few commits when busy. While Postgres is away it keeps what it knows and tries again: an
 * acceptance that is forgotten would be sent twice.
 */
@Injectable()
export class OutcomeRecorder {
  private readonly logger = new Logger(OutcomeRecorder.name);
  private readonly batches = new NaturalBatches<Settled>(MAX_BATCH, (batch) => this.flush(batch));

  constructor(
    @Inject(ENV) private readonly env: Env,
    private readonly outbox: OutboxQueries,
    private readonly wake: Wake,
    private readonly arrivals: Arrivals,
    private readonly live: LiveEvents,
  ) {}

  /** Resolves when the outcome is committed, or could not be for a reason of its own (then the lease runs out). */
  record(claimed: ClaimedSend, settlement: Settlement): Promise<void> {
    return this.batches.add([{ claimed, settlement }]);
  }

  private async flush(batch: readonly Settled[]): Promise<null[]> {
    const moved = await this.write(batch);
    for (const { claimed, settlement } of batch) {
      if (settlement.to === 'sent') this.arrivals.noteAccepted(claimed.connectionId, claimed.id);
      if (moved.has(claimed.id)) this.publish(claimed, settlement);
    }
    this.wake.signal('outbox');
    return batch.map(() => null);
  }

  private publish({ id, tenantId, conversationId, connectionId }: ClaimedSend, { to }: Settlement): void {
    if (to !== 'sent' && to !== 'failed' && to !== 'unknown') return;
    this.live.publish(tenantId, 'message.status', { messageId: id, conversationId, connectionId, status: to });
  }

  /** @returns ids of the rows that are now as their outcome says; a status may have been earlier, and is the truth */
  private async write(batch: readonly Settled[]): Promise<ReadonlySet<string>> {
    for (let isFirst = true; ; isFirst = false) {
      try {
        return await this.outbox.record(batch, this.env.unknownGraceMs);
      } catch (error) {
        if (!isUnavailable(error) && !isRetryable(error)) return this.writeSingly(batch, error);
        if (isFirst) this.logger.warn({ err: error, outcomes: batch.length }, 'outcomes wait for Postgres');
        await delay(DOWN_RETRY_MS);
      }
    }
  }

  /** One outcome that Postgres will not take must not hold the others. */
  private async writeSingly(batch: readonly Settled[], error: unknown): Promise<ReadonlySet<string>> {
    if (batch.length > 1) {
      const moved = new Set<string>();
      for (const one of batch) for (const id of await this.write([one])) moved.add(id);
      return moved;
    }
    const outboxId = batch[0]?.claimed.id;
    this.logger.error({ err: error, outboxId }, 'an outcome could not be recorded; it will count as unknown');
    return new Set();
  }
}
