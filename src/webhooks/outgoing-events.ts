import type { EntityManager } from 'typeorm';
import { publishAfterCommit } from '../platform/database/after-commit.js';
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
  'connection.template',
  'product.low_stock',
  'webhook.stopped',
] as const;
export type OutgoingEventType = (typeof OUTGOING_EVENT_TYPES)[number];

/**
 * Tells the tenant's integrators, where one asked for it, and whoever looks, once the caller's transaction commits.
 *
 * @param tx a transaction of TenantDatabase
 */
export async function emitEvent(
  tx: EntityManager,
  tenantId: TenantId,
  type: OutgoingEventType,
  data: Readonly<Record<string, unknown>>,
): Promise<void> {
  await tx.query('select emit_event($1, $2, $3)', [tenantId, type, JSON.stringify(data)]);
  publishAfterCommit(tx, { tenantId, type, data });
}

/** SQL expressions, but for the type. */
type Emission = {
  readonly type: OutgoingEventType;
  readonly tenantId: string;
  readonly body: string;
  /** The rows of which each is an event, and the order in which they are told. */
  readonly from: string;
  readonly where?: string;
  readonly orderBy: string;
};

/**
 * SQL for a `with` of the message path. The statement's end must read it, for a select that nobody reads does not run.
 * Bodies are made only where an endpoint asked for the type.
 */
export function emitEvents({ type, tenantId, body, from, where = 'true', orderBy }: Emission): string {
  return `select emit_event(${tenantId}, '${type}', ${body}) from ${from}
    where ${where} and exists (select from endpoints_wanting(${tenantId}, '${type}'))
    order by ${orderBy}`;
}
