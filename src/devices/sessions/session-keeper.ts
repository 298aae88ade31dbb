import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { ENV, type Env } from '../../platform/config/env.js';
import { Loops } from '../../platform/loops/loops.js';
import type { WorkerLoop, Round } from '../../platform/loops/worker-loop.js';
import type { LinkedSession } from './linked-session.js';
import { ConnectionDirectory } from '../../connections/connection-directory.service.js';
import { LEASE_MS, SessionLeases } from './session-leases.js';
import { SessionFactory } from './session.factory.js';

const LOOK_MS = 1000;
const RENEW_MS = 2000;
/** Closed so long before the lease ends: the next look of the watch, and the time a socket has to say goodbye. */
const MARGIN_MS = 2500;
const WATCH_MS = 250;
const CLAIM_AT_ONCE = 20;
/** What a full process leaves a free session to emptier ones; an empty one takes it at once. */
const PATIENCE_MS = 2000;
const SHARE_MS = 15_000;

/**
 * Holds this process's share of the linked devices: takes free ones, renews its leases well before they end, and closes
 * a device whose lease it cannot renew before anybody else may open it. At a shutdown they are free at once; after a
 * crash as soon as the lease is over.
 */
@Injectable()
export class SessionKeeper {
  readonly holder = `${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`;
  private readonly logger = new Logger('LinkedSessions');
  private readonly held = new Map<string, LinkedSession>();
  private readonly loop: WorkerLoop;
  /** Not in the loop, which may hang on a Postgres that does not answer, and in a stop as long as a device is held. */
  private readonly watch: WorkerLoop;
  private restsSince = Number.NEGATIVE_INFINITY;
  private renewedAt = Number.NEGATIVE_INFINITY;
  private sharedAt = performance.now();

  constructor(
    @Inject(ENV) private readonly env: Env,
    private readonly connections: ConnectionDirectory,
    private readonly leases: SessionLeases,
    private readonly sessions: SessionFactory,
    loops: Loops,
  ) {
    this.watch = loops.makeOwn({
      name: 'LinkedSessions',
      restMs: WATCH_MS,
      round: async () => this.expireLate(),
    });
    this.loop = loops.add({
      name: 'LinkedSessions',
      group: 'delivery',
      topic: 'sessions',
      restMs: LOOK_MS,
      round: () => this.round(),
      drain: () => this.giveAllBack(),
    });
  }

  private async round(): Promise<Round> {
    this.watch.start();
    // Woken by somebody who asks something of a session that may be held here.
    if (performance.now() - this.restsSince < LOOK_MS / 2) this.renewedAt = Number.NEGATIVE_INFINITY;
    try {
      return (await this.look()) ? 'more' : 'none';
    } finally {
      this.restsSince = performance.now();
    }
  }

  /** @returns whether there may be more to take */
  private async look(): Promise<boolean> {
    await this.renew();
    if (this.held.size === 0 && !(await this.leases.hasAny())) {
      this.connections.noteHeldElsewhere([]);
      return false;
    }
    if (!(await this.sessions.isInstalled())) return false;
    const claimed = await this.claim();
    await this.share();
    this.connections.noteHeldElsewhere(await this.leases.elsewhere(this.holder));
    return claimed === CLAIM_AT_ONCE;
  }

  private async renew(): Promise<void> {
    const sentAt = performance.now();
    if (sentAt - this.renewedAt < RENEW_MS - LOOK_MS / 2) return;
    const sessions = [...this.held.values()];
    const renewed = await this.leases.renew(
      this.holder,
      sessions.map(({ held }) => held),
    );
    this.renewedAt = sentAt;
    for (const session of sessions) {
      const asked = renewed.get(session.held.connectionId);
      if (!asked) {
        session.lost();
        continue;
      }
      session.leaseEndsAt = sentAt + LEASE_MS - MARGIN_MS;
      session.renewed(asked);
      if (asked.askedBy !== null && session.isOpen) void this.giveBack(session, asked.askedBy);
    }
  }

  private async claim(): Promise<number> {
    const free = this.env.linkedSessionsMax - this.held.size;
    if (free <= 0 || this.loop.signal.aborted) return 0;
    const sentAt = performance.now();
    const patienceMs = (this.held.size / this.env.linkedSessionsMax) * PATIENCE_MS;
    const claimed = await this.leases.claim(this.holder, Math.min(free, CLAIM_AT_ONCE), patienceMs);
    for (const held of claimed) {
      // Our own older socket of the same device, whose lease ran out unnoticed, must be gone first.
      this.held.get(held.connectionId)?.lost();
      const session = this.sessions.make(held, (over) => this.forget(over));
      this.held.set(held.connectionId, session);
      session.start(sentAt + LEASE_MS - MARGIN_MS);
    }
    return claimed.length;
  }

  private async share(): Promise<void> {
    if (performance.now() - this.sharedAt < SHARE_MS) return;
    this.sharedAt = performance.now();
    for (const session of this.held.values()) session.noteAge();
    if (this.held.size < this.env.linkedSessionsMax) await this.leases.askForShare(this.holder);
  }

  private async giveAllBack(): Promise<void> {
    await Promise.all([...this.held.values()].map((session) => this.giveBack(session, null)));
    await this.watch.stop();
  }

  private async giveBack(session: LinkedSession, heir: string | null): Promise<void> {
    try {
      await session.release(heir);
    } catch (error) {
      this.logger.warn({ err: error }, 'a linked device stays leased until its lease is over');
    }
  }

  private expireLate(): void {
    const now = performance.now();
    for (const session of this.held.values()) if (now >= session.leaseEndsAt) session.expire();
  }

  private forget(session: LinkedSession): void {
    const { connectionId } = session.held;
    if (this.held.get(connectionId) !== session) return;
    this.held.delete(connectionId);
    session.noteGone();
  }
}
