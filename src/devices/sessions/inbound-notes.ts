import type { LinkedMessage } from '../../providers/baileys/linked-socket.js';
import type { HeldSession } from './session-leases.js';
import type { SessionParts } from './session-parts.js';
import { SilenceWatch, type HealingStep } from './silence-watch.js';

/** What came in by a session: for the silence watch, and written down now and then. */
export class InboundNotes {
  private readonly watch: SilenceWatch;
  private lastInboundAt: Date | null = null;
  private isDirty = false;
  private flushedAt = performance.now();
  private isTold = false;

  constructor(
    private readonly held: HeldSession,
    private readonly parts: Pick<SessionParts, 'leases' | 'news' | 'clock' | 'timing'>,
  ) {
    this.watch = new SilenceWatch(held.traffic, parts.clock.now());
  }

  opened(): void {
    this.watch.opened(this.parts.clock.now());
  }

  note(messages: readonly LinkedMessage[]): void {
    const count = messages.filter(({ key }) => !key.fromMe).length;
    if (count === 0) return;
    this.lastInboundAt = this.parts.clock.now();
    this.watch.inbound(this.lastInboundAt, count);
    this.isDirty = true;
  }

  /** What the silence asks for now. */
  check(): HealingStep | null {
    const step = this.watch.check(this.parts.clock.now());
    if (step) this.isDirty = true;
    if (step === 'tell') this.isTold = true;
    return step;
  }

  async flushIfDue(): Promise<void> {
    if (performance.now() - this.flushedAt >= this.parts.timing.flushMs) await this.flush();
  }

  async flush(): Promise<void> {
    this.flushedAt = performance.now();
    const isRolled = this.watch.profile.roll(this.parts.clock.now());
    if (!this.isDirty && !isRolled) return;
    this.isDirty = false;
    await this.parts.leases.noteInbound(this.held, this.lastInboundAt, this.watch.toJSON());
    if (!this.isTold || !this.lastInboundAt) return;
    this.isTold = false;
    await this.parts.news.heard(this.held);
  }
}
