import { HANDED_OVER, handOver, type HandedOver } from '../../conversations/handover/hand-over.js';
import type { PathPool } from '../../platform/database/path-pool.js';
import { emitEvents } from '../../webhooks/outgoing-events.js';
import { body } from '../outbox/status-events.js';

const MAX_ROWS = 500;
/** An answer to what was written longer ago is news to the customer, and nobody waits for it. */
const WAITS_FOR = `interval '24 hours'`;
const CAMPAIGN = 2;

type Told = { readonly count: number; readonly handedOver: readonly HandedOver[] };
const NONE: Told = { count: 0, handedOver: [] };

/** SQL: whether the customer waits for what failed, and nothing came after it. */
const SOMEBODY_WAITS = `s.status = 'failed' and s.lane < ${CAMPAIGN} and s.error ->> 'code' <> 'unknown'
  and exists (select from conversation v where v.id = s.conversation_id and v.last_in_at >= s.created_at - ${WAITS_FOR})
  and not exists (select from outbox later where later.conversation_id = s.conversation_id and later.id > s.id
    and later.kind = 'send' and later.status = 'sent')`;

/**
 * Tells integrators of failures, once none of them can turn out to be an arrival any more, and gives a person the
 * conversations in which somebody waits. The turn loop locks a conversation before its outbox rows; so does this.
 *
 * @param isOpen SQL: whether a row may still go again; told are the others, and those whose ids are in `final`
 * @returns how many were due
 */
export async function tellFailures(
  path: PathPool,
  isOpen: (row: string) => string = () => 'false',
  final: readonly string[] = [],
): Promise<Told> {
  const isDue = (row: string, ids: string) =>
    `${row}.tell_failure_at <= now() and (not ${isOpen(row)} or ${row}.id = any(${ids}::bigint[]))`;
  return path.transaction(async (client) => {
    const { rows } = await client.query<{ id: string }>(
      `select distinct conversation_id as id from (
         select o.conversation_id from outbox o where ${isDue('o', '$1')} order by o.tell_failure_at limit ${MAX_ROWS}) due`,
      [final],
    );
    if (rows.length === 0) return NONE;
    const ids = rows.map(({ id }) => id);
    await client.query('select 1 from conversation where id = any($1::uuid[]) order by id for update', [ids]);
    return (await client.query<Told>(tell(isDue('o', '$2')), [ids, final])).rows[0] ?? NONE;
  });
}

/**
 * A provider's `failed` is about a message it had taken, so `sent` is told before it, if it was not; what was refused at
 * the door was never sent.
 */
function tell(isDue: string): string {
  return `
  with due as (
    select o.id from outbox o where o.conversation_id = any($1::uuid[]) and ${isDue}
    order by o.id limit ${MAX_ROWS} for update skip locked
  ), settled as (
    update outbox o set tell_failure_at = null,
      told = case when o.delivery = 'failed' then greatest(o.told, 1) else o.told end
    from due join outbox was on was.id = due.id
    where o.id = due.id
    returning o.*, o.delivery = 'failed' and was.told = 0 as was_unsaid
  ), emitted as (${emitEvents({
    type: 'message.status',
    tenantId: 's.tenant_id',
    body: `${body('s', 'n.status')} || case when n.status = 'sent' then '{}'
      else jsonb_build_object('error', s.error - 'rule') end`,
    from: `settled s cross join lateral (
      select 'sent' as status, 1 as step where s.was_unsaid
      union all
      select case when s.error->>'code' = 'unknown' then 'unknown' else 'failed' end, 2
    ) n`,
    where: `s.status = 'failed'`,
    orderBy: 's.id, n.step',
  })}), handed as (
    select ${HANDED_OVER} from (select distinct s.tenant_id, s.conversation_id from settled s where ${SOMEBODY_WAITS}) w
     cross join lateral ${handOver({ tenantId: 'w.tenant_id', conversationId: 'w.conversation_id', by: `'send_failed'` })}
  )
  select count(*)::int as count, (select count(*) from emitted),
    (select coalesce(jsonb_agg(to_jsonb(h)), '[]') from handed h) as "handedOver" from settled`;
}
