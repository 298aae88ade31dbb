import type { LinkedMessage } from '../../providers/baileys/linked-socket.js';
import type { SessionJournal } from './session-journal.js';
import type { HeldSession } from './session-leases.js';
import type { SessionTiming } from './session-timing.js';
import { SilenceWatch, type HealingStep } from './silence-watch.js';

/** What came in by a session: for the silence watch, and written down now and then. */
export class InboundNotes {
  private readonly watch: SilenceWatch;
  private lastInboundAt: Date | null = null;
  private isDirty = false;
  private flushedAt = performance.now();
  private isCalledSilent = false;

  constructor(
    private readonly held: HeldSession,
    private readonly journal: SessionJournal,
    private readonly timing: SessionTiming,
  ) {
    this.watch = new SilenceWatch(held.traffic, timing.now());
  }

  opened(): void {
    this.watch.opened(this.timing.now());
  }

  note(messages: readonly LinkedMessage[]): void {
    const count = messages.filter(({ key }) => !key.fromMe).length;
    if (count === 0) return;
    this.lastInboundAt = this.timing.now();
    this.watch.inbound(this.lastInboundAt, count);
    this.isDirty = true;
  }

  /** What the silence asks for now. */
  check(): HealingStep | null {
    const step = this.watch.check(this.timing.now());
    if (step) this.isDirty = true;
    if (step === 'tell') this.isCalledSilent = true;
    return step;
  }

  async flushIfDue(): Promise<void> {
    if (performance.now() - this.flushedAt >= this.timing.flushMs) await this.flush();
  }

  async flush(): Promise<void> {
    this.flushedAt = performance.now();
    const isRolled = this.watch.profile.roll(this.timing.now());
    if (!this.isDirty && !isRolled) return;
    this.isDirty = false;
    await this.journal.noteInbound(this.held, this.lastInboundAt, this.watch.toJSON());
    if (!this.isCalledSilent || !this.lastInboundAt) return;
    this.isCalledSilent = false;
    await this.journal.news.receives(this.held);
  }
}
