import type { EntityManager } from 'typeorm';

/**
 * Unread messages of both are numbered anew in the order they came; within one conversation that order is `seq`, so a
 * message is never put before the one it followed (INV-3).
 *
 * @returns how many are unread
 */
export async function moveInbox(tx: EntityManager, ids: readonly string[]): Promise<number> {
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
