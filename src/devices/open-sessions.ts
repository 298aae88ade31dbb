import { Injectable } from '@nestjs/common';
import type { OpenSession } from '../providers/baileys/linked-socket.js';

/** The linked devices this process may send by. Filled by the life cycle of the sessions, read by the strategy. */
@Injectable()
export class OpenSessions {
  private readonly byConnection = new Map<string, OpenSession>();

  /** Null unless this process holds the lease and the socket is open. */
  find(connectionId: string): OpenSession | null {
    return this.byConnection.get(connectionId) ?? null;
  }

  /** Connections of all of them. */
  ids(): string[] {
    return [...this.byConnection.keys()];
  }

  opened(session: OpenSession): void {
    this.byConnection.set(session.connectionId, session);
  }

  /** Only the session that is given: a newer one of the same connection stays. */
  closed(session: OpenSession): void {
    if (this.byConnection.get(session.connectionId) === session) this.byConnection.delete(session.connectionId);
  }
}
