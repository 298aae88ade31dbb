import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { toStorableJson } from '../../messages/storable.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';

/** What did not come from a customer. */
export type InboxEntry = {
  readonly conversationId: string;
  readonly connectionId: string | null;
  readonly kind: 'event' | 'effect_result' | 'operator' | 'notice';
  readonly dedupeKey: string;
  readonly body: unknown;
};

/** SQL: an entry from the parameters that `ownEntry` gives. */
export const OWN_ENTRY = 'row($1, $2, $3, $4, $5, $6, null, null, false, 0, null, null, null)::inbox_entry';

export function ownEntry(
  tenantId: TenantId,
  { conversationId, connectionId, kind, dedupeKey, body }: InboxEntry,
): unknown[] {
  return [tenantId, conversationId, connectionId, kind, dedupeKey, toStorableJson(body)];
}

/**
 * Puts an entry behind everything that is in the conversation, and makes a turn due. Takes the conversation's row, which
 * ingest and turns want too. Entries of one key are the caller's business.
 *
 * @returns the row's id; null when there is no such conversation
 */
export async function appendInbox(tx: EntityManager, tenantId: TenantId, entry: InboxEntry): Promise<string | null> {
  const rows: { id: string }[] = await tx.query(
    // The comment is for whoever looks what a statement writes (platform/cache/written-tables.ts).
    `select id::text from append_inbox(array[${OWN_ENTRY}]) /* insert into inbox */`,
    ownEntry(tenantId, entry),
  );
  return rows[0]?.id ?? null;
}

/** Tells the flow that the bot has the conversation again, in order with what the customer wrote. */
export async function appendResume(tx: EntityManager, tenantId: TenantId, conversationId: string): Promise<void> {
  const dedupeKey = `resume:${randomUUID()}`;
  await appendInbox(tx, tenantId, {
    conversationId,
    connectionId: null,
    kind: 'event',
    dedupeKey,
    body: { name: 'resume' },
  });
}

/** SQL: rows of the inbox are read; `ids` and the moments between which they lie are expressions. */
export function markRead(ids: string, from: string, until: string): string {
  return `update inbox set done_at = now() where id = any(${ids}) and received_at >= ${from} and received_at <= ${until}`;
}
