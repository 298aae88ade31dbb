import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openCommerce, type Commerce } from '../../test/support/commerce.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';

let shop: Commerce;
let tenantId: TenantId;
let productId: string;
beforeAll(async () => {
  shop = await openCommerce();
});
beforeEach(async () => {
  tenantId = await shop.db.makeTenant();
  productId = await shop.makeProduct(tenantId, { initialStock: 10 });
});
afterAll(() => shop.db.close());

const TTL_MS = 30 * 60_000;
const hold = (holder: string, quantity: number, ifFree: { productId: string; quantity: number }[] = []) =>
  shop.inTenant(tenantId, (tx) =>
    shop.stock.hold(tx, tenantId, {
      holder,
      lines: quantity > 0 ? [{ productId, quantity }] : [],
      ifFree,
      ttlMs: TTL_MS,
      now: shop.clock.now(),
    }),
  );
const sell = (orderId: string, quantity: number, holder: string | null = null) =>
  shop.inTenant(tenantId, (tx) =>
    shop.stock.sell(tx, tenantId, {
      lines: [{ productId, quantity }],
      orderId,
      holder,
      by: null,
      now: shop.clock.now(),
    }),
  );
const adjust = (quantity: number) =>
  shop.inventory.adjust(
    tenantId,
    productId,
    { quantity, reason: 'counted', note: 'conteo' },
    { by: randomUUID(), key: null },
  );

describe('INV-7: stock is a ledger', () => {
  it('adds and takes away with a note, newest first, page by page', async () => {
    await adjust(5);
    const stock = await adjust(-3);
    expect(stock).toMatchObject({ onHand: 12, held: 0, available: 12 });
    expect(stock.ledger.items.map(({ quantity, note }) => [quantity, note])).toEqual([
      [-3, 'conteo'],
      [5, 'conteo'],
      [10, null],
    ]);
    const first = await shop.inventory.get(tenantId, productId, { limit: 2 });
    const rest = await shop.inventory.get(tenantId, productId, { limit: 2, cursor: first.ledger.nextCursor ?? '' });
    expect(rest.ledger.items.map(({ quantity }) => quantity)).toEqual([10]);
    expect(rest.ledger.nextCursor).toBeNull();
    const forged = Buffer.from('["1; drop"]').toString('base64url');
    await expect(shop.inventory.get(tenantId, productId, { limit: 2, cursor: forged })).rejects.toMatchObject({
      code: 'invalid_input',
    });
  });

  it('lets nobody adjust away what a customer holds, nor pile up without end', async () => {
    await hold('cart:a', 4);
    await expect(adjust(-7)).rejects.toMatchObject({ code: 'out_of_stock', available: 6 });
    await expect(adjust(1_000_000_000)).rejects.toMatchObject({ code: 'stock_limit' });
    expect(await adjust(-6)).toMatchObject({ onHand: 4, held: 4, available: 0 });
  });

  it('holds exactly what was last asked for, not the sum', async () => {
    await hold('cart:a', 4);
    await hold('cart:a', 9);
    expect(await shop.stockOf(productId)).toMatchObject({ held: 9, available: 1 });
    const { holds } = await shop.inventory.get(tenantId, productId, { limit: 1 });
    expect(holds).toEqual([
      { holder: 'cart:a', quantity: 9, expiresAt: new Date(shop.clock.now().getTime() + TTL_MS).toISOString() },
    ]);
  });

  it('refuses a hold beyond what others leave, says how much is left and holds nothing', async () => {
    await hold('cart:a', 8);
    await expect(hold('cart:b', 3)).rejects.toMatchObject({
      code: 'out_of_stock',
      available: 2,
      shortages: [{ productId, requested: 3, available: 2 }],
    });
    expect(await shop.stockOf(productId)).toMatchObject({ held: 8 });
  });

  it('does not count a hold that has expired, and deletes it in passing', async () => {
    await hold('cart:a', 10);
    shop.clock.pass(30);
    expect((await shop.products.get(tenantId, productId)).available).toBe(10);
    await hold('cart:b', 10);
    const { rows } = await shop.db.owner.query('select holder from stock_hold where product_id = $1', [productId]);
    expect(rows).toEqual([{ holder: 'cart:b' }]);
  });

  it('takes of the lines that may be short as much as is free, and gives back what is no longer wanted', async () => {
    const other = await shop.makeProduct(tenantId, { initialStock: 5 });
    await hold('cart:a', 9);
    const granted = await hold('cart:b', 0, [
      { productId, quantity: 4 },
      { productId: other, quantity: 5 },
    ]);
    expect(Object.fromEntries(granted)).toEqual({ [productId]: 1, [other]: 5 });
    await hold('cart:b', 1, [{ productId: other, quantity: 0 }]);
    expect(await shop.stockOf(other)).toMatchObject({ held: 0 });
  });

  it('releases one product or all of them', async () => {
    const other = await shop.makeProduct(tenantId);
    await hold('cart:a', 2, [{ productId: other, quantity: 2 }]);
    const now = shop.clock.now();
    await shop.inTenant(tenantId, (tx) => shop.stock.release(tx, tenantId, { holder: 'cart:a', productId, now }));
    expect([(await shop.stockOf(productId)).held, (await shop.stockOf(other)).held]).toEqual([0, 2]);
    await shop.inTenant(tenantId, (tx) => shop.stock.releaseAll(tx, tenantId, { holder: 'cart:a', now }));
    expect((await shop.stockOf(other)).held).toBe(0);
  });

  it('sells what the buyer holds, or what is free, but never what another holds', async () => {
    await hold('cart:a', 6);
    await expect(sell(randomUUID(), 5)).rejects.toMatchObject({ code: 'out_of_stock', available: 4 });
    await sell(randomUUID(), 6, 'cart:a');
    await sell(randomUUID(), 4);
    expect(await shop.stockOf(productId)).toEqual({ level: 0, ledger: 0, held: 0, available: 0 });
  });

  it('puts a sale back once, however often it is told to', async () => {
    const orderId = randomUUID();
    await sell(orderId, 3);
    const putBack = () =>
      shop.inTenant(tenantId, (tx) => shop.stock.putBack(tx, tenantId, { orderId, by: null, now: shop.clock.now() }));
    await putBack();
    await putBack();
    expect(await shop.stockOf(productId)).toMatchObject({ level: 10, ledger: 10 });
  });

  it('does nothing by half: a failure after holding and selling undoes both', async () => {
    await expect(
      shop.inTenant(tenantId, async (tx) => {
        const line = [{ productId, quantity: 2 }];
        const now = shop.clock.now();
        await shop.stock.hold(tx, tenantId, { holder: 'cart:a', lines: line, ttlMs: TTL_MS, now });
        await shop.stock.sell(tx, tenantId, { orderId: randomUUID(), holder: null, lines: line, by: null, now });
        throw new Error('half way');
      }),
    ).rejects.toThrow('half way');
    expect(await shop.stockOf(productId)).toEqual({ level: 10, ledger: 10, held: 0, available: 10 });
  });

  it('is refused by the database itself when code forgets to check', async () => {
    await expect(
      shop.inTenant(tenantId, (tx) =>
        tx.query('update stock_level set on_hand = -1 where product_id = $1', [productId]),
      ),
    ).rejects.toThrow(/stock_level_on_hand_check/);
  });
});
