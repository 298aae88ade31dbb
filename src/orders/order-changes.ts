import type { EntityManager } from 'typeorm';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { emitEvent } from '../webhooks/outgoing-events.js';
import { OrderEvent } from './order-event.entity.js';
import { Order } from './order.entity.js';

export type OrderChange = {
  readonly kind: OrderEvent['kind'];
  readonly fields: Partial<Order>;
  /** `customer`, `delivery`, `expiry`, or `user:` or `key:` and an id. */
  readonly actor: string;
  readonly note: string | null;
  readonly now: Date;
};

/** Writes a change of a locked order with its line of history and its event; raises the revision. */
export async function applyChange(
  tx: EntityManager,
  tenantId: TenantId,
  order: Order,
  { kind, fields, actor, note, now }: OrderChange,
): Promise<Order> {
  const update = { ...fields, revision: order.revision + 1, updatedAt: now };
  const after = Object.assign(new Order(), order, update);
  await tx.getRepository(Order).update({ id: order.id, tenantId }, update);
  await tx.getRepository(OrderEvent).insert({
    tenantId,
    orderId: order.id,
    kind,
    fromState: order.state,
    toState: after.state,
    actor,
    note,
    createdAt: now,
  });
  await emitEvent(tx, tenantId, 'order.changed', { ...toEventData(after), change: kind, from: order.state });
  return after;
}

/** What integrators are told of an order. */
export function toEventData(order: Order): Record<string, unknown> {
  return {
    orderId: order.id,
    number: order.number,
    state: order.state,
    paymentState: order.paymentState,
    currency: order.currency,
    totalMinor: order.totalMinor,
    paidMinor: order.paidMinor,
    refundedMinor: order.refundedMinor,
    contactId: order.contactId,
    sellerId: order.sellerId,
    sellerNotice: order.sellerNotice,
    sellerNoticeReason: order.sellerNoticeReason,
    botId: order.botId,
    conversationId: order.conversationId,
    revision: order.revision,
  };
}
