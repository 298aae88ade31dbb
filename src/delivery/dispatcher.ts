import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { ENV, roleRuns, type Env } from '../platform/config/env.js';
import { Wake } from '../platform/wake.js';
import type { ClaimedSend } from './outbox/claimed-send.js';
import { LEASE_MS, OutboxQueries } from './outbox/outbox.queries.js';
import { OutcomeRecorder } from './outbox/outcome-recorder.js';
import { Sender } from './sender.js';

const DOWN_RETRY_MS = 500;
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
 *
 * Only the first open send of a conversation is ever claimed, which is the order of INV-3: one that waits, for whatever
 * reason, holds those behind it; one that failed does not.
 */
@Injectable()
export class DispatcherService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(DispatcherService.name);
  private readonly stopping = new AbortController();
  private readonly inFlight = new Set<Promise<void>>();
  private running: Promise<void> = Promise.resolve();

  constructor(
    @Inject(ENV) private readonly env: Env,
    private readonly outbox: OutboxQueries,
    private readonly sender: Sender,
    private readonly recorder: OutcomeRecorder,
    private readonly wake: Wake,
  ) {}

  onApplicationBootstrap(): void {
    if (roleRuns(this.env.role, 'delivery')) this.start();
  }

  start(): void {
    this.running = this.run();
  }

  /** Claims nothing more; resolves when what is in flight has its outcome recorded. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.running;
    await Promise.all(this.inFlight);
  }

  private async run(): Promise<void> {
    const enough = Math.max(1, Math.floor(this.env.sendConcurrency / CLAIM_SHARE));
    while (!this.stopping.signal.aborted) {
      const free = this.env.sendConcurrency - this.inFlight.size;
      // Every recorded outcome signals, and frees a slot.
      if (free < enough) await this.wake.untilLook('outbox', this.stopping.signal);
      else await this.claim(free);
    }
  }

  private async claim(free: number): Promise<void> {
    const leaseEndsAt = performance.now() + LEASE_MS;
    let claimed: ClaimedSend[];
    try {
      claimed = await this.outbox.claim(free);
    } catch (error) {
      this.logger.warn({ err: error }, 'no sends could be claimed');
      return this.wake.wait('outbox', DOWN_RETRY_MS, this.stopping.signal);
    }
    for (const send of claimed) this.carry(send, leaseEndsAt);
    if (claimed.length > 0) this.wake.found('outbox');
    if (claimed.length < free) await this.wake.untilLook('outbox', this.stopping.signal);
  }

  private carry(send: ClaimedSend, leaseEndsAt: number): void {
    const carried = this.sender
      .attempt(send, leaseEndsAt)
      .then((settlement) => this.recorder.record(send, settlement))
      .finally(() => this.inFlight.delete(carried));
    this.inFlight.add(carried);
  }
}
