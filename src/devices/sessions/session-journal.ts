import { Injectable } from '@nestjs/common';
import { SecretBox } from '../../platform/crypto/secret-box.js';
import { PathPool } from '../../platform/database/path-pool.js';
import type { ConnectionUpdate, MessageCapping } from '../../providers/baileys/linked-socket.js';
import { readCapping, readTimeLock, SessionRestrictions, type Restriction } from '../session-restrictions.js';
import type { Lease } from './session-leases.js';
import { SessionNews, type Subject } from './session-news.js';
import type { SessionState } from './session-state.js';
import { SessionTiming } from './session-timing.js';

export type StateChange = {
  readonly state: SessionState;
  readonly reason: string | null;
  readonly attempts?: number;
  readonly closeCode?: number | null;
  readonly closeRepeats?: number;
  /** Milliseconds from now, by Postgres' clock. */
  readonly connectInMs?: number;
};

type Held = Lease & Subject;

/**
 * What the holder of a session writes down of it. Every write names the fence: it answers false, and changes nothing,
 * when the session is another's by now. What others are told without a row is with `news`.
 */
@Injectable()
export class SessionJournal {
  constructor(
    private readonly path: PathPool,
    readonly news: SessionNews,
    private readonly restrictions: SessionRestrictions,
    private readonly box: SecretBox,
    private readonly timing: SessionTiming,
  ) {}

  async isHeld(lease: Lease): Promise<boolean> {
    const rows = await this.path.query(
      'select 1 from linked_session where connection_id = $1 and holder = $2 and fence = $3 and lease_until > now()',
      [lease.connectionId, lease.holder, lease.fence],
    );
    return rows.length > 0;
  }

  /** The session is free at once. With a `heir` it is that process's for a moment. Twice is as good as once. */
  async release(lease: Lease, heir: string | null = null): Promise<void> {
    await this.write(
      lease,
      `holder = null, lease_until = null, asked_by = $4, next_connect_at = greatest(next_connect_at, now())`,
      [heir],
    );
  }

  change(lease: Lease, change: StateChange): Promise<boolean> {
    return this.write(lease, CHANGE, [
      change.state,
      change.reason,
      change.attempts ?? null,
      change.closeCode ?? null,
      change.closeRepeats ?? null,
      Math.round(change.connectInMs ?? 0),
    ]);
  }

  /** The device is linked and open. */
  opened(lease: Lease, phone: string | null): Promise<boolean> {
    return this.write(
      lease,
      `state = 'open', state_reason = null, state_at = now(), last_open_at = now(), linked_at = coalesce(linked_at, now()),
       phone = coalesce($4, phone), pairing_phone = null, secret = null, secret_key_id = null, secret_until = null`,
      [phone],
    );
  }

  /** A code to show for so long; sealed, because whoever has it can link a phone. */
  async showCode(held: Held, state: 'qr' | 'pairing', code: string, ttlMs: number): Promise<void> {
    const { sealed, keyId } = this.box.seal(code);
    const isHeld = await this.write(
      held,
      `state_at = case when state = $4 then state_at else now() end, state = $4, state_reason = null,
       secret = $5, secret_key_id = $6, secret_until = now() + $7 * interval '1 ms'`,
      [state, sealed, keyId, ttlMs],
    );
    if (!isHeld) return;
    await this.news.state(held, state, null);
    const expiresAt = new Date(this.timing.now().getTime() + ttlMs);
    this.news.code(held, state === 'qr' ? 'qr' : 'pairing_code', code, expiresAt);
  }

  /** The end of a link: what was known of the phone goes with it, and nobody holds the session any more. */
  async unlinked(held: Held, state: 'idle' | 'needs_pairing', reason: string): Promise<boolean> {
    const isHeld = await this.write(
      held,
      `state = $4, state_reason = $5, state_at = now(), holder = null, lease_until = null, wants_logout = false,
       attempts = 0, close_code = null, close_repeats = 0, phone = null, linked_at = null, pairing_phone = null,
       secret = null, secret_key_id = null, secret_until = null, restricted_until = null, restriction_reason = null`,
      [state, reason],
    );
    if (isHeld) await this.news.state(held, state, reason);
    return isHeld;
  }

  noteInbound(lease: Lease, lastInboundAt: Date | null, traffic: object): Promise<boolean> {
    return this.write(lease, 'last_inbound_at = greatest(last_inbound_at, $4::timestamptz), traffic = $5', [
      lastInboundAt,
      JSON.stringify(traffic),
    ]);
  }

  /** WhatsApp lets the number write first to nobody for a while, or again. */
  async noteTimeLock(subject: Subject, lock: NonNullable<ConnectionUpdate['reachoutTimeLock']>): Promise<void> {
    await this.restrict(subject, readTimeLock(lock, this.timing.now()));
  }

  /** The same for new chats beyond a number of them. */
  async noteCapping(subject: Subject, capping: MessageCapping): Promise<void> {
    const restriction = readCapping(capping, this.timing.now());
    if (restriction) await this.restrict(subject, restriction);
  }

  private async restrict(subject: Subject, restriction: Restriction): Promise<void> {
    if (await this.restrictions.note(subject.connectionId, restriction)) this.news.restriction(subject, restriction);
  }

  private async write(lease: Lease, set: string, params: readonly unknown[]): Promise<boolean> {
    const rows = await this.path.query(
      `update linked_session set ${set}, updated_at = now()
        where connection_id = $1 and holder = $2 and fence = $3 returning 1`,
      [lease.connectionId, lease.holder, lease.fence, ...params],
    );
    return rows.length > 0;
  }
}

const CHANGE = `
  state = $4, state_reason = $5, state_at = case when state = $4 then state_at else now() end,
  attempts = coalesce($6, attempts), close_code = case when $8::int is null then close_code else $7::int end,
  close_repeats = coalesce($8::int, close_repeats), next_connect_at = now() + $9 * interval '1 ms',
  secret = null, secret_key_id = null, secret_until = null`;
