import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import type { OutboundContent } from '../../messages/message-content.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import { OWN_ENTRY, ownEntry } from './append-inbox.js';

export type OperatorMessage = {
  /** A person's, or a notice of the shop's own. */
  readonly kind: 'operator' | 'notice';
  readonly content: OutboundContent;
  /** Same key, same message: the second is not sent. */
  readonly key: string | null;
};

/**
 * Puts a message of ours into a conversation's inbox, so that it leaves in order with everything else that happens in it.
 *
 * @returns id of the inbox row, this call's or the first one's under the same key
 */
export async function appendOperatorMessage(
  tx: EntityManager,
  tenantId: TenantId,
  conversation: { readonly id: string; readonly connectionId: string },
  { kind, content, key }: OperatorMessage,
): Promise<string> {
  const dedupeKey = `${kind}:${key ?? randomUUID()}`;
  const { id: conversationId, connectionId } = conversation;
  await tx.query('select 1 from conversation where tenant_id = $1 and id = $2 for update', [tenantId, conversationId]);
  const rows: { id: string }[] = await tx.query(
    `with fresh as (
       insert into seen (connection_id, dedupe_key, tenant_id) values ($3, $5, $1)
       on conflict do nothing returning dedupe_key
     ), entry as (
       select array_agg(${OWN_ENTRY}) as entries from fresh
     )
     select id::text from entry cross join lateral append_inbox(entry.entries)`,
    ownEntry(tenantId, { conversationId, connectionId, kind, dedupeKey, body: content }),
  );
  if (rows[0]) return rows[0].id;
  const earlier: { id: string }[] = await tx.query(
    'select id::text from inbox where tenant_id = $1 and conversation_id = $2 and dedupe_key = $3 order by id limit 1',
    [tenantId, conversationId, dedupeKey],
  );
  if (!earlier[0]) throw new Error(`The key ${dedupeKey} belongs to another conversation`);
  return earlier[0].id;
}
