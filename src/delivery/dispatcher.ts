import { Inject, Injectable } from '@nestjs/common';
import { ENV, type Env } from '../platform/config/env.js';
import { Loops } from '../platform/loops/loops.js';
import type { Round } from '../platform/loops/worker-loop.js';
import type { ClaimedSend } from './outbox/claimed-send.js';
import { LEASE_MS, OutboxQueries } from './outbox/outbox.queries.js';
import { OutcomeRecorder } from './outbox/outcome-recorder.js';
import { Sender } from './sender.js';

/** Claims wait for this part of the slots to be free, so that a busy process claims several rows at a time. */
const CLAIM_SHARE = 8;

/**
 * Outbox → provider. One outbox row of kind `send`:
 *
 *   pending ── claimed, attempt + 1, committed ──→ sending (lease 15 s, longer than a send's deadline)
 *   sending ── accepted ────────────────────────→ sent
 *           ── refused, may pass later ─────────→ pending, next_at later, at most 8 attempts, then failed
 *           ── connection cannot, bot has another ────→ pending on that connection; else failed
 *           ── connection paused or not authorised ───→ pending on the bot's next connection; without one pending, attempt given
 *                                                 back, for a day; then failed
 *           ── refused for good ────────────────→ failed
 *           ── not allowed to leave yet ────────→ pending, next_at later, attempt given back
 *           ── no answer, or the lease ran out ─→ unknown (see ReconcilerService)
 *   sending, unknown ── a status webhook ───────→ sent or failed (see DeliveryStatusService)
 *   failed by a status ── it may do better elsewhere ──→ pending (see FailedSends)
 *
 * Only the first open send of a conversation is ever claimed, which is the order of INV-3: one that waits, for whatever
 * reason, holds those behind it; one that failed does not.
 */
@Injectable()
export class DispatcherService {
  private readonly inFlight = new Set<Promise<void>>();

  constructor(
    loops: Loops,
    @Inject(ENV) private readonly env: Env,
    private readonly outbox: OutboxQueries,
    private readonly sender: Sender,
    private readonly recorder: OutcomeRecorder,
  ) {
    loops.add({
      name: 'Sends',
      group: 'delivery',
      topic: 'outbox',
      round: () => this.round(),
      // Their outcomes are recorded, too.
      drain: async () => void (await Promise.all(this.inFlight)),
    });
  }

  private async round(): Promise<Round> {
    const free = this.env.sendConcurrency - this.inFlight.size;
    // Every recorded outcome signals, and frees a slot.
    if (free < Math.max(1, Math.floor(this.env.sendConcurrency / CLAIM_SHARE))) return 'none';
    const leaseEndsAt = performance.now() + LEASE_MS;
    const claimed = await this.outbox.claim(free);
    for (const send of claimed) this.carry(send, leaseEndsAt);
    if (claimed.length === 0) return 'none';
    return claimed.length === free ? 'more' : 'some';
  }

  private carry(send: ClaimedSend, leaseEndsAt: number): void {
    const carried = this.sender
      .attempt(send, leaseEndsAt)
      .then((settlement) => this.recorder.record(send, settlement))
      .finally(() => this.inFlight.delete(carried));
    this.inFlight.add(carried);
  }
}
