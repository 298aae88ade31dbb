import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCommerce, type Commerce } from '../../test/support/commerce.js';
import type { ActionContext } from '../flows/action-registry.service.js';
import { OutOfStockError } from '../products/products.errors.js';

let shop: Commerce;
beforeAll(async () => {
  shop = await openCommerce();
});
afterAll(() => shop.db.close());

const BUYERS = 100;

/** How many went through; every other one must have been refused for want of stock and nothing else. */
function countSold(outcomes: PromiseSettledResult<unknown>[]): number {
  const refusals = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
  expect(refusals.filter((reason) => !(reason instanceof OutOfStockError))).toEqual([]);
  return outcomes.length - refusals.length;
}

describe('INV-7: 100 buyers race for 10 units', () => {
  it('ten get one through the orders service, numbered without gaps', async () => {
    const tenantId = await shop.db.makeTenant();
    const owner = await shop.makeUser(tenantId);
    const contactId = await shop.makeContact(tenantId);
    const productId = await shop.makeProduct(tenantId, { initialStock: 10 });
    const input = { contactId, lines: [{ productId, quantity: 1 }], note: null, botId: null };
    const race = Array.from({ length: BUYERS }, () => shop.orders.create(tenantId, owner, input));
    expect(countSold(await Promise.allSettled(race))).toBe(10);
    expect(await shop.stockOf(productId)).toEqual({ level: 0, ledger: 0, held: 0, available: 0 });
    const { items } = await shop.orders.list(tenantId, owner, { sort: '-placedAt', limit: 100 });
    expect(items.map(({ number }) => number).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('ten get one through their carts, and available is never below zero on the way', async () => {
    const tenantId = await shop.db.makeTenant();
    const productId = await shop.makeProduct(tenantId, { initialStock: 10 });
    const first = await shop.makeCustomer(tenantId);
    const buyers: ActionContext[] = Array.from({ length: BUYERS }, () => ({
      ...first,
      conversationId: randomUUID(),
      effectKey: randomUUID(),
    }));
    const seen: number[] = [];
    const buy = async (buyer: ActionContext) => {
      await shop.inTenant(tenantId, (tx) => shop.cart.add(tx, buyer, { productId, quantity: 1 }));
      seen.push((await shop.stockOf(productId)).available);
      return shop.inTenant(tenantId, (tx) => shop.customers.place(tx, buyer, null));
    };
    expect(countSold(await Promise.allSettled(buyers.map(buy)))).toBe(10);
    expect(seen).toHaveLength(10);
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(0);
    expect(await shop.stockOf(productId)).toEqual({ level: 0, ledger: 0, held: 0, available: 0 });
    expect(await shop.count('cart_line')).toBe(0);
  });

  it('carts that want the same two products in opposite order do not block each other', async () => {
    const tenantId = await shop.db.makeTenant();
    const [a, b] = [await shop.makeProduct(tenantId), await shop.makeProduct(tenantId)];
    const owner = await shop.makeUser(tenantId);
    const contactId = await shop.makeContact(tenantId);
    const order = (ids: string[]) =>
      shop.orders.create(tenantId, owner, {
        contactId,
        note: null,
        botId: null,
        lines: ids.map((productId) => ({ productId, quantity: 1 })),
      });
    const race = Array.from({ length: 30 }, (_, index) => order(index % 2 ? [a, b] : [b, a]));
    expect(countSold(await Promise.allSettled(race))).toBe(10);
    expect([await shop.stockOf(a), await shop.stockOf(b)]).toMatchObject([{ level: 0 }, { level: 0 }]);
  });
});
