import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { EventLogService } from '../analytics/event-log.service.js';
import { assertRevision } from '../platform/http/etag.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { StockService } from '../products/stock.service.js';
import { OrderEvent } from './order-event.entity.js';
import { ORDER_MOVES, type OrderState } from './order-state.js';
import { Order } from './order.entity.js';
import { OrderMoveError, OrderNotFoundError } from './orders.errors.js';

export type OrderMove = {
  readonly to: OrderState;
  /** `customer`, or `user:` or `key:` and an id. */
  readonly actor: string;
  /** The user behind it, for the ledger. */
  readonly by: string | null;
  readonly note: string | null;
  readonly ifMatch?: string;
  readonly now: Date;
};

/**
 * placed ──▶ confirmed ──▶ paid ──▶ shipped ──▶ delivered
 *    │           │           │
 *    └───────────┴───────────┴──▶ cancelled
 *
 * placed      the stock has left the ledger and a seller has it, when one is active
 * confirmed   the seller has said yes
 * paid        the money has been taken; cancelling from here leaves a refund to make, and the history says so
 * shipped     the goods are gone: no way back by a click
 * delivered   final
 * cancelled   final; the stock is back in the ledger
 *
 * Every move takes the order's row first, writes a line of history and raises the revision, in the caller's transaction.
 */
@Injectable()
export class OrderLifecycle {
  constructor(
    @Inject(StockService) private readonly stock: StockService,
    @Inject(EventLogService) private readonly log: EventLogService,
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
    await tx.getRepository(Order).update({ id, tenantId }, { state: to, revision: order.revision + 1, updatedAt: now });
    await tx
      .getRepository(OrderEvent)
      .insert({ tenantId, orderId: id, fromState: from, toState: to, actor, note, createdAt: now });
    if (to === 'cancelled') await this.stock.putBack(tx, tenantId, { orderId: id, by, now });
    await this.log.append(tx, [
      { tenantId, botId: order.botId, at: now, kind: 'order.state', body: { orderId: id, from, to } },
    ]);
  }
}

/** @throws OrderNotFoundError unknown id, or another tenant's */
export async function lockOrder(tx: EntityManager, tenantId: TenantId, id: string): Promise<Order> {
  const order = await tx.getRepository(Order).findOne({ where: { id, tenantId }, lock: { mode: 'pessimistic_write' } });
  if (!order) throw new OrderNotFoundError(id);
  return order;
}
