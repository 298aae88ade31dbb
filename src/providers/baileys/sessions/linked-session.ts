import { Logger } from '@nestjs/common';
import { StaleFenceError } from '../baileys.errors.js';
import {
  SocketEndError,
  type ConnectionUpdate,
  type LinkedMessage,
  type LinkedSocket,
  type MessageCapping,
  type OpenSession,
} from '../linked-socket.js';
import { backoffMs, HELD_MS } from './backoff.js';
import { readClose, type Closed } from './close-codes.js';
import { CodeOffer } from './code-offer.js';
import { InboundNotes } from './inbound-notes.js';
import type { Asked, HeldSession, StateChange } from './session-leases.js';
import type { SessionParts } from './session-parts.js';
import { readCapping, readTimeLock, type Restriction } from './session-restrictions.js';
import type { SessionState } from './session-state.js';
import { within } from './within.js';

/** A socket that does not say that it closed is forgotten after so long. */
const END_MS = 2000;

/**
 * One linked device in the process that holds it: connects, shows codes, and connects again, as session-state.ts tells.
 * Everything it writes is fenced; as soon as a write shows that the session is another's, this object closes its socket
 * and is over. What a socket tells is worked off one after another, and nothing of a socket that was replaced counts.
 */
export class LinkedSession {
  /** Until then, on this process's monotonic clock, nobody else may open the device; then the socket must be closed. */
  leaseEndsAt: number;
  readonly inbound: InboundNotes;
  /** Since when a phone is linked; null while none is. */
  linkedAt: Date | null;
  private readonly logger = new Logger('LinkedSessions');
  private readonly offer: CodeOffer;
  private current: { session: OpenSession; detach: () => Promise<void>; leaveGate: () => void } | null = null;
  private tasks: Promise<void> = Promise.resolve();
  private savingCreds: Promise<void> = Promise.resolve();
  /** A write that Postgres did not take; tried again with every renewal. */
  private unwritten: (() => Promise<boolean>) | null = null;
  private connectTimer: NodeJS.Timeout | undefined;
  private watchdog: NodeJS.Timeout | undefined;
  private attempts: number;
  private lastClose: { code: number | null; repeats: number };
  private openedAt: number | null = null;
  private isLoggingOut = false;
  private isOver = false;

  constructor(
    readonly held: HeldSession,
    private readonly parts: SessionParts,
    leaseEndsAt: number,
    /** Told once, when this process has nothing to do with the session any more. */
    private readonly onOver: (session: LinkedSession) => void,
  ) {
    this.leaseEndsAt = leaseEndsAt;
    this.attempts = held.attempts;
    this.linkedAt = held.linkedAt;
    this.lastClose = { code: held.closeCode, repeats: held.closeRepeats };
    this.offer = new CodeOffer(held, parts);
    this.inbound = new InboundNotes(held, parts);
  }

  get isOpen(): boolean {
    return this.openedAt !== null;
  }

  /** For how long it has been open, in milliseconds. */
  get openForMs(): number {
    return this.openedAt === null ? 0 : performance.now() - this.openedAt;
  }

  start(): void {
    this.later(() => this.connect());
  }

  /** Another process has the session, or the connection is gone: nothing of it is written any more. */
  lost(): void {
    if (this.isOver) return;
    this.logger.warn(
      { connectionId: this.held.connectionId, fence: this.held.fence },
      'a linked device is held elsewhere',
    );
    this.drop();
  }

  /** The lease was not renewed in time: closed before anybody else may open the device. */
  expire(): void {
    if (this.isOver) return;
    this.logger.warn(
      { connectionId: this.held.connectionId },
      'a lease could not be renewed; the linked device is closed',
    );
    this.drop();
  }

  /** Gives the session back, linked as it is; the next holder connects at once. */
  async release(heir: string | null = null): Promise<void> {
    if (this.isOver) return;
    this.isOver = true;
    try {
      await this.letGo();
      await this.savingCreds;
      await this.inbound.flush();
      await this.parts.leases.release(this.held, heir);
    } finally {
      this.over();
    }
  }

  /** With every renewal of the lease. */
  renewed(asked: Asked): void {
    const write = this.unwritten;
    if (write) this.later(() => this.write(write));
    if (asked.wantsLogout && !this.isLoggingOut) this.later(() => this.logout());
    if (asked.pairingPhone !== this.offer.phone) {
      this.offer.phone = asked.pairingPhone;
      const socket = this.current?.session.socket;
      if (socket && !this.isOpen) this.later(() => this.offer.renew(socket));
    }
    if (this.isOpen) this.later(() => this.heal());
  }

