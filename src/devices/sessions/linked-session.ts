import { Logger } from '@nestjs/common';
import { serial } from '../../platform/loops/serial.js';
import { StaleFenceError } from '../../providers/baileys/baileys.errors.js';
import {
  SocketEndError,
  type ConnectionUpdate,
  type LinkedSocket,
  type OpenSession,
} from '../../providers/baileys/linked-socket.js';
import { backoffMs, HELD_MS } from './backoff.js';
import { readClose, type Closed } from './close-codes.js';
import { CodeOffer } from './code-offer.js';
import { InboundNotes } from './inbound-notes.js';
import { SessionCare } from './session-care.js';
import type { SessionJournal, StateChange } from './session-journal.js';
import type { Asked, HeldSession } from './session-leases.js';
import { SessionRecord } from './session-record.js';
import type { SessionSockets } from './session-sockets.js';
import type { SessionState } from './session-state.js';
import type { SessionTiming } from './session-timing.js';
import { endSocket, phoneOf } from './socket-ends.js';
import { within } from './within.js';

/**
 * One linked device in the process that holds it: connects, shows codes, and connects again, as session-state.ts tells.
 * Everything it writes is fenced; as soon as a write shows that the session is another's, this object closes its socket
 * and is over. What a socket tells is worked off one after another, and nothing of a socket that was replaced counts.
 */
export class LinkedSession {
  /** Until then, on this process's monotonic clock, nobody else may open the device; then the socket must be closed. */
  leaseEndsAt = Number.NEGATIVE_INFINITY;
  readonly inbound: InboundNotes;
  /** Since when a phone is linked; null while none is. */
  linkedAt: Date | null;
  private readonly logger = new Logger('LinkedSessions');
  private readonly offer: CodeOffer;
  private readonly record: SessionRecord;
  private readonly care: SessionCare;
  private current: { session: OpenSession; detach: () => Promise<void>; leaveGate: () => void } | null = null;
  private readonly inTurn = serial();
  private connectTimer: NodeJS.Timeout | undefined;
  private watchdog: NodeJS.Timeout | undefined;
  private attempts: number;
  private lastClose: { code: number | null; repeats: number };
  private openedAt: number | null = null;
  private isLoggingOut = false;
  private isOver = false;

  constructor(
    readonly held: HeldSession,
    private readonly sockets: SessionSockets,
    private readonly journal: SessionJournal,
    private readonly timing: SessionTiming,
    /** Told once, when this process has nothing to do with the session any more. */
    private readonly onOver: (session: LinkedSession) => void,
  ) {
    this.attempts = held.attempts;
    this.linkedAt = held.linkedAt;
    this.lastClose = { code: held.closeCode, repeats: held.closeRepeats };
    this.offer = new CodeOffer(held, journal);
    this.inbound = new InboundNotes(held, journal, timing);
    this.record = new SessionRecord(held, journal, sockets, () => this.lost());
    this.care = new SessionCare(held, journal, timing, this.inbound, () => this.release());
  }

  get isOpen(): boolean {
    return this.openedAt !== null;
  }

  /** For how long it has been open, in milliseconds. */
  get openForMs(): number {
    return this.openedAt === null ? 0 : performance.now() - this.openedAt;
  }

  start(leaseEndsAt: number): void {
    this.leaseEndsAt = leaseEndsAt;
    this.later(() => this.connect());
  }

  /** Another process has the session, or the connection is gone: nothing of it is written any more. */
  lost(): void {
    this.drop('a linked device is held elsewhere');
  }

  /** The lease was not renewed in time: closed before anybody else may open the device. */
  expire(): void {
    this.drop('a lease could not be renewed; the linked device is closed');
  }

  /** Gives the session back, linked as it is; the next holder connects at once. */
  async release(heir: string | null = null): Promise<void> {
    if (this.isOver) return;
    this.isOver = true;
    try {
      await this.letGo();
      await this.record.credsKept();
      await this.inbound.flush();
      await this.journal.release(this.held, heir);
    } finally {
      this.onOver(this);
    }
  }

  /** Another process speaks of it from here on, or nobody. */
  noteGone(): void {
    this.journal.news.gone(this.held);
  }

  noteAge(): void {
    if (this.linkedAt) this.journal.news.aged(this.held, this.linkedAt, this.timing.now());
  }

  /** With every renewal of the lease. */
  renewed(asked: Asked): void {
    this.later(() => this.record.writeAgain());
    if (asked.wantsLogout && !this.isLoggingOut) this.later(() => this.logout());
    if (asked.pairingPhone !== this.offer.phone) {
      this.offer.phone = asked.pairingPhone;
      const socket = this.current?.session.socket;
      if (socket && !this.isOpen) this.later(() => this.offer.renew(socket));
    }
    this.later(async () => {
      if (this.isOpen && this.current) await this.care.heal(this.current.session.socket);
    });
  }

  private async connect(): Promise<void> {
    const leaveGate = await this.sockets.enterGate();
    if (this.isOver) return leaveGate();
    try {
      await this.to({ state: 'connecting', reason: null });
      const { socket, saveCreds } = await this.sockets.open(this.held, () => this.lost());
      if (this.isOver) {
        leaveGate();
        return void endSocket(socket);
      }
      this.listen(socket, saveCreds, leaveGate);
    } catch (error) {
      leaveGate();
      if (error instanceof StaleFenceError) return this.lost();
      this.logger.warn({ err: error, connectionId: this.held.connectionId }, 'a linked device could not be opened');
      await this.closed(error);
    }
  }

