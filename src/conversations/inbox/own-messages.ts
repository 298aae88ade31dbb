import type { InboundContent } from '../../messages/message-content.js';
import type { SqlClient } from '../../platform/database/path-pool.js';
import { KEEP_FILES } from '../../media/keep-files.js';
import { toStorableJson } from '../../messages/storable.js';
import { HANDED_OVER, handOver, type HandedOver } from '../handover/hand-over.js';
import type { Placed } from './people.js';

/**
 * What a person of the shop said from the phone or an app of its own: a send that has happened, so that its statuses
 * find it. What we sent ourselves comes back the same way and is known by its id; through the provider's API it may come
 * back before that id is written down, so while we are sending there it is taken for ours. Unless the bot is told to ignore it,
 * it falls silent, for somebody is answering; not for what is so old that it says nothing of now.
 *
 * @returns the conversations that went to a person by it
 */
export async function storeOwnMessages(
  client: SqlClient,
  placed: readonly Placed[],
  now: Date,
): Promise<readonly HandedOver[]> {
  const rows = placed.map(({ event, conversationId, lateAfterMs }, n) => ({
    n,
    tenant_id: event.tenantId,
    bot_id: event.botId,
    conversation_id: conversationId,
    connection_id: event.connectionId,
    dedupe_key: event.providerMessageId,
    body: toOutbound(event.content),
    provider_at: event.providerAt,
    received_at: event.receivedAt,
    by_api: event.isByApi ?? false,
    is_late: now.getTime() - event.providerAt.getTime() > lateAfterMs,
  }));
  const statement = { name: 'ingest-own', text: WRITE_OWN, values: [toStorableJson(rows), now] };
  return (await client.query<HandedOver>(statement)).rows;
}

/** The words outbound content has for it, as far as they go: it is there to be read, not to be sent. */
function toOutbound({ type, ...content }: InboundContent): Record<string, unknown> {
  return { kind: type, ...content };
}

/** A negative turn is one that no conversation ever has. */
const WRITE_OWN = `
  with e as materialized (
    select * from jsonb_to_recordset($1::jsonb) as e(n int, tenant_id uuid, bot_id uuid, conversation_id uuid,
      connection_id uuid, dedupe_key text, body jsonb, provider_at timestamptz, received_at timestamptz,
      by_api boolean, is_late boolean)
  ), fresh as (
    insert into seen (connection_id, dedupe_key, tenant_id)
    select connection_id, dedupe_key, tenant_id from e
     where not exists (select from outbox o
                        where o.connection_id = e.connection_id and o.provider_message_id = e.dedupe_key)
       and not exists (select from linked_sent l
                        where l.connection_id = e.connection_id and l.message_id = e.dedupe_key)
       and not (e.by_api and exists (
         select from outbox o where o.conversation_id = e.conversation_id and o.status in ('sending', 'unknown')))
     order by connection_id, dedupe_key
    on conflict do nothing
    returning connection_id, dedupe_key
  ), taken as materialized (
    select e.*, nextval('outbox_id_seq') as id
      from (select e.* from e join fresh using (connection_id, dedupe_key) order by e.n) e
  ), stored as (
    insert into outbox (id, tenant_id, conversation_id, connection_id, turn, idx, kind, effect_key, body, status,
                        attempt, provider_message_id, delivery, delivery_at, sent_at, created_at)
    overriding system value
    select id, tenant_id, conversation_id, connection_id, -id, 0, 'send', 'echo:' || dedupe_key, body, 'sent',
           1, dedupe_key, 'sent', provider_at, provider_at, received_at
      from taken
  ), files as (${KEEP_FILES}
  ), answered as (
    select distinct t.tenant_id, t.conversation_id
      from taken t join bot b on b.id = t.bot_id and b.echo_hands_over
     where not t.is_late
  )
  select ${HANDED_OVER} from answered a cross join lateral ${handOver({
    tenantId: 'a.tenant_id',
    conversationId: 'a.conversation_id',
    by: `'echo'`,
    at: '$2',
  })}`;