  private async connect(): Promise<void> {
    const leaveGate = await this.parts.gate.enter();
    if (this.isOver) return leaveGate();
    try {
      await this.to({ state: 'connecting', reason: null });
      const { auth, saveCreds } = await this.parts.auth.load(this.held, this.held.fence);
      const line = { ...this.held };
      const getMessage = (key: LinkedMessage['key']) => this.parts.events.findSent(line, key);
      const socket = await this.parts.sockets.open({ auth, getMessage });
      if (this.isOver) {
        leaveGate();
        return void end(socket);
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
      if (update.connection === 'close') this.parts.open.closed(session);
      this.later(async () => {
        if (isCurrent()) await this.updated(session, update);
      });
    });
    socket.ev.on('creds.update', () => {
      if (isCurrent()) this.savingCreds = this.saveCreds(saveCreds, isCurrent);
    });
    socket.ev.on('messages.upsert', ({ messages }) => this.inbound.note(messages));
    socket.ev.on('message-capping.update', (capping) => this.later(() => this.capped(capping)));
    this.current = { session, leaveGate, detach: this.parts.events.attach(session) };
    this.watchdog = setTimeout(() => {
      void end(socket, new SocketEndError('connect watchdog', 408));
      // Even that may tell nothing.
      this.later(async () => {
        if (isCurrent()) await this.closed(new SocketEndError('connect watchdog', 408));
      });
    }, this.parts.timing.watchdogMs);
  }

  private async updated(session: OpenSession, update: ConnectionUpdate): Promise<void> {
    if (update.reachoutTimeLock) await this.restrict(readTimeLock(update.reachoutTimeLock, this.parts.clock.now()));
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
    this.linkedAt ??= this.parts.clock.now();
    this.offer.end();
    this.inbound.opened();
    await this.write(() => this.parts.leases.opened(this.held, phoneOf(session.socket)));
    if (this.isOver || this.current?.session !== session) return;
    this.parts.open.opened(session);
    await this.parts.news.state(this.held, 'open', null, this.attempts);
  }

  /** The socket is finished; a new one is made, or not, by the table of close codes. */
  private async closed(error: unknown): Promise<void> {
    if (this.openForMs >= HELD_MS) {
      this.attempts = 0;
      this.lastClose = { code: null, repeats: 0 };
    }
    await this.letGo();
    // The next socket, here or elsewhere, must find the keys of this one.
    await this.savingCreds;
    const close = readClose(error, this.lastClose);
    this.lastClose = close;
    this.parts.news.closed(this.held, close.reason);
    if (this.isOver) return;
    switch (close.action) {
      case 'unlink':
        return this.unlink(this.isLoggingOut ? 'idle' : 'needs_pairing', close.reason);
      case 'stop':
        return this.end('stopped', close);
      case 'await_request':
        return this.end('idle', close);
      case 'check_lease':
        if (!(await this.isHeld())) return this.lost();
        return this.again(close);
      default:
        return this.again(close);
    }
  }

  private async again(close: Closed): Promise<void> {
    const waitMs = backoffMs(close.action, this.attempts, Math.random()) * this.parts.timing.backoffScale;
    if (close.action !== 'restart') this.attempts += 1;
    const state = close.action === 'restart' ? 'connecting' : 'waiting';
    const counts = { attempts: this.attempts, closeCode: close.code, closeRepeats: close.repeats };
    await this.to({ state, reason: close.reason, connectInMs: waitMs, ...counts });
    this.connectTimer = setTimeout(() => this.later(() => this.connect()), waitMs);
  }

  /** Nobody needs to hold it until somebody asks. */
  private async end(state: SessionState, { reason, code, repeats }: Closed): Promise<void> {
    await this.to({ state, reason, attempts: 0, closeCode: code, closeRepeats: repeats });
    await this.write(async () => {
      await this.parts.leases.release(this.held);
      this.drop();
      return true;
    });
  }

  private async unlink(state: 'idle' | 'needs_pairing', reason: string): Promise<void> {
    await this.write(async () => {
      if (!(await this.parts.leases.isHeld(this.held))) return false;
      await this.parts.auth.erase(this.held.connectionId);
      if (!(await this.parts.leases.unlinked(this.held, state, reason))) return false;
      await this.parts.news.state(this.held, state, reason);
      this.drop();
      return true;
    });
  }