  private listen(socket: LinkedSocket, saveCreds: () => Promise<void>, leaveGate: () => void): void {
    const { tenantId, botId, connectionId, fence } = this.held;
    const session = { tenantId, botId, connectionId, fence, socket };
    const isCurrent = () => this.current?.session === session;
    socket.ev.on('connection.update', (update) => {
      if (!isCurrent()) return;
      // At once: nothing may be sent by a socket that is closed.
      if (update.connection === 'close') this.sockets.noteClosed(session);
      this.later(async () => {
        if (isCurrent()) await this.updated(session, update);
      });
    });
    socket.ev.on('creds.update', () => {
      if (isCurrent()) this.record.keepCreds(saveCreds, isCurrent);
    });
    socket.ev.on('messages.upsert', ({ messages }) => this.inbound.note(messages));
    socket.ev.on('message-capping.update', (capping) => this.later(() => this.journal.noteCapping(this.held, capping)));
    this.current = { session, leaveGate, detach: this.sockets.listen(session) };
    this.watchdog = setTimeout(() => {
      void endSocket(socket, new SocketEndError('connect watchdog', 408));
      // Even that may tell nothing.
      this.later(async () => {
        if (isCurrent()) await this.closed(new SocketEndError('connect watchdog', 408));
      });
    }, this.timing.watchdogMs);
  }

  private async updated(session: OpenSession, update: ConnectionUpdate): Promise<void> {
    if (update.reachoutTimeLock) await this.journal.noteTimeLock(this.held, update.reachoutTimeLock);
    if (update.qr !== undefined) {
      this.settled();
      await this.offer.show(session.socket, update.qr);
    }
    if (update.connection === 'open') await this.opened(session);
    if (update.connection === 'close') await this.closed(update.lastDisconnect?.error);
  }

  private async opened(session: OpenSession): Promise<void> {
    this.settled();
    this.openedAt = performance.now();
    this.linkedAt ??= this.timing.now();
    this.offer.end();
    this.inbound.opened();
    await this.record.write(() => this.journal.opened(this.held, phoneOf(session.socket)));
    if (this.current?.session !== session) return;
    this.sockets.noteOpen(session);
    await this.journal.news.state(this.held, 'open', null, this.attempts);
  }

  /** The socket is finished; a new one is made, or not, by the table of close codes. */
  private async closed(error: unknown): Promise<void> {
    if (this.openForMs >= HELD_MS) {
      this.attempts = 0;
      this.lastClose = { code: null, repeats: 0 };
    }
    await this.letGo();
    await this.record.credsKept();
    const close = readClose(error, this.lastClose);
    this.lastClose = close;
    this.journal.news.closed(this.held, close.reason);
    if (this.isOver) return;
    switch (close.action) {
      case 'unlink':
        return this.record.unlink(this.isLoggingOut ? 'idle' : 'needs_pairing', close.reason, () => this.drop());
      case 'stop':
        return this.end('stopped', close);
      case 'await_request':
        return this.end('idle', close);
      case 'check_lease':
        if (!(await this.record.isHeld())) return this.lost();
        return this.again(close);
      default:
        return this.again(close);
    }
  }

  private async again(close: Closed): Promise<void> {
    const waitMs = backoffMs(close.action, this.attempts, Math.random()) * this.timing.backoffScale;
    if (close.action !== 'restart') this.attempts += 1;
    const state = close.action === 'restart' ? 'connecting' : 'waiting';
    const counts = { attempts: this.attempts, closeCode: close.code, closeRepeats: close.repeats };
    await this.to({ state, reason: close.reason, connectInMs: waitMs, ...counts });
    if (this.isOver) return;
    this.connectTimer = setTimeout(() => this.later(() => this.connect()), waitMs);
  }

  /** Nobody needs to hold it until somebody asks. */
  private async end(state: SessionState, { reason, code, repeats }: Closed): Promise<void> {
    await this.to({ state, reason, attempts: 0, closeCode: code, closeRepeats: repeats });
    await this.record.giveUp(() => this.drop());
  }

  /** On the server too when the device is open; else only here, and the phone still lists it. */
  private async logout(): Promise<void> {
    this.isLoggingOut = true;
    const { current } = this;
    if (current && this.isOpen) {
      const isDone = await within(this.timing.answerMs, current.session.socket.logout()).catch(() => false);
      // The close with 401 that follows is next in connection.
      if (isDone !== false) return;
    }
    await this.letGo();
    await this.record.unlink('idle', 'logged_out_here_only', () => this.drop());
  }

  private async to(change: StateChange): Promise<void> {
    await this.record.change(change);
    if (this.isOver) return;
    await this.journal.news.state(this.held, change.state, change.reason, change.attempts ?? this.attempts);
  }

  /** It shows a code or is open: the next may connect. */
  private settled(): void {
    clearTimeout(this.watchdog);
    this.current?.leaveGate();
  }

  /** Ends what there is of a socket. Resolves when what it delivered is stored. */
  private async letGo(): Promise<void> {
    this.settled();
    clearTimeout(this.connectTimer);
    const { current } = this;
    this.current = null;
    this.openedAt = null;
    this.offer.end();
    if (!current) return;
    this.sockets.noteClosed(current.session);
    await endSocket(current.session.socket);
    await current.detach();
  }

  private drop(trouble?: string): void {
    if (this.isOver) return;
    this.isOver = true;
    const { connectionId, fence } = this.held;
    if (trouble) this.logger.warn({ connectionId, fence }, trouble);
    void this.letGo().catch((error: unknown) => this.logger.warn({ err: error }, 'a linked device did not end well'));
    this.onOver(this);
  }

  private later(task: () => Promise<void>): void {
    void this.inTurn(async () => {
      if (!this.isOver) await task();
    }).catch((error: unknown) =>
      this.logger.error({ err: error, connectionId: this.held.connectionId }, 'a linked device met an error'),
    );
  }
}
