import { Injectable, Logger } from '@nestjs/common';
import { logEvents } from '../../analytics/log-events.sql.js';
import { PathPool } from '../../platform/database/path-pool.js';
import { LiveEvents } from '../../platform/live-events.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import { Wake } from '../../platform/wake.js';
import type { DeliveryStatus } from '../../providers/whatsapp-provider.js';
import type { SendError } from '../outbox/claimed-send.js';
import { toJson } from '../outbox/outbox.queries.js';
import { stepOf, emitSteps } from '../outbox/status-events.js';
import { isNotice } from '../outbox/notices.js';
import { failurePatienceOf } from './failure-patience.js';
import { STILL_WAITING, waitingBehind } from '../outbox/waiting-behind.js';

export type StatusUpdate = {
  /** The connection it came by: a status settles only that connection's messages. */
  readonly connectionId: string;
  /** Our id as the provider echoed it; anything but an id of ours matches nothing. */
  readonly outboxId: string | null;
  readonly providerMessageId: string | null;
  readonly status: Exclude<DeliveryStatus, 'queued'>;
  /** When it happened, by the provider's clock. */
  readonly at: Date;
  /** Only with `failed`. */
  readonly error?: SendError;
  /** Instead of an id of ours, where a provider echoes what it sent and not what we called it. */
  readonly said?: { readonly identities: readonly string[]; readonly text: string };
};

/**
 * `failed` stands between sent and delivered: it beats an acceptance and gives way to proof of arrival. With that, a
 * row is the maximum of all it was ever told, so order and repetition cannot matter (INV-6).
 */
const RANKS: Record<StatusUpdate['status'], number> = { sent: 1, failed: 2, delivered: 3, read: 4, played: 5 };

/** What the row was told so far. Failed as `unknown` is our guess after the grace, and any status is better. */
const RANK_OF_ROW = `(case
  when o.delivery = 'unknown' then 1.5
  when o.delivery is not null then (case o.delivery ${Object.entries(RANKS)
    .map(([status, rank]) => `when '${status}' then ${rank}`)
    .join(' ')} end)
  when o.status = 'failed' and coalesce(o.error->>'code', '') <> 'unknown' then ${RANKS.failed}
  else 0 end)`;

/**
 * An update finds its message by our id; else by the provider's, which is known once the send was answered, or was
 * chosen and written down before it (`linked_sent`). An arrival also counts from a connection that had reported it as
 * failed; what else such an attempt is told of, is over (`failed_send`).
 */
const APPLY = {
  name: 'delivery-statuses',
  text: `
  with given as (
    select * from unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::int[], $6::timestamptz[], $7::jsonb[])
      with ordinality as g(connection_id, outbox_id, provider_message_id, status, rank, at, error, n)
  ), matched as (
    select o.id as row_id, g.* from given g
      join outbox o on o.id = g.outbox_id and o.connection_id = g.connection_id
      where o.kind = 'send' and o.attempt > 0
    union all
    select o.id, g.* from given g
      join outbox o on o.connection_id = g.connection_id and o.provider_message_id = g.provider_message_id
      where g.outbox_id is null and o.kind = 'send'
    union all
    select o.id, g.* from given g
      join linked_sent l on l.connection_id = g.connection_id and l.message_id = g.provider_message_id
      join outbox o on o.id = l.outbox_id and o.connection_id = l.connection_id
      where g.outbox_id is null and o.kind = 'send' and o.attempt > 0
    union all
    select o.id, g.* from given g
      join failed_send s on s.connection_id = g.connection_id and s.provider_message_id = g.provider_message_id
      join outbox o on o.id = s.outbox_id and o.connection_id <> s.connection_id
      where g.rank >= ${RANKS.delivered}
  ), best as (
    select distinct on (m.row_id) m.* from matched m
    where m.rank >= ${RANKS.delivered} or not exists (select from failed_send s where s.outbox_id = m.row_id
      and s.connection_id = m.connection_id and s.provider_message_id = m.provider_message_id)
    order by row_id, rank desc, at, coalesce(error->>'code', '')
  ), locked as (
    select o.id, o.status as was, o.told as told_before from outbox o where o.id in (select row_id from best) order by o.id for update
  ), moved as (
    update outbox o set
      status = case when b.status = 'failed' then 'failed' else 'sent' end,
      delivery = b.status,
      delivery_at = b.at,
      connection_id = case when o.status = 'pending' then b.connection_id else o.connection_id end,
      provider_message_id = coalesce(o.provider_message_id, b.provider_message_id),
      unconfirmed_since = case when b.status = 'sent' then coalesce(o.unconfirmed_since, now()) end,
      error = b.error,
      told = greatest(o.told, ${stepOf('b.status')}),
      tell_failure_at = case when b.status <> 'failed' then null
        when o.delivery = 'failed' then o.tell_failure_at else now() + ${failurePatienceOf('o.connection_id')} end,
      lease_until = null,
      unknown_at = null,
      sent_at = coalesce(o.sent_at, now())
    from best b join locked l on l.id = b.row_id
    where o.id = b.row_id
      and (${RANK_OF_ROW} < b.rank or (${RANK_OF_ROW} = b.rank
        and (b.at, coalesce(b.error->>'code', '')) < (o.delivery_at, coalesce(o.error->>'code', ''))))
    returning o.*, l.was, l.told_before, b.connection_id <> o.connection_id and l.was in ('sending', 'unknown', 'sent') as is_double
  ), emitted as (
    ${emitSteps('moved')}
  ), behind as (
    update outbox f set next_at = now() from moved m ${waitingBehind('m')}
    where ${STILL_WAITING} and m.was in ('pending', 'sending', 'unknown') and w.next_at > now()
  ), logged as (
    ${logEvents(`select m.tenant_id, c.bot_id, 'message.out', now(), jsonb_build_object(
      'conversationId', m.conversation_id, 'outboxId', m.id::text, 'isNotice', ${isNotice('m')}, 'outcome', m.status, 'provider', c.provider,
      'responseMs', case when m.status = 'sent' and m.was <> 'failed'
        then round(extract(epoch from now() - m.triggered_at) * 1000) end,
      'errorClass', m.error->>'class')
    from moved m join connection c on c.id = m.connection_id
    where m.was <> m.status`)}
  )
  select (select count(distinct n)::int from matched) as matched,
     (select count(*) from emitted) as emitted,
    (select count(*)::int from moved where was in ('pending', 'sending', 'unknown')) as settled,
    (select count(*)::int from moved where is_double) as doubled,
    (select jsonb_agg(jsonb_build_object('tenantId', tenant_id, 'messageId', id::text, 'conversationId', conversation_id,
      'connectionId', connection_id, 'status', delivery) order by id) from moved) as moved`,
};

