import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import type { OutboundContent } from '../../messages/message-content.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import { toStorableJson } from '../../messages/storable.js';

export type OwnWords = {
  readonly kind: 'operator' | 'notice';
  readonly content: OutboundContent;
  /** Same key, same message: the second is not sent. */
  readonly key: string | null;
};

/**
 * Puts words of ours into a conversation's inbox, so that they leave in order with everything else that happens in it.
 *
 * @returns id of the inbox row, this call's or the first one's under the same key
 */
export async function putOwnWords(
  tx: EntityManager,
  tenantId: TenantId,
  conversation: { readonly id: string; readonly connectionId: string },
  { kind, content, key }: OwnWords,
): Promise<string> {
  const dedupeKey = `${kind}:${key ?? randomUUID()}`;
  await tx.query('select 1 from conversation where tenant_id = $1 and id = $2 for update', [tenantId, conversation.id]);
  const rows: { id: string }[] = await tx.query(
    `with fresh as (
       insert into seen (connection_id, dedupe_key, tenant_id) values ($3, $4, $1)
       on conflict do nothing returning dedupe_key
     ), moved as (
       update conversation c set next_seq = c.next_seq + 1, ready_at = least(coalesce(c.ready_at, now()), now())
         from fresh where c.tenant_id = $1 and c.id = $2 returning c.id, c.next_seq - 1 as seq
     )
     insert into inbox (tenant_id, conversation_id, connection_id, seq, kind, dedupe_key, body, received_at)
     select $1, moved.id, $3, moved.seq, $5, $4, $6::jsonb, clock_timestamp() from moved returning id::text`,
    [tenantId, conversation.id, conversation.connectionId, dedupeKey, kind, toStorableJson(content)],
  );
  if (rows[0]) return rows[0].id;
  const earlier: { id: string }[] = await tx.query(
    'select id::text from inbox where tenant_id = $1 and conversation_id = $2 and dedupe_key = $3 order by id limit 1',
    [tenantId, conversation.id, dedupeKey],
  );
  if (!earlier[0]) throw new Error(`The key ${dedupeKey} belongs to another conversation`);
  return earlier[0].id;
}
