import { Logger } from '@nestjs/common';
import { StaleFenceError } from '../../providers/baileys/baileys.errors.js';
import type { SessionJournal, StateChange } from './session-journal.js';
import type { HeldSession } from './session-leases.js';
import type { SessionSockets } from './session-sockets.js';

const CREDS_AGAIN_MS = 500;

/** What a held session writes down: fenced, and written later when Postgres is away. */
export class SessionRecord {
  private readonly logger = new Logger('LinkedSessions');
  /** The newest write that Postgres did not take. */
  private unwritten: (() => Promise<boolean>) | null = null;
  private savingCreds: Promise<void> = Promise.resolve();

  constructor(
    private readonly held: HeldSession,
    private readonly journal: SessionJournal,
    private readonly sockets: SessionSockets,
    /** The session is another's by now. */
    private readonly onLost: () => void,
  ) {}

  /** @param write answers false when the session is another's */
  async write(write: () => Promise<boolean>): Promise<void> {
    this.unwritten = null;
    try {
      if (!(await write())) this.onLost();
    } catch (error) {
      this.unwritten = write;
      this.logger.warn({ err: error, connectionId: this.held.connectionId }, 'the state of a linked device waits');
    }
  }

  change(change: StateChange): Promise<void> {
    return this.write(() => this.journal.change(this.held, change));
  }

  /** The lease is free, and nobody takes it until somebody asks. @param then runs when that is written */
  giveUp(then: () => void): Promise<void> {
    return this.write(async () => {
      await this.journal.release(this.held);
      then();
      return true;
    });
  }

  /** The keys are worth nothing any more. @param then runs when that is written */
  unlink(state: 'idle' | 'needs_pairing', reason: string, then: () => void): Promise<void> {
    return this.write(async () => {
      if (!(await this.journal.isHeld(this.held))) return false;
      await this.sockets.eraseKeys(this.held.connectionId);
      if (!(await this.journal.unlinked(this.held, state, reason))) return false;
      then();
      return true;
    });
  }

  async writeAgain(): Promise<void> {
    if (this.unwritten) await this.write(this.unwritten);
  }

  /** As far as can be told; while Postgres is away the lease's own end decides. */
  isHeld(): Promise<boolean> {
    return this.journal.isHeld(this.held).catch(() => true);
  }

  /** Creds that are not stored make a device that cannot come back: tried for as long as `isWanted`. */
  keepCreds(save: () => Promise<void>, isWanted: () => boolean): void {
    this.savingCreds = this.saveCreds(save, isWanted);
  }

  /** The next socket, here or elsewhere, must find the keys of this one. */
  credsKept(): Promise<void> {
    return this.savingCreds;
  }

  private async saveCreds(save: () => Promise<void>, isWanted: () => boolean): Promise<void> {
    for (;;) {
      try {
        return await save();
      } catch (error) {
        if (error instanceof StaleFenceError) return this.onLost();
        this.logger.warn({ err: error, connectionId: this.held.connectionId }, 'the creds of a linked device wait');
        if (!isWanted()) return;
        await new Promise((done) => setTimeout(done, CREDS_AGAIN_MS));
      }
    }
  }
}
