import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCommerce, type Commerce } from '../../test/support/commerce.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';

let shop: Commerce;
beforeAll(async () => {
  shop = await openCommerce();
});
afterAll(() => shop.db.close());

let phones = 0;
const hire = (tenantId: TenantId, name: string, isActive = true) => {
  phones += 1;
  shop.clock.pass(1);
  return shop.sellers.create(tenantId, { name, phone: `+52155${10_000_000 + phones}`, userId: null, isActive });
};
const next = (tenantId: TenantId) =>
  shop.inTenant(tenantId, async (tx) => (await shop.sellers.assignNext(tx, tenantId, shop.clock.now()))?.name ?? null);

describe('sellers', () => {
  it('are created, listed by name page by page, read and changed', async () => {
    const tenantId = await shop.db.makeTenant();
    const eva = await hire(tenantId, 'Eva');
    await hire(tenantId, 'Ana', false);
    await hire(tenantId, 'Luz');
    const first = await shop.sellers.list(tenantId, { sort: 'name', limit: 2 });
    const second = await shop.sellers.list(tenantId, { sort: 'name', limit: 2, cursor: first.nextCursor ?? '' });
    expect([...first.items, ...second.items].map(({ name }) => name)).toEqual(['Ana', 'Eva', 'Luz']);
    const active = await shop.sellers.list(tenantId, { sort: 'name', limit: 20, active: true });
    expect(active.items.map(({ name }) => name)).toEqual(['Eva', 'Luz']);
    expect(await shop.sellers.change(tenantId, eva.id, { isActive: false }, '"1"')).toMatchObject({
      name: 'Eva',
      isActive: false,
      revision: 2,
    });
    await expect(shop.sellers.change(tenantId, eva.id, { name: 'X' }, '"1"')).rejects.toMatchObject({ status: 412 });
    expect((await shop.sellers.get(tenantId, eva.id)).name).toBe('Eva');
  });

  it('have a phone of their own within the business', async () => {
    const tenantId = await shop.db.makeTenant();
    const { phone } = await hire(tenantId, 'Eva');
    const luz = await hire(tenantId, 'Luz');
    const twice = { name: 'Ana', phone, userId: null, isActive: true };
    await expect(shop.sellers.create(tenantId, twice)).rejects.toMatchObject({ code: 'seller_phone_taken' });
    await expect(shop.sellers.change(tenantId, luz.id, { phone })).rejects.toMatchObject({
      code: 'seller_phone_taken',
    });
  });

  it('take turns, also within one tick of the clock, and a paused one is passed over', async () => {
    const tenantId = await shop.db.makeTenant();
    await hire(tenantId, 'Ana');
    const eva = await hire(tenantId, 'Eva');
    await hire(tenantId, 'Luz');
    const turns: (string | null)[] = [];
    for (let turn = 0; turn < 6; turn += 1) turns.push(await next(tenantId));
    expect(new Set(turns.slice(0, 3))).toEqual(new Set(['Ana', 'Eva', 'Luz']));
    expect(turns.slice(3)).toEqual(turns.slice(0, 3));
    await shop.sellers.change(tenantId, eva.id, { isActive: false });
    expect(new Set([await next(tenantId), await next(tenantId)])).toEqual(new Set(['Ana', 'Luz']));
  });

  it('are found for every one of many orders that come at once', async () => {
    const tenantId = await shop.db.makeTenant();
    for (const name of ['Ana', 'Eva', 'Luz']) await hire(tenantId, name);
    const turns = await Promise.all(Array.from({ length: 30 }, () => next(tenantId)));
    expect(turns.filter((name) => name === null)).toEqual([]);
    expect(new Set(turns)).toEqual(new Set(['Ana', 'Eva', 'Luz']));
  });

  it('are waited for, not skipped, when the only one is being given work', async () => {
    const tenantId = await shop.db.makeTenant();
    await hire(tenantId, 'Ana');
    expect(await Promise.all([next(tenantId), next(tenantId), next(tenantId)])).toEqual(['Ana', 'Ana', 'Ana']);
  });

  it('keep their turn when the transaction that took it fails', async () => {
    const tenantId = await shop.db.makeTenant();
    await hire(tenantId, 'Ana');
    await hire(tenantId, 'Eva');
    const failed = shop.inTenant(tenantId, async (tx) => {
      const seller = await shop.sellers.assignNext(tx, tenantId, shop.clock.now());
      throw new Error(`half way with ${seller?.name}`);
    });
    await expect(failed).rejects.toThrow('half way with Ana');
    expect(await next(tenantId)).toBe('Ana');
  });

  it('are nobody when none is active', async () => {
    const tenantId = await shop.db.makeTenant();
    await hire(tenantId, 'Ana', false);
    expect(await next(tenantId)).toBeNull();
  });

  it('INV-8: two tenants share no seller, turn or user', async () => {
    const [one, two] = [await shop.db.makeTenant(), await shop.db.makeTenant()];
    const eva = await hire(one, 'Eva');
    const stranger = await shop.makeUser(two, 'seller');
    const missing = { code: 'seller_not_found', status: 404 };
    expect((await shop.sellers.list(two, { sort: 'name', limit: 20 })).items).toEqual([]);
    await expect(shop.sellers.get(two, eva.id)).rejects.toMatchObject(missing);
    await expect(shop.sellers.change(two, eva.id, { name: 'Mine' })).rejects.toMatchObject(missing);
    expect(await next(two)).toBeNull();
    await expect(shop.inTenant(two, (tx) => shop.sellers.getActive(tx, two, eva.id))).rejects.toMatchObject({
      code: 'unknown_seller',
    });
    await expect(shop.sellers.change(one, eva.id, { userId: stranger.userId })).rejects.toMatchObject({
      code: 'unknown_user',
    });
    const own = await shop.makeUser(one, 'seller');
    await shop.sellers.change(one, eva.id, { userId: own.userId });
    expect(await shop.inTenant(one, (tx) => shop.sellers.listOfUser(tx, one, own.userId))).toMatchObject([
      { name: 'Eva' },
    ]);
    expect(await shop.inTenant(two, (tx) => shop.sellers.listOfUser(tx, two, own.userId))).toEqual([]);
  });
});
