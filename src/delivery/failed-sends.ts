import { Injectable } from '@nestjs/common';
import { PathPool } from '../platform/database/path-pool.js';
import { LiveEvents } from '../platform/live-events.js';
import { Loops } from '../platform/loops/loops.js';
import { publishHandOvers } from '../conversations/handover/hand-over.js';
import { FailedSendRetries, mayGoAgain } from './failed-send-retries.js';
import { tellFailures } from './statuses/failure-events.js';

const EVERY_MS = 500;

/**
 * What becomes of a failure once nothing can contradict it any more:
 *
 *   failed after acceptance ── by its class it may go again ──→ pending, by this or another connection (FailedSendRetries)
 *                           ── nothing can carry it ──────────→ told to integrators; a person, where a customer waits
 *   refused at the door ──────────────────────────────────────→ told, and a person, the same way
 */
@Injectable()
export class FailedSends {
  constructor(
    loops: Loops,
    private readonly path: PathPool,
    private readonly retries: FailedSendRetries,
    private readonly live: LiveEvents,
  ) {
    loops.add({ name: 'FailedSends', group: 'delivery', restMs: EVERY_MS, round: () => this.settleDue() });
  }

  async settleDue(): Promise<void> {
    const final = await this.retries.retryDue();
    const { handedOver } = await tellFailures(this.path, mayGoAgain, final);
    publishHandOvers(this.live, handedOver);
  }
}
