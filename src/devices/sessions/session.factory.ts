import { Injectable } from '@nestjs/common';
import { LinkedSession } from './linked-session.js';
import { SessionJournal } from './session-journal.js';
import type { HeldSession } from './session-leases.js';
import { SessionSockets } from './session-sockets.js';
import { SessionTiming } from './session-timing.js';

/** Makes the sessions a process holds. */
@Injectable()
export class SessionFactory {
  constructor(
    private readonly sockets: SessionSockets,
    private readonly journal: SessionJournal,
    private readonly timing: SessionTiming,
  ) {}

  /** Whether this process can open a linked device at all. */
  isInstalled(): Promise<boolean> {
    return this.sockets.isInstalled();
  }

  /** @param onOver told once, when this process has nothing to do with the session any more */
  make(held: HeldSession, onOver: (session: LinkedSession) => void): LinkedSession {
    return new LinkedSession(held, this.sockets, this.journal, this.timing, onOver);
  }
}
