import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { EventLogService } from '../analytics/event-log.service.js';
import { assertRevision } from '../platform/http/etag.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { StockService } from '../products/stock.service.js';
import { applyChange } from './order-changes.js';
import { OrderMessages } from './order-messages.service.js';
import { OrderNotices } from './order-notices.js';
import type { OrderNotifier } from './order-notifier.js';
import { ORDER_MOVES, type OrderState } from './order-state.js';
import { Order } from './order.entity.js';
import { OrderMoveError, OrderNotFoundError } from './orders.errors.js';
import { findBuyer } from './orders.queries.js';

/** How an order was paid; `paidMinor` in minor units of its currency, its total when absent. */
export type Payment = {
  readonly method?: string | null;
  readonly reference?: string | null;
  readonly paidMinor?: number;
  readonly paidAt?: Date;
};

export type OrderMove = {
  readonly to: OrderState;
  /** `customer`, `expiry`, or `user:` or `key:` and an id. */
  readonly actor: string;
  /** The user behind it, for the ledger. */
  readonly by: string | null;
  readonly note: string | null;
  /** Of a move to paid. */
  readonly payment?: Payment;
  readonly ifMatch?: string;
  readonly now: Date;
};

/**
 * placed ──▶ confirmed ──▶ paid ──▶ shipped ──▶ delivered
 *    │           │           │
 *    └───────────┴───────────┴──▶ cancelled
 *
 * placed      the stock has left the ledger and a seller has it, when one is active; its lines can still be changed
 * confirmed   the seller has said yes
 * paid        the money has been taken
 * shipped     the goods are gone: no way back by a click
 * delivered   final
 * cancelled   final; the stock is back in the ledger, and money that was taken is owed back (`refund_due`, INV-7)
 *
 * Every move takes the order's row first, writes a line of history and raises the revision, in the caller's transaction.
 * The customer is told, unless they did it themselves or the shop has switched that message off.
 */
@Injectable()
export class OrderLifecycle {
  constructor(
    @Inject(StockService) private readonly stock: StockService,
    @Inject(EventLogService) private readonly log: EventLogService,
    @Inject(OrderMessages) private readonly messages: OrderMessages,
    @Inject(OrderNotices) private readonly notifier: OrderNotifier,
  ) {}

  /**
   * @throws OrderNotFoundError
   * @throws OrderMoveError the state machine has no such move
   * @throws RevisionMismatchError
   */
  async move(tx: EntityManager, tenantId: TenantId, id: string, move: OrderMove): Promise<void> {
    const order = await lockOrder(tx, tenantId, id);
    const { to, actor, by, note, ifMatch, now } = move;
    const from = order.state;
    assertRevision(ifMatch, order.revision);
    const allowed = ORDER_MOVES[from];
    if (!allowed.includes(to)) throw new OrderMoveError(from, to, allowed);
    const fields = { state: to, ...paymentAfter(order, move) };
    const after = await applyChange(tx, tenantId, order, { kind: 'state', fields, actor, note, now });
    if (to === 'cancelled') await this.stock.putBack(tx, tenantId, { orderId: id, by, now });
    await this.log.append(tx, [
      { tenantId, botId: order.botId, at: now, kind: 'order.state', body: { orderId: id, from, to } },
    ]);
    if (actor !== 'customer') await this.tellCustomer(tx, tenantId, after);
  }

  /**
   * Also for an order somebody else than the customer has placed.
   *
   * @param deadline given: they are reminded that the payment is missing
   */
  async tellCustomer(tx: EntityManager, tenantId: TenantId, order: Order, deadline?: Date): Promise<void> {
    const customer = await findBuyer(tx, tenantId, order.contactId);
    if (!customer) return;
    const { id, botId, conversationId } = order;
    const state = deadline ? 'expiring' : order.state;
    const text = await this.messages.textFor(tx, tenantId, { order, customer, message: state, deadline });
    if (text === null) return;
    await this.notifier.orderMoved(tx, tenantId, { orderId: id, state, botId, conversationId, customer, text });
  }
}

function paymentAfter(order: Order, { to, payment = {}, now }: OrderMove): Partial<Order> {
  if (to === 'cancelled') return order.paidMinor > order.refundedMinor ? { paymentState: 'refund_due' } : {};
  if (to !== 'paid') return {};
  return {
    paymentState: 'paid',
    paidMinor: payment.paidMinor ?? order.totalMinor,
    paidAt: payment.paidAt ?? now,
    paymentMethod: payment.method ?? null,
    paymentReference: payment.reference ?? null,
  };
}

/** @throws OrderNotFoundError unknown id, or another tenant's */
export async function lockOrder(tx: EntityManager, tenantId: TenantId, id: string): Promise<Order> {
  const order = await tx.getRepository(Order).findOne({ where: { id, tenantId }, lock: { mode: 'pessimistic_write' } });
  if (!order) throw new OrderNotFoundError(id);
  return order;
}
