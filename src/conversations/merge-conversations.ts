import type { EntityManager } from 'typeorm';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { HANDED_OVER, handOver, handOverIn, reasonIn } from './handover/hand-over.js';
import { moveInbox } from './inbox/move-inbox.js';
import { mergeCarts } from '../orders/merge-orders.js';

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
  await tx.query(JOIN_ROWS, [...ids, unread]);
  await handOverIn(tx, TAKE_HANDOFF, ids);
  await tx.query(
    'update conversation_alias set conversation_id = $2 where tenant_id = $1 and conversation_id = $3',
    ids,
  );
  await tx.query('insert into conversation_alias (tenant_id, old_id, conversation_id) values ($1, $3, $2)', ids);
  await tx.query('delete from conversation where tenant_id = $1 and id = $3 and id <> $2', ids);
}

/**
 * The session that was used last goes on, whichever conversation it was in. The address is where the customer wrote
 * from last. It counts as a turn: what was known of either after its last one is old.
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
  ), received as (
    select jsonb_object_agg(line, at) as by_line
      from (select line, max(at) as at
              from (select connection_id::text as line, last_in_at as at from pair where last_in_at is not null
                    union all
                    select key, value::timestamptz from pair, jsonb_each_text(coalesce(heard_before, '{}'))) each_line
             where line <> (select connection_id::text from last) group by line) others
  )
  update conversation c set
      state = session.state, version_id = session.version_id, fails = session.fails,
      parked_reason = session.parked_reason,
      handoff = case when c.mode = 'human' then (select handoff from held) end,
      ready_at = case when $4::int > 0 then least(session.ready_at, now()) else session.ready_at end,
      next_seq = total.next_seq + $4::int, turn = total.turn + 1,
      connection_id = last.connection_id, address = last.address,
      phone = coalesce(last.phone, total.phone), profile_name = coalesce(last.profile_name, total.profile_name),
      heard_before = received.by_line, last_in_at = total.last_in_at, created_at = total.created_at
    from session, last, total, received where c.tenant_id = $1 and c.id = $2`;

/** A person who has the one that goes has the other too, for the same reason. */
const TAKE_HANDOFF = `
  select ${HANDED_OVER} from conversation goes
   cross join lateral ${handOver({ tenantId: '$1', conversationId: '$2', ...reasonIn('goes.handoff') })}
   where goes.tenant_id = $1 and goes.id = $3 and goes.handoff is not null`;
