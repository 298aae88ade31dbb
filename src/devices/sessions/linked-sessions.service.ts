import { Injectable } from '@nestjs/common';
import type { OpenSession } from '../../providers/baileys/linked-socket.js';
import { OpenSessions } from '../open-sessions.js';

/** The linked devices as the message path sees them from this process. */
@Injectable()
export class LinkedSessions {
  private others: readonly string[] = [];

  constructor(private readonly open: OpenSessions) {}

  /** Null unless this process holds the lease and the socket is open. */
  find(connectionId: string): OpenSession | null {
    return this.open.find(connectionId);
  }

  /**
   * Connections whose sends are for another process: it holds the session, or the session is between two holders and
   * back in seconds. As old as the last look at the table, which is about a second.
   */
  elsewhere(): readonly string[] {
    return this.others;
  }

  /** Called by the keeper of the sessions with every look. */
  noteElsewhere(connectionIds: readonly string[]): void {
    this.others = connectionIds;
  }
}
