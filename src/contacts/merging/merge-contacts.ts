import type { EntityManager } from 'typeorm';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import { emitEvent } from '../../webhooks/outgoing-events.js';
import { mergeConversations } from '../../conversations/merge-conversations.js';
import { moveOrders } from '../../orders/merge-orders.js';

/** Everything else of ours that names a contact and needs no more than the new id. */
const NAME_WINNER = [
  'update contact_identity set contact_id = $3 where tenant_id = $1 and contact_id = any($2::uuid[])',
  'update contact_alias set contact_id = $3 where tenant_id = $1 and contact_id = any($2::uuid[])',
  'update contact_note set contact_id = $3 where tenant_id = $1 and contact_id = any($2::uuid[])',
];

/**
 * Makes several contacts one. Locks come in the order everybody takes them: effects that run, contacts, conversations.
 * So no action is half done when its conversation goes, and no message overtakes another (INV-3).
 *
 * An old id stays good: it answers as the contact it became.
 */
export async function mergeContacts(
  tx: EntityManager,
  tenantId: TenantId,
  winner: string,
  losers: readonly string[],
): Promise<void> {
  const everybody = [winner, ...losers];
  await tx.query(
    `select 1 from outbox o join conversation c on c.id = o.conversation_id
      where c.tenant_id = $1 and c.contact_id = any($2::uuid[]) and o.status = 'pending' and o.kind in ('action', 'api')
      order by o.id for update of o`,
    [tenantId, everybody],
  );
  await tx.query('select 1 from contact where tenant_id = $1 and id = any($2::uuid[]) order by id for update', [
    tenantId,
    everybody,
  ]);
  await mergeConversations(tx, tenantId, winner, everybody);
  await moveOrders(tx, tenantId, winner, losers);
  for (const sql of NAME_WINNER) await tx.query(sql, [tenantId, losers, winner]);
  const revision = await gatherFields(tx, tenantId, winner, losers);
  await tx.query(
    `insert into contact_alias (tenant_id, old_id, contact_id) select $1, id, $3 from unnest($2::uuid[]) id`,
    [tenantId, losers, winner],
  );
  await tx.query('delete from contact where tenant_id = $1 and id = any($2::uuid[])', [tenantId, losers]);
  await emitEvent(tx, tenantId, 'contact.changed', { contactId: winner, revision, mergedIds: losers });
}

/** What the oldest does not know, the next oldest may; tags come together. @returns its revision */
async function gatherFields(
  tx: EntityManager,
  tenantId: TenantId,
  winner: string,
  losers: readonly string[],
): Promise<number> {
  const [rows]: [{ revision: number }[], number] = await tx.query(
    `with o as (
       select (array_agg(name order by created_at, id) filter (where name is not null))[1] as name,
              (array_agg(phone order by created_at, id) filter (where phone is not null))[1] as phone,
              (array_agg(locale order by created_at, id) filter (where locale is not null))[1] as locale,
              max(revision) as revision, (
                select jsonb_object_agg(key, value order by m.created_at desc, m.id desc)
                  from contact m, jsonb_each(m.fields) where m.tenant_id = $1 and m.id = any($3::uuid[])) as fields
         from contact where tenant_id = $1 and id = any($3::uuid[])
     ), tags as (
       select coalesce(array_agg(distinct tag order by tag), '{}') as all_tags
         from contact, unnest(tags) tag where tenant_id = $1 and (id = $2 or id = any($3::uuid[]))
     )
     update contact c set name = coalesce(c.name, o.name), phone = coalesce(c.phone, o.phone),
            locale = coalesce(c.locale, o.locale), tags = tags.all_tags,
            fields = coalesce(o.fields, '{}') || c.fields,
            revision = greatest(c.revision, o.revision) + 1, updated_at = now()
       from o, tags where c.tenant_id = $1 and c.id = $2
     returning c.revision`,
    [tenantId, winner, losers],
  );
  return rows[0]?.revision ?? 1;
}