  /** On the server too when the device is open; else only here, and the phone still lists it. */
  private async logout(): Promise<void> {
    this.isLoggingOut = true;
    const { current } = this;
    if (current && this.isOpen) {
      const isDone = await within(this.parts.timing.answerMs, current.session.socket.logout()).catch(() => false);
      // The close with 401 that follows is next in line.
      if (isDone !== false) return;
    }
    await this.letGo();
    await this.unlink('idle', 'logged_out_here_only');
  }

  private async heal(): Promise<void> {
    const socket = this.current?.session.socket;
    if (!socket || !this.isOpen) return;
    await this.inbound.flushIfDue();
    const step = this.inbound.check();
    if (step === 'tell') await this.parts.news.silent(this.held);
    if (step === 'reconnect') await end(socket, new SocketEndError('silent', 408));
    if (step === 'move') await this.release();
    if (step === 'probe' && !(await this.isAnswering(socket))) await end(socket, new SocketEndError('silent', 408));
  }

  private async isAnswering(socket: LinkedSocket): Promise<boolean> {
    const own = phoneOf(socket);
    try {
      const question: Promise<unknown> = own ? socket.onWhatsApp(own) : socket.sendPresenceUpdate('unavailable');
      await within(this.parts.timing.answerMs, question);
      return true;
    } catch (error) {
      this.logger.warn(
        { err: error, connectionId: this.held.connectionId },
        'WhatsApp does not answer a linked device',
      );
      return false;
    }
  }

  private async capped(capping: MessageCapping): Promise<void> {
    const restriction = readCapping(capping, this.parts.clock.now());
    if (restriction) await this.restrict(restriction);
  }

  private async restrict(restriction: Restriction): Promise<void> {
    if (await this.parts.restrictions.note(this.held.connectionId, restriction))
      this.parts.news.restriction(this.held, restriction);
  }

  /** Creds that are not stored make a device that cannot come back: tried for as long as the socket lives. */
  private async saveCreds(save: () => Promise<void>, isCurrent: () => boolean): Promise<void> {
    for (;;) {
      try {
        return await save();
      } catch (error) {
        if (error instanceof StaleFenceError) return this.lost();
        this.logger.warn({ err: error, connectionId: this.held.connectionId }, 'the creds of a linked device wait');
        if (!isCurrent() || this.isOver) return;
        await new Promise((done) => setTimeout(done, 500));
      }
    }
  }

  private async to(change: StateChange): Promise<void> {
    await this.write(() => this.parts.leases.change(this.held, change));
    if (!this.isOver)
      await this.parts.news.state(this.held, change.state, change.reason, change.attempts ?? this.attempts);
  }

  private async write(write: () => Promise<boolean>): Promise<void> {
    this.unwritten = null;
    try {
      if (!(await write())) this.lost();
    } catch (error) {
      this.unwritten = write;
      this.logger.warn({ err: error, connectionId: this.held.connectionId }, 'the state of a linked device waits');
    }
  }

  /** As far as can be told; while Postgres is away the lease's own end decides. */
  private async isHeld(): Promise<boolean> {
    return this.parts.leases.isHeld(this.held).catch(() => true);
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
    this.parts.open.closed(current.session);
    await end(current.session.socket);
    await current.detach();
  }

  private drop(): void {
    if (this.isOver) return;
    this.isOver = true;
    void this.letGo().catch((error: unknown) => this.logger.warn({ err: error }, 'a linked device did not end well'));
    this.over();
  }

  private over(): void {
    this.parts.news.gone(this.held);
    this.onOver(this);
  }

  private later(task: () => Promise<void>): void {
    this.tasks = this.tasks
      .then(() => (this.isOver ? undefined : task()))
      .catch((error: unknown) =>
        this.logger.error({ err: error, connectionId: this.held.connectionId }, 'a linked device met an error'),
      );
  }
}

/** Also for a socket that is closed already. */
async function end(socket: LinkedSocket, error?: Error): Promise<void> {
  await within(END_MS, Promise.resolve(socket.end(error))).catch(() => undefined);
}

function phoneOf({ user }: LinkedSocket): string | null {
  const digits = /^(\d+)(?::\d+)?@s\.whatsapp\.net$/.exec(user?.id ?? '')?.[1];
  return digits ? `+${digits}` : null;
}
