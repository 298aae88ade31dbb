import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { ActionContext } from '../flows/action-registry.service.js';
import { ActionError } from '../flows/flow.errors.js';
import { UnknownProductError } from '../products/products.errors.js';
import { CartService, holderOf } from './cart.service.js';
import { lockOrder, OrderLifecycle } from './order-lifecycle.service.js';
import { OrderPlacement, type PlacedOrder } from './order-placement.service.js';
import { CUSTOMER_MAY_CANCEL, STATE_LABELS, type OrderState } from './order-state.js';
import { findOrderOf } from './orders.queries.js';

export type OrderStatus = {
  readonly id: string;
  readonly number: number;
  readonly state: OrderState;
  /** In the conversation's language. */
  readonly stateLabel: string;
  readonly totalMinor: number;
  readonly currency: string;
  readonly sellerName: string | null;
  /** ISO 8601, UTC. */
  readonly placedAt: string;
};
type Which = { readonly number?: number; readonly id?: string };

/** Orders as a customer works with them in a conversation; a customer reaches their own orders only. */
@Injectable()
export class CustomerOrders {
  constructor(
    @Inject(CartService) private readonly cart: CartService,
    @Inject(OrderPlacement) private readonly placement: OrderPlacement,
    @Inject(OrderLifecycle) private readonly lifecycle: OrderLifecycle,
  ) {}

  /**
   * Makes an order of the cart, once per effect.
   *
   * @throws ActionError empty_cart, out_of_stock (also when a product is no longer sold)
   * @throws OutOfStockError
   */
  async place(tx: EntityManager, context: ActionContext, note: string | null): Promise<PlacedOrder> {
    const { tenantId, botId, conversationId, contactId, effectKey, lang, now } = context;
    const lines = await this.cart.lockLines(tx, context);
    const key = `effect:${effectKey}`;
    const earlier = await this.placement.findPlaced(tx, tenantId, key);
    if (earlier) return earlier;
    if (lines.length === 0) throw new ActionError('empty_cart', 'There is nothing in the cart');
    const placed = await this.placement
      .place(tx, tenantId, {
        contactId,
        botId,
        conversationId,
        lines,
        note,
        lang,
        key,
        now,
        holder: holderOf(conversationId),
        actor: 'customer',
        by: null,
      })
      .catch((error: unknown) => {
        if (!(error instanceof UnknownProductError)) throw error;
        const details = { available: 0, items: [{ productId: error.productId, available: 0 }] };
        throw new ActionError('out_of_stock', error.message, { cause: error, details });
      });
    await this.cart.close(tx, context);
    return placed;
  }

  /** @throws ActionError no_order */
  async status(tx: EntityManager, context: ActionContext, which: Which): Promise<OrderStatus> {
    const order = await findOrderOf(tx, context.tenantId, context.contactId, which);
    if (!order) throw new ActionError('no_order', 'This customer has no such order');
    const { id, number, state, totalMinor, currency, sellerName, placedAt } = order;
    const stateLabel = STATE_LABELS[state][context.lang];
    return { id, number, state, stateLabel, totalMinor, currency, sellerName, placedAt };
  }

  /** @throws ActionError no_order, not_cancellable (money has been taken, or it is over) */
  async cancel(tx: EntityManager, context: ActionContext, which: Which): Promise<OrderStatus> {
    const { id } = await this.status(tx, context, which);
    const { state } = await lockOrder(tx, context.tenantId, id);
    if (!CUSTOMER_MAY_CANCEL.includes(state)) throw new ActionError('not_cancellable', `The order is ${state}`);
    const move = { to: 'cancelled', actor: 'customer', by: null, note: null, now: context.now } as const;
    await this.lifecycle.move(tx, context.tenantId, id, move);
    return this.status(tx, context, { id });
  }
}
