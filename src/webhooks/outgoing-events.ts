import type { TenantId } from '../platform/tenancy/tenant-id.js';

/** What integrators can be told. Bodies: src/webhooks/event-catalogue.ts. */
export const OUTGOING_EVENT_TYPES = [
  'message.received',
  'message.status',
  'order.placed',
  'order.changed',
  'conversation.handed_over',
  'contact.changed',
  'connection.health',
  'product.low_stock',
  'webhook.stopped',
] as const;
export type OutgoingEventType = (typeof OUTGOING_EVENT_TYPES)[number];

/** Anything that runs SQL inside the caller's transaction: a `pg` client or TypeORM's manager. */
type SqlRunner = { query(sql: string, params: unknown[]): Promise<unknown> };

/**
 * Tells the tenant's integrators, once the caller's transaction commits. The message path, which speaks SQL, inserts
 * the same row itself: `insert into outgoing_event (tenant_id, type, body)`.
 */
export async function emitEvent(
  tx: SqlRunner,
  tenantId: TenantId,
  type: OutgoingEventType,
  data: Readonly<Record<string, unknown>>,
): Promise<void> {
  await tx.query('insert into outgoing_event (tenant_id, type, body) values ($1, $2, $3)', [
    tenantId,
    type,
    JSON.stringify(data),
  ]);
}

/** SQL: whether any endpoint of the tenant asked for events of this type, so that nobody's are not written. */
export function isWanted(tenantId: string, type: string): string {
  return `exists (select 1 from webhook_endpoint e
    where e.tenant_id = ${tenantId} and e.is_active and '${type}' = any(e.types))`;
}
