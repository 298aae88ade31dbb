import type { SqlClient } from '../../platform/database/path-pool.js';
import type { ReceivedEvent } from './ingest-event.js';
import { toStorableJson } from '../../messages/storable.js';

/** What is said in groups makes nobody a customer and no turn: it is kept to be read. Once per message (INV-2). */
export async function storeGroupMessages(client: SqlClient, events: readonly ReceivedEvent[]): Promise<void> {
  await client.query({
    name: 'ingest-groups',
    text: `
      insert into group_message (tenant_id, bot_id, connection_id, dedupe_key, group_id, is_own, author_address,
                                 author_phone, author_name, body, provider_at, received_at)
      select * from jsonb_to_recordset($1::jsonb) as g(tenant_id uuid, bot_id uuid, connection_id uuid,
        dedupe_key text, group_id text, is_own boolean, author_address text, author_phone text, author_name text,
        body jsonb, provider_at timestamptz, received_at timestamptz)
       order by connection_id, dedupe_key
      on conflict (connection_id, dedupe_key) do update set body = excluded.body
        where coalesce((group_message.body ->> 'isPlaceholder')::boolean, false)
          and not coalesce((excluded.body ->> 'isPlaceholder')::boolean, false)`,
    values: [toStorableJson(onePerMessage(events).map(toRow))],
  });
}

function toRow(event: ReceivedEvent) {
  return {
    tenant_id: event.tenantId,
    bot_id: event.botId,
    connection_id: event.connectionId,
    dedupe_key: event.providerMessageId,
    group_id: event.groupId,
    is_own: event.isOwn ?? false,
    author_address: event.address,
    author_phone: event.phone,
    author_name: event.profileName,
    body: event.content,
    provider_at: event.providerAt,
    received_at: event.receivedAt,
  };
}

/** One statement cannot change a row twice; of two copies the one with content counts. */
function onePerMessage(events: readonly ReceivedEvent[]): ReceivedEvent[] {
  const byKey = new Map<string, ReceivedEvent>();
  for (const event of events) {
    const key = `${event.connectionId} ${event.providerMessageId}`;
    if (byKey.get(key)?.content.isPlaceholder ?? true) byKey.set(key, event);
  }
  return [...byKey.values()];
}
