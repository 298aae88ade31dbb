import { Injectable } from '@nestjs/common';
import { isNotice } from './notices.js';
import { logEvents } from '../../analytics/log-events.sql.js';
import { PathPool } from '../../platform/database/path-pool.js';
import { ConnectionDirectory } from '../../connections/connection-directory.service.js';
import { toStorableText } from '../../messages/storable.js';
import { CLAIMED_SEND, type ClaimedSend, type SendError } from './claimed-send.js';
import type { Settlement } from '../settlement.js';
import { emitSteps } from './status-events.js';
import { STILL_WAITING, waitingBehind } from './waiting-behind.js';

/** Longer than a send's deadline (10 s, at most 14), so that a live worker's row is never taken for a dead one's. */
export const LEASE_MS = 15_000;

export type Settled = { readonly claimed: ClaimedSend; readonly settlement: Settlement };

/**
 * Heads only: due, and first among the open sends of the conversation (INV-3). Asked per lane along `outbox_due`. The
 * shape of "is the first" leaves the planner one way, a probe of `outbox_open` per row: as `not exists` it became a join
 * over all open rows, with a plain `p.id` a walk along the primary key; both took minutes with statistics a burst old.
 * Connections whose sockets another process holds ($3) are left to it.
 */
const CLAIM = {
  name: 'outbox-claim',
  text: `
  with head as (
    select due.id
    from (values (0::smallint), (1::smallint), (2::smallint)) as l(lane)
    cross join lateral (
      select o.id from outbox o
      where o.lane = l.lane and o.status = 'pending' and o.kind = 'send' and o.next_at <= now()
        and o.connection_id <> all($3::uuid[])
        and (
          select true from outbox p
          where p.conversation_id = o.conversation_id and p.id + 0 < o.id and p.kind = 'send'
            and p.status in ('pending', 'sending', 'unknown')
          limit 1) is null
      order by o.next_at, o.id limit $1
      for update of o skip locked
    ) due
    limit $1
  ), claimed as (
    update outbox o set status = 'sending', attempt = o.attempt + 1, lease_until = now() + $2 * interval '1 ms'
    from head where o.id = head.id
    returning o.*
  )
  select ${CLAIMED_SEND}
  from claimed c left join conversation v on v.id = c.conversation_id
  order by c.lane, c.id`,
};

/**
 * One round trip for a batch of outcomes. A row that has moved on (a status settled it, or another attempt runs) is
 * left alone. Sends that wait behind a held row get its time, so that claims need not step over them again and again,
 * and are called back when it is settled.
 */
