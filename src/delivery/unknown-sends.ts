import { Injectable } from '@nestjs/common';
import { logEvents } from '../analytics/log-events.sql.js';
import { HANDED_OVER, handOver, publishHandOvers, type HandedOver } from '../conversations/handover/hand-over.js';
import { PathPool } from '../platform/database/path-pool.js';
import { LiveEvents } from '../platform/live-events.js';
import { Wake } from '../platform/wake.js';
import { isNotice } from './outbox/notices.js';
import { STILL_WAITING, waitingBehind } from './outbox/waiting-behind.js';
import { MAX_ATTEMPTS } from './settlement.js';
import { FAILURE_PATIENCE } from './outbox/status-events.js';

const MAX_ROWS = 500;

/** A live worker records within its deadline, so whoever holds an expired lease is dead or frozen. */
const EXPIRE = `
  with expired as (
    select id from outbox where status = 'sending' and kind = 'send' and lease_until < now()
    order by lease_until limit ${MAX_ROWS} for update skip locked
  ), lost as (
    update outbox o set status = 'unknown', unknown_at = now(), lease_until = null,
      error = jsonb_build_object('code', 'unknown', 'class', 'unknown', 'reason', 'the worker that sent it is gone')
    from expired e where o.id = e.id
    returning o.id, o.conversation_id
  )
  update outbox f set next_at = now() + $1 * interval '1 ms' from lost l ${waitingBehind('l')}
  where ${STILL_WAITING}`;

/** A linked device that has to reconnect between its tries waits longer than most graces, and up to 5 minutes. */
const GRACES_FOR_A_DEVICE = 5;

/**
 * What a linked device sent is only told by its own socket, so while that is on its way back, the grace has not begun;
 * but somebody waits for what is behind.
 */
const IS_DUE = `status = 'unknown' and kind = 'send' and unknown_at <= now() - $1 * interval '1 ms'
  and (unknown_at <= now() - ${GRACES_FOR_A_DEVICE} * $1 * interval '1 ms' or not exists (
    select 1 from linked_session s where s.connection_id = outbox.connection_id
      and (s.state in ('connecting', 'waiting')
        or s.state = 'open' and (s.lease_until <= now() or s.last_open_at > now() - $1 * interval '1 ms'))))`;
const MAY_RESEND = `resend_policy = 'auto' and attempt < ${MAX_ATTEMPTS}`;

const RESEND = `
  with due as (
    select id from outbox where ${IS_DUE} and ${MAY_RESEND}
    order by unknown_at limit ${MAX_ROWS} for update skip locked
  )
  update outbox o set status = 'pending', next_at = now(), unknown_at = null
  from due where o.id = due.id
  returning o.id`;

const GIVE_UP = `
  with gone as (
    update outbox set status = 'failed', unknown_at = null, tell_failure_at = now() + ${FAILURE_PATIENCE},
      error = jsonb_build_object('code', 'unknown', 'class', 'unknown', 'reason', error->>'reason')
    where conversation_id = any($2::uuid[]) and ${IS_DUE} and not (${MAY_RESEND})
    returning *
  ), behind as (
    update outbox f set next_at = now() from gone g ${waitingBehind('g')}
    where ${STILL_WAITING} and w.next_at > now()
  ), handed as (
    select ${HANDED_OVER} from (select distinct tenant_id, conversation_id from gone) g
     cross join lateral ${handOver({ tenantId: 'g.tenant_id', conversationId: 'g.conversation_id', by: `'unknown_send'` })}
  ), logged as (
    ${logEvents(`select g.tenant_id, c.bot_id, 'message.out', now(), jsonb_build_object(
      'conversationId', g.conversation_id, 'outboxId', g.id::text, 'isNotice', ${isNotice('g')}, 'outcome', 'unknown', 'provider', c.provider,
      'responseMs', null, 'errorClass', 'unknown')
    from gone g join connection c on c.id = g.connection_id`)}
  )
  select (select count(*)::int from gone) as count,
         (select coalesce(jsonb_agg(to_jsonb(h)), '[]') from handed h) as "handedOver"`;

/** Sends whose outcome nobody knows, across tenants. What becomes of them when: ReconcilerService. */
@Injectable()
export class UnknownSends {
  constructor(
    private readonly path: PathPool,
    private readonly live: LiveEvents,
    private readonly wake: Wake,
  ) {}

  /** @param graceMs how long what waits behind them is not looked at */
  async expireLeases(graceMs: number): Promise<void> {
    await this.path.query(EXPIRE, [graceMs]);
  }

  /** @returns how many whose grace is over go again */
  async resend(graceMs: number): Promise<number> {
    const { length } = await this.path.query(RESEND, [graceMs]);
    if (length > 0) this.wake.signal('outbox');
    return length;
  }

  /**
   * Ends those that must not go again; a person gets their conversations. The turn loop locks a conversation before its
   * outbox rows; so does this, or the two could wait for each other.
   *
   * @returns how many
   */
  async giveUp(graceMs: number): Promise<number> {
    const { count, handedOver } = await this.path.transaction(async (client) => {
      const due = await client.query<{ conversation_id: string }>(
        `select distinct conversation_id from outbox where ${IS_DUE} and not (${MAY_RESEND}) limit ${MAX_ROWS}`,
        [graceMs],
      );
      if (due.rows.length === 0) return NONE;
      const ids = due.rows.map(({ conversation_id: id }) => id);
      await client.query('select 1 from conversation where id = any($1::uuid[]) order by id for update', [ids]);
      return (await client.query<Given>(GIVE_UP, [graceMs, ids])).rows[0] ?? NONE;
    });
    publishHandOvers(this.live, handedOver);
    if (count > 0) this.wake.signal('outbox');
    return count;
  }
}

type Given = { readonly count: number; readonly handedOver: readonly HandedOver[] };
const NONE: Given = { count: 0, handedOver: [] };
