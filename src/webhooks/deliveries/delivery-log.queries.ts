import type { EntityManager } from 'typeorm';
import { toSafeInteger } from '../../platform/database/safe-integer.js';
import { pageOrder, type SortColumn } from '../../platform/http/sorted-page.js';
import type { Page } from '../../platform/http/page.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import type { DeliveryView, ListDeliveries, Replay, ReplayAnswer } from '../webhooks.dto.js';
import { WebhookDeliveryNotFoundError } from '../webhooks.errors.js';

type Row = Omit<DeliveryView, 'sequence' | 'nextAttemptAt' | 'createdAt'> & {
  seq: string;
  nextAt: Date;
  createdAt: Date;
};

const SORTS: Readonly<Record<string, SortColumn>> = { createdAt: { sql: 'd.created_at', type: 'timestamptz' } };

const COLUMNS = `d.id, e.id as "eventId", e.type, e.seq, e.body as data, d.state, d.next_at as "nextAt", d.attempts,
  d.created_at as "createdAt"`;
const FROM = `from webhook_delivery d join outgoing_event e on e.id = d.event_id`;

export async function listDeliveries(
  tx: EntityManager,
  tenantId: TenantId,
  endpointId: string,
  { state, ...page }: ListDeliveries,
): Promise<Page<DeliveryView>> {
  const order = pageOrder(page, SORTS, { sql: 'd.id', type: 'uuid' });
  const rows: (Row & { pageKey: string })[] = await tx.query(
    `select ${COLUMNS}, ${order.key} as "pageKey" ${FROM}
      where d.tenant_id = $1 and d.endpoint_id = $2 and ($3::text is null or d.state = $3)
        and ${order.condition('$4', '$5')}
      order by ${order.orderBy} limit $6`,
    [tenantId, endpointId, state ?? null, ...order.after, page.limit + 1],
  );
  const { items, nextCursor } = order.toPage(rows);
  return { items: items.map(toDeliveryView), nextCursor };
}

/** Sends one again from the start of the schedule. @throws WebhookDeliveryNotFoundError */
export async function replayOne(
  tx: EntityManager,
  tenantId: TenantId,
  endpointId: string,
  id: string,
): Promise<DeliveryView> {
  await tx.query(
    `update webhook_delivery set state = 'pending', attempt = 0, next_at = now(), queued_at = null, updated_at = now()
      where tenant_id = $1 and endpoint_id = $2 and id = $3 and state <> 'pending'`,
    [tenantId, endpointId, id],
  );
  const [row]: Row[] = await tx.query(
    `select ${COLUMNS} ${FROM} where d.tenant_id = $1 and d.endpoint_id = $2 and d.id = $3`,
    [tenantId, endpointId, id],
  );
  if (!row) throw new WebhookDeliveryNotFoundError(id);
  return toDeliveryView(row);
}

const REPLAY_LIMIT = 5000;

/** Sends every event of the endpoint's types in a half-open range of time again, the oldest first. */
export async function replaySince(
  tx: EntityManager,
  tenantId: TenantId,
  endpointId: string,
  { since, until, which }: Replay,
): Promise<ReplayAnswer> {
  const rows: { replayed: number; examined: number; last: Date | null }[] = await tx.query(
    `with wanted as (
       select e.id, e.created_at from outgoing_event e
         join webhook_endpoint w on w.tenant_id = e.tenant_id and w.id = $2 and e.type = any(w.types)
        where e.tenant_id = $1 and e.created_at >= $3 and ($4::timestamptz is null or e.created_at < $4)
          and not exists (select from webhook_delivery d where d.endpoint_id = $2 and d.event_id = e.id
                             and (d.state = 'pending' or ($5 and d.state = 'delivered')))
        order by e.created_at, e.seq limit ${REPLAY_LIMIT}
     ), made as (
       insert into webhook_delivery (tenant_id, endpoint_id, event_id) select $1, $2, id from wanted
       on conflict (endpoint_id, event_id) do update
         set state = 'pending', attempt = 0, next_at = now(), queued_at = null, updated_at = now()
       returning 1
     )
     select (select count(*)::int from made) as replayed, count(*)::int as examined, max(created_at) as last from wanted`,
    [tenantId, endpointId, since, until ?? null, which === 'undelivered'],
  );
  const { replayed = 0, examined = 0, last = null } = rows[0] ?? {};
  return { replayed, nextSince: examined === REPLAY_LIMIT ? (last?.toISOString() ?? null) : null };
}

function toDeliveryView(row: Row): DeliveryView {
  return {
    id: row.id,
    eventId: row.eventId,
    type: row.type,
    sequence: toSafeInteger(row.seq),
    data: row.data,
    state: row.state,
    nextAttemptAt: row.state === 'pending' ? row.nextAt.toISOString() : null,
    attempts: row.attempts,
    createdAt: row.createdAt.toISOString(),
  };
}
