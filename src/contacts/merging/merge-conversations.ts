import type { EntityManager } from 'typeorm';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import { mergeCarts } from './merge-carts.js';

type Row = { id: string; botId: string; contactId: string };

/** One conversation per bot; the one of the contact that stays keeps its id, else the oldest. */
export async function mergeConversations(
  tx: EntityManager,
  tenantId: TenantId,
  winner: string,
  contacts: readonly string[],
): Promise<void> {
  const locked: Row[] = await tx.query(
    `select id, bot_id as "botId", contact_id as "contactId" from conversation
      where tenant_id = $1 and contact_id = any($2::uuid[]) order by id for update`,
    [tenantId, contacts],
  );
  if (locked.length === 0) return;
  const oldestFirst: Row[] = await tx.query(
    `select id, bot_id as "botId", contact_id as "contactId" from conversation
      where tenant_id = $1 and contact_id = any($2::uuid[]) order by created_at, id`,
    [tenantId, contacts],
  );
  for (const ofBot of Map.groupBy(oldestFirst, ({ botId }) => botId).values()) {
    const stays = ofBot.find(({ contactId }) => contactId === winner) ?? ofBot[0];
    if (!stays) continue;
    for (const { id } of ofBot) if (id !== stays.id) await absorb(tx, tenantId, stays.id, id);
    if (stays.contactId === winner) continue;
    await tx.query('update conversation set contact_id = $3 where tenant_id = $1 and id = $2', [
      tenantId,
      stays.id,
      winner,
    ]);
  }
}

/** Everything of `goes` becomes `stays`'s; both rows are locked. */
async function absorb(tx: EntityManager, tenantId: TenantId, stays: string, goes: string): Promise<void> {
  const ids = [tenantId, stays, goes];
  const unread = await moveInbox(tx, ids);
  // Sends leave by id, across both; a negative turn is one that neither conversation ever had.
  await tx.query(
    'update outbox set conversation_id = $2, turn = -id where tenant_id = $1 and conversation_id = $3',
    ids,
  );
  await mergeCarts(tx, tenantId, stays, goes);
  await tx.query('update sales_order set conversation_id = $2 where tenant_id = $1 and conversation_id = $3', ids);
  await tx.query(JOIN_ROWS, [...ids, unread]);
  await tx.query(
    'update conversation_alias set conversation_id = $2 where tenant_id = $1 and conversation_id = $3',
    ids,
  );
  await tx.query('insert into conversation_alias (tenant_id, old_id, conversation_id) values ($1, $3, $2)', ids);
  await tx.query('delete from conversation where tenant_id = $1 and id = $3 and id <> $2', ids);
}

/**
 * Unread messages of both are numbered anew in the order they came; within one conversation that order is `seq`, so a
 * message is never put before the one it followed (INV-3).
 *
 * @returns how many are unread
 */
async function moveInbox(tx: EntityManager, ids: readonly string[]): Promise<number> {
  const [row]: { unread: number }[] = await tx.query(
    `with unread as (
       select id, received_at, row_number() over (order by came_at, conversation_id, seq) as place
         from (select i.*, max(i.received_at) over (partition by i.conversation_id order by i.seq) as came_at
                 from inbox i
                where i.tenant_id = $1 and i.conversation_id in ($2, $3) and i.done_at is null) i
     ), numbered as (
       update inbox i set conversation_id = $2, seq = u.place - 1 + (
              select max(next_seq) from conversation where tenant_id = $1 and id in ($2, $3))
         from unread u where i.id = u.id and i.received_at = u.received_at
       returning 1
     ), moved as (
       update inbox set conversation_id = $2
        where tenant_id = $1 and conversation_id = $3 and done_at is not null
     )
     select count(*)::int as unread from numbered`,
    [...ids],
  );
  return row?.unread ?? 0;
}

/**
 * The session that was used last goes on, whichever conversation it was in; a person who has either has both. The
 * address is where the customer wrote from last. It counts as a turn: what was known of either after its last one is old.
 */
const JOIN_ROWS = `
  with pair as (
    select * from conversation where tenant_id = $1 and id in ($2, $3)
  ), session as (
    select * from pair order by state is not null desc, last_in_at desc nulls last, id = $2 desc limit 1
  ), last as (
    select * from pair order by last_in_at desc nulls last, id = $2 desc limit 1
  ), held as (
    select handoff from pair where handoff is not null order by id = (select id from session) desc limit 1
  ), total as (
    select max(next_seq) as next_seq, max(turn) as turn, max(last_in_at) as last_in_at, min(created_at) as created_at,
           (array_agg(phone) filter (where phone is not null))[1] as phone,
           (array_agg(profile_name) filter (where profile_name is not null))[1] as profile_name
      from pair
  ), heard as (
    select jsonb_object_agg(line, at) as by_line
      from (select line, max(at) as at
              from (select connection_id::text as line, last_in_at as at from pair where last_in_at is not null
                    union all
                    select key, value::timestamptz from pair, jsonb_each_text(coalesce(heard_before, '{}'))) told
             where line <> (select connection_id::text from last) group by line) others
  )
  update conversation c set
      state = session.state, version_id = session.version_id, fails = session.fails,
      parked_reason = session.parked_reason,
      mode = case when (select handoff from held) is null then 'bot' else 'human' end,
      handoff = (select handoff from held),
      ready_at = case when $4::int > 0 then least(session.ready_at, now()) else session.ready_at end,
      next_seq = total.next_seq + $4::int, turn = total.turn + 1,
      connection_id = last.connection_id, address = last.address,
      phone = coalesce(last.phone, total.phone), profile_name = coalesce(last.profile_name, total.profile_name),
      heard_before = heard.by_line, last_in_at = total.last_in_at, created_at = total.created_at
    from session, last, total, heard where c.tenant_id = $1 and c.id = $2`;
