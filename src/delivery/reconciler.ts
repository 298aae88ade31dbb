import { Inject, Injectable, Logger } from '@nestjs/common';
import { Clock } from '../platform/clock.js';
import { ENV, type Env } from '../platform/config/env.js';
import { PathPool } from '../platform/database/path-pool.js';
import { Loops } from '../platform/loops/loops.js';
import { UnknownSends } from './unknown-sends.js';

const EVERY_MS = 500;

/**
 * Settles sends whose outcome nobody knows (INV-5). An `unknown` row holds the later messages of its conversation.
 *
 *   sending ── lease ran out: the worker died ──────────────→ unknown, since now
 *   unknown ── a status with our id, at any time ───────────→ sent or failed (DeliveryStatusService)
 *           ── a late answer ───────────────────────────────→ what it says (OutcomeRecorder)
 *           ── grace over, resend `auto`, < 8 attempts ─────→ pending; the next claim is attempt + 1
 *           ── grace over, resend `never`, or 8 attempts ───→ failed as `unknown`, and a person takes the conversation
 *   failed as `unknown` ── a status after all ──────────────→ sent or failed; the person stays
 *
 * A grace begins no earlier than this process, or than it saw Postgres return: before that no status could be stored, and
 * providers take their time to repeat one. Nor does it before a linked device is open again, for a while.
 *
 * Every process of the role does this; rows are locked and skipped, so two never settle the same one.
 */
@Injectable()
export class ReconcilerService {
  private readonly logger = new Logger(ReconcilerService.name);
  /** Since when Postgres answers without a break; null when it did not the last time. */
  private upSinceMs: number | null = null;

  constructor(
    @Inject(ENV) private readonly env: Env,
    private readonly path: PathPool,
    private readonly unknown: UnknownSends,
    private readonly clock: Clock,
    loops: Loops,
  ) {
    loops.add({ name: 'Reconciler', group: 'delivery', restMs: EVERY_MS, round: () => this.reconcile() });
  }

  /** One round: leases, then graces. */
  async reconcile(): Promise<void> {
    try {
      await this.unknown.expireLeases(this.env.unknownGraceMs);
      const nowMs = this.clock.now().getTime();
      this.upSinceMs ??= nowMs;
      if (nowMs - this.upSinceMs >= this.env.unknownGraceMs) await this.settleDue();
    } catch (error) {
      if (this.path.isDown(error)) this.upSinceMs = null;
      throw error;
    }
  }

  private async settleDue(): Promise<void> {
    await this.unknown.resend(this.env.unknownGraceMs);
    const given = await this.unknown.giveUp(this.env.unknownGraceMs);
    if (given > 0) this.logger.warn({ messages: given }, 'sends ended as unknown; a person has the conversation');
  }
}
