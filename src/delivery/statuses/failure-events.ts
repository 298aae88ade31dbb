import type { PathPool } from '../../platform/database/path-pool.js';
import { emitEvents } from '../../webhooks/outgoing-events.js';
import { body } from '../outbox/status-events.js';

const MAX_ROWS = 500;

/**
 * A provider's `failed` is about a message it had taken, so `sent` is told before it, if it was not; what was refused at
 * the door was never sent.
 */
const TELL = `
  with due as (
    select o.id from outbox o where o.tell_failure_at <= now()
    order by o.tell_failure_at limit ${MAX_ROWS} for update skip locked
  ), settled as (
    update outbox o set tell_failure_at = null,
      told = case when o.delivery = 'failed' then greatest(o.told, 1) else o.told end
    from due join outbox was on was.id = due.id
    where o.id = due.id
    returning o.*, o.delivery = 'failed' and was.told = 0 as was_unsaid
  ), emitted as (${emitEvents({
    type: 'message.status',
    tenantId: 's.tenant_id',
    body: `${body('s', 'n.status')} || case when n.status = 'sent' then '{}' else jsonb_build_object('error', s.error) end`,
    from: `settled s cross join lateral (
      select 'sent' as status, 1 as step where s.was_unsaid
      union all
      select case when s.error->>'code' = 'unknown' then 'unknown' else 'failed' end, 2
    ) n`,
    where: `s.status = 'failed'`,
    orderBy: 's.id, n.step',
  })})
  select count(*)::int as count, (select count(*) from emitted) from settled`;

/**
 * Tells integrators of failures, once none of them can turn out to be an arrival any more.
 *
 * @returns how many were due
 */
export async function tellFailures(path: PathPool): Promise<number> {
  const rows = await path.query<{ count: number }>(TELL);
  return rows[0]?.count ?? 0;
}