const RECORD = {
  name: 'outbox-record',
  text: `
  with r as (
    select * from unnest($1::bigint[], $2::int[], $3::text[], $4::text[], $5::float8[], $6::uuid[], $7::jsonb[], $8::int[],
        $9::jsonb[])
      as r(id, attempt, status, provider_message_id, delay_ms, connection_id, error, refund, sent_as)
  ), locked as (
    select o.id, o.told as told_before from outbox o join r on r.id = o.id order by o.id for update of o
  ), done as (
    update outbox o set
      status = r.status,
      attempt = o.attempt - r.refund,
      connection_id = coalesce(r.connection_id, o.connection_id),
      provider_message_id = coalesce(o.provider_message_id, r.provider_message_id),
      next_at = case when r.status = 'pending' then now() + r.delay_ms * interval '1 ms' else o.next_at end,
      lease_until = null,
      unknown_at = case when r.status = 'unknown' then coalesce(o.unknown_at, now()) end,
      error = r.error,
      sent_as = coalesce(r.sent_as, o.sent_as),
      sent_at = case when r.status = 'sent' then now() else o.sent_at end,
      unconfirmed_since = case when r.status = 'sent' then now() end,
      told = case when r.status = 'sent' then greatest(o.told, 1) else o.told end,
      tell_failure_at = case when r.status = 'failed' then now() else o.tell_failure_at end
    from r join locked on locked.id = r.id
    where o.id = r.id and o.attempt = r.attempt and o.status in ('sending', 'unknown')
    returning o.*, now() + r.delay_ms * interval '1 ms' as held_until, locked.told_before
  ), emitted as (
    ${emitSteps('done')}
  ), behind as (
    update outbox f set next_at = case when d.status in ('sent', 'failed') then now() else d.held_until end
    from done d ${waitingBehind('d')}
    where ${STILL_WAITING}
      and case when d.status in ('sent', 'failed') then w.next_at > now()
          else w.next_at < d.held_until and d.held_until > now() + interval '1 s' end
  ), logged as (
    ${logEvents(`select d.tenant_id, c.bot_id, 'message.out', now(), jsonb_build_object(
      'conversationId', d.conversation_id, 'outboxId', d.id::text, 'isNotice', ${isNotice('d')}, 'outcome', d.status, 'provider', c.provider,
      'responseMs', case when d.status = 'sent'
        then round(extract(epoch from now() - d.triggered_at) * 1000) end,
      'errorClass', d.error->>'class')
    from done d join connection c on c.id = d.connection_id
    where d.status in ('sent', 'failed')`)}
  ), spoke as (
    update connection k set last_out_at = now()
    from (
      select id from connection where id in (select connection_id from done where status = 'sent')
        and (last_out_at is null or last_out_at < now() - interval '10 seconds')
      for no key update skip locked
    ) due
    where k.id = due.id
  )
  select id::text as "id", (select count(*) from emitted) as emitted from done`,
};

/** The outbox as the dispatcher sees it. Runs as `path`, across tenants. */
@Injectable()
export class OutboxQueries {
  constructor(
    private readonly path: PathPool,
    private readonly connections: ConnectionDirectory,
  ) {}

  /** Commits the attempts before it answers (INV-5). */
  claim(limit: number): Promise<ClaimedSend[]> {
    return this.path.query<ClaimedSend>(CLAIM, [limit, LEASE_MS, this.connections.heldElsewhere()]);
  }

  /**
   * @param graceMs how long an ambiguous send is held
   * @returns ids that moved; the others had moved on before
   */
  async record(batch: readonly Settled[], graceMs: number): Promise<Set<string>> {
    const rows = batch.map(({ claimed, settlement }) => toRecordRow(claimed, settlement, graceMs));
    const column = <K extends keyof RecordRow>(key: K) => rows.map((row) => row[key]);
    const moved = await this.path.query<{ id: string }>(RECORD, [
      column('id'),
      column('attempt'),
      column('status'),
      column('providerMessageId'),
      column('delayMs'),
      column('connectionId'),
      column('error'),
      column('refund'),
      column('sentAs'),
    ]);
    return new Set(moved.map(({ id }) => id));
  }
}

type RecordRow = ReturnType<typeof toRecordRow>;

function toRecordRow({ id, attempt }: ClaimedSend, settlement: Settlement, graceMs: number) {
  const { to } = settlement;
  return {
    id,
    attempt,
    status: to === 'deferred' ? 'pending' : to,
    providerMessageId: to === 'sent' ? settlement.providerMessageId : null,
    delayMs: to === 'pending' || to === 'deferred' ? settlement.delayMs : to === 'unknown' ? graceMs : 0,
    connectionId: to === 'pending' || to === 'deferred' ? (settlement.connectionId ?? null) : null,
    error: 'error' in settlement && settlement.error ? toJson(settlement.error) : null,
    refund: to === 'deferred' ? 1 : 0,
    sentAs: to === 'sent' && settlement.sentAs ? JSON.stringify(settlement.sentAs) : null,
  };
}

/** A provider's odd error text must not stop a batch. */
export function toJson(error: SendError): string {
  const { code, class: errorClass, reason, rule } = error;
  return JSON.stringify({
    code: toStorableText(code, 500),
    class: errorClass,
    reason: toStorableText(reason, 500),
    ...(rule && { rule }),
  });
}
