import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCommerce, type Commerce } from '../../test/support/commerce.js';
import { addEndpoint } from '../../test/support/endpoints.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';

let shop: Commerce;
beforeAll(async () => {
  shop = await openCommerce();
});
afterAll(() => shop.db.close());

const by = randomUUID();
const adjust = (tenantId: TenantId, id: string, quantity: number, key: string | null = null) =>
  shop.inventory.adjust(tenantId, id, { quantity, reason: 'received', note: null }, { by, key });
const told = async (tenantId: TenantId) =>
  (
    await shop.db.owner.query(
      `select body from outgoing_event where tenant_id = $1 and type = 'product.low_stock' order by created_at`,
      [tenantId],
    )
  ).rows.map(({ body }) => body);

describe('the inventory', () => {
  it('changes once by one key, also when both requests come at the same time', async () => {
    const tenantId = await shop.db.makeTenant();
    const [one, two] = [await shop.makeProduct(tenantId), await shop.makeProduct(tenantId)];
    await Promise.all([adjust(tenantId, one, 5, 'k'), adjust(tenantId, one, 5, 'k')]);
    await adjust(tenantId, two, 5, 'k');
    expect([(await shop.stockOf(one)).ledger, (await shop.stockOf(two)).ledger]).toEqual([15, 15]);
    await adjust(tenantId, one, 5, 'other');
    expect(await shop.stockOf(one)).toMatchObject({ level: 20, ledger: 20 });
  });

  it('lists movements by reason, and live holds, page by page', async () => {
    const tenantId = await shop.db.makeTenant();
    const id = await shop.makeProduct(tenantId);
    await adjust(tenantId, id, 1);
    await adjust(tenantId, id, 2);
    const first = await shop.inventory.listMovements(tenantId, id, {
      sort: '-createdAt',
      limit: 1,
      reason: 'received',
    });
    const next = { sort: '-createdAt', limit: 1, reason: 'received', cursor: first.nextCursor ?? '' } as const;
    const second = await shop.inventory.listMovements(tenantId, id, next);
    expect([...first.items, ...second.items].map(({ quantity }) => quantity)).toEqual([2, 1]);
    expect(second.nextCursor).toBeNull();
    const hold = (holder: string, ttlMs: number) =>
      shop.inTenant(tenantId, (tx) =>
        shop.stock.hold(tx, tenantId, {
          holder,
          ttlMs,
          lines: [{ productId: id, quantity: 1 }],
          now: shop.clock.now(),
        }),
      );
    await hold('cart:b', 1000);
    await hold('cart:a', 1000);
    await hold('cart:0', 0);
    const holds = await shop.inventory.listHolds(tenantId, id, { sort: 'holder', limit: 1 });
    const rest = await shop.inventory.listHolds(tenantId, id, {
      sort: 'holder',
      limit: 1,
      cursor: holds.nextCursor ?? '',
    });
    expect([...holds.items, ...rest.items].map(({ holder }) => holder)).toEqual(['cart:a', 'cart:b']);
  });

  it('tells integrators once when the stock of what is sold falls to its low level', async () => {
    const tenantId = await shop.db.makeTenant();
    await addEndpoint(shop.db.owner, tenantId);
    const id = await shop.makeProduct(tenantId, { sku: 'POCO', lowStockAt: 3, initialStock: 5 });
    await adjust(tenantId, id, -1);
    expect(await told(tenantId)).toEqual([]);
    await adjust(tenantId, id, -1);
    await adjust(tenantId, id, -1);
    expect(await told(tenantId)).toEqual([{ productId: id, parentId: null, sku: 'POCO', onHand: 3, lowStockAt: 3 }]);
    await adjust(tenantId, id, 5);
    await adjust(tenantId, id, -6);
    expect(await told(tenantId)).toHaveLength(2);
    await expect(adjust(tenantId, id, -99)).rejects.toMatchObject({ code: 'out_of_stock' });
    const hidden = await shop.makeProduct(tenantId, { isActive: false, initialStock: 1 });
    await adjust(tenantId, hidden, -1);
    expect(await told(tenantId)).toHaveLength(2);
    const low = await shop.products.list(tenantId, { sort: 'sku', limit: 9, lowStock: true, active: true });
    expect(low.items.map(({ sku }) => sku)).toEqual(['POCO']);
  });

  it('INV-8: is nobody else’s', async () => {
    const [one, two] = [await shop.db.makeTenant(), await shop.db.makeTenant()];
    const id = await shop.makeProduct(one);
    const missing = { code: 'product_not_found', status: 404 };
    await expect(shop.inventory.get(two, id, { limit: 1 })).rejects.toMatchObject(missing);
    await expect(shop.inventory.listMovements(two, id, { sort: '-createdAt', limit: 1 })).rejects.toMatchObject(
      missing,
    );
    await expect(shop.inventory.listHolds(two, id, { sort: 'holder', limit: 1 })).rejects.toMatchObject(missing);
    await expect(adjust(two, id, 1)).rejects.toMatchObject(missing);
  });
});