/**
 * One message of a conversation is on its way at a time, so it is the one that is told of; unless another program wrote
 * to the same customer just then, which other words give away.
 */
const RECOGNISE = `
  select s.n, o.id::text as id
  from jsonb_to_recordset($1::jsonb) as s(n int, connection_id uuid, identities jsonb, text text)
  join connection c on c.id = s.connection_id
  join contact_identity i on i.tenant_id = c.tenant_id
    and i.value in (select jsonb_array_elements_text(s.identities))
  join conversation v on v.bot_id = c.bot_id and v.contact_id = i.contact_id
  join outbox o on o.conversation_id = v.id and o.connection_id = c.id and o.kind = 'send'
    and o.status in ('sending', 'unknown') and o.provider_message_id is null
  where o.body->>'kind' <> 'text' or o.body->>'text' = s.text`;

type Applied = { readonly matched: number; readonly settled: number };
type Row = Applied & { readonly doubled: number; readonly moved: readonly Moved[] | null };
type Moved = { readonly tenantId: TenantId } & Readonly<Record<string, string>>;

/** What providers report after a send. Also the best witness of an ambiguous one: any status proves it arrived. */
@Injectable()
export class DeliveryStatusService {
  private readonly logger = new Logger(DeliveryStatusService.name);

  constructor(
    private readonly path: PathPool,
    private readonly wake: Wake,
    private readonly live: LiveEvents,
  ) {}

  /**
   * Durable when it resolves. One statement for the batch, in any order, however often.
   *
   * @returns `matched`: updates about messages of ours; `settled`: messages whose outcome was open until now
   */
  async apply(told: readonly StatusUpdate[]): Promise<Applied> {
    if (told.length === 0) return { matched: 0, settled: 0 };
    const updates = await this.recognise(told);
    const params = [
      updates.map(({ connectionId }) => connectionId),
      updates.map(({ outboxId }) => toOutboxId(outboxId)),
      updates.map(({ providerMessageId }) => providerMessageId),
      updates.map(({ status }) => status),
      updates.map(({ status }) => RANKS[status]),
      updates.map(({ at }) => at),
      updates.map(({ status, error }) => (status === 'failed' ? toJson(error ?? UNEXPLAINED) : null)),
    ];
    const applied = await this.path.transaction(async (client) => {
      const { rows } = await client.query<Row>({ ...APPLY, values: params });
      return rows[0];
    });
    if (applied && applied.settled > 0) this.wake.signal('outbox');
    if (applied && applied.doubled > 0) {
      this.logger.warn({ messages: applied.doubled }, 'arrived after a failure, and had gone again');
    }
    for (const { tenantId, ...data } of applied?.moved ?? []) this.live.publish(tenantId, 'message.status', data);
    return { matched: applied?.matched ?? 0, settled: applied?.settled ?? 0 };
  }

  private async recognise(updates: readonly StatusUpdate[]): Promise<readonly StatusUpdate[]> {
    const said = updates.flatMap(({ connectionId, said: one }, n) =>
      one ? [{ n, connection_id: connectionId, ...one }] : [],
    );
    if (said.length === 0) return updates;
    const found = await this.path.query<{ n: number; id: string }>(RECOGNISE, [JSON.stringify(said)]);
    const ids = new Map(found.map(({ n, id }) => [n, id]));
    return updates.map((update, n) => ({ ...update, outboxId: ids.get(n) ?? update.outboxId }));
  }
}

const UNEXPLAINED: SendError = { code: 'failed', class: 'failover', reason: 'the provider gave no reason' };

/** What another sender on the number put there is not an id of ours, and must not break the statement. */
function toOutboxId(echo: string | null): string | null {
  return echo !== null && /^[1-9]\d{0,17}$/.test(echo) ? echo : null;
}
