import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openCommerce, type Commerce } from '../../test/support/commerce.js';
import type { Caller } from '../auth/tenant.decorator.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { ORDER_MOVES, ORDER_STATES, type OrderState } from './order-state.js';

let shop: Commerce;
let tenantId: TenantId;
let owner: Caller;
let contactId: string;
let productId: string;
beforeAll(async () => {
  shop = await openCommerce();
});
beforeEach(async () => {
  tenantId = await shop.db.makeTenant();
  owner = await shop.makeUser(tenantId);
  contactId = await shop.makeContact(tenantId);
  productId = await shop.makeProduct(tenantId, { initialStock: 10 });
});
afterAll(() => shop.db.close());

const place = (quantity = 2) =>
  shop.orders.create(tenantId, owner, { contactId, lines: [{ productId, quantity }], note: null, botId: null });
/** Walks an order along the machine to a state. */
const ROUTES: Record<OrderState, OrderState[]> = {
  placed: [],
  confirmed: ['confirmed'],
  paid: ['confirmed', 'paid'],
  shipped: ['confirmed', 'paid', 'shipped'],
  delivered: ['confirmed', 'paid', 'shipped', 'delivered'],
  cancelled: ['cancelled'],
};
const bring = async (id: string, state: OrderState) => {
  for (const to of ROUTES[state]) await shop.orders.move(tenantId, owner, id, { to, note: null });
};

describe('the state machine', () => {
  for (const from of ORDER_STATES) {
    for (const to of ORDER_STATES) {
      const isAllowed = ORDER_MOVES[from].includes(to);
      it(`${isAllowed ? 'moves' : 'does not move'} an order from ${from} to ${to}`, async () => {
        const { id } = await place();
        await bring(id, from);
        const move = shop.orders.move(tenantId, owner, id, { to, note: 'por qué' });
        if (isAllowed) expect((await move).history.at(-1)).toMatchObject({ from, to, note: 'por qué' });
        else await expect(move).rejects.toMatchObject({ code: 'order_move_not_allowed', status: 409 });
        expect((await shop.orders.get(tenantId, owner, id)).state).toBe(isAllowed ? to : from);
      });
    }
  }

  it('INV-7: puts the stock back through the ledger when an order is cancelled', async () => {
    const { id } = await place(4);
    await bring(id, 'paid');
    await shop.orders.move(tenantId, owner, id, { to: 'cancelled', note: null });
    const { ledger, onHand } = await shop.inventory.get(tenantId, productId, { limit: 20 });
    expect(onHand).toBe(10);
    expect(ledger.items[0]).toMatchObject({ quantity: 4, reason: 'cancellation', orderId: id });
  });

  it('lets one of two simultaneous cancellations through, and puts the stock back once', async () => {
    const { id } = await place(4);
    const cancel = () => shop.orders.move(tenantId, owner, id, { to: 'cancelled', note: null });
    const outcomes = await Promise.allSettled([cancel(), cancel()]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(await shop.stockOf(productId)).toMatchObject({ level: 10, ledger: 10 });
  });

  it('INV-4: leaves the order as it was when the move fails half way', async () => {
    const { id } = await place(4);
    const failed = shop.inTenant(tenantId, async (tx) => {
      const move = { to: 'cancelled', actor: 'customer', by: null, note: null, now: shop.clock.now() } as const;
      await shop.lifecycle.move(tx, tenantId, id, move);
      throw new Error('half way');
    });
    await expect(failed).rejects.toThrow('half way');
    expect(await shop.orders.get(tenantId, owner, id)).toMatchObject({ state: 'placed', revision: 1, history: [{}] });
    expect((await shop.stockOf(productId)).level).toBe(6);
  });
});
