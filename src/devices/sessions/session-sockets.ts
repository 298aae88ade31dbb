import { Injectable } from '@nestjs/common';
import type { LinkedKey, LinkedSocket, OpenSession } from '../../providers/baileys/linked-socket.js';
import { SocketFactory } from '../../providers/baileys/linked-socket.js';
import { AuthState } from '../auth-state.js';
import { LinkedEvents } from '../events/linked-events.js';
import { OpenSessions } from '../open-sessions.js';
import { ConnectGate } from './connect-gate.js';
import type { HeldSession } from './session-leases.js';

const CONNECTING_AT_ONCE = 10;

/** The sockets of the sessions a process holds: with the keys of their devices, and listened to. */
@Injectable()
export class SessionSockets {
  private readonly gate = new ConnectGate(CONNECTING_AT_ONCE);

  constructor(
    private readonly sockets: SocketFactory,
    private readonly auth: AuthState,
    private readonly sessions: OpenSessions,
    private readonly events: LinkedEvents,
  ) {}

  isInstalled(): Promise<boolean> {
    return this.sockets.isInstalled();
  }

  /** Waits for a place among those that connect. @returns gives it back; again does nothing */
  enterGate(): Promise<() => void> {
    return this.gate.enter();
  }

  /**
   * @param onStale a newer holder has the device
   * @throws StaleFenceError it had it before
   */
  async open(
    held: HeldSession,
    onStale: () => void,
  ): Promise<{ socket: LinkedSocket; saveCreds: () => Promise<void> }> {
    const { auth, saveCreds } = await this.auth.load(held, held.fence, onStale);
    const getMessage = (key: LinkedKey) => this.events.findSent(held, key);
    return { socket: await this.sockets.open({ auth, getMessage }), saveCreds };
  }

  /** @returns a function that ends it and resolves when what was delivered is stored */
  listen(session: OpenSession): () => Promise<void> {
    return this.events.attach(session);
  }

  /** From here on messages are sent by it. */
  noteOpen(session: OpenSession): void {
    this.sessions.opened(session);
  }

  noteClosed(session: OpenSession): void {
    this.sessions.closed(session);
  }

  /** The device is linked no longer. */
  eraseKeys(connectionId: string): Promise<void> {
    return this.auth.erase(connectionId);
  }
}
