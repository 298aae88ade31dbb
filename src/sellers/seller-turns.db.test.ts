import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCommerce, type Commerce } from '../../test/support/commerce.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import type { NewSeller } from './sellers.service.js';
import type { SellerNeed } from './seller-turns.js';

let shop: Commerce;
beforeAll(async () => {
  shop = await openCommerce();
});
afterAll(() => shop.db.close());

let phones = 0;
const hire = (tenantId: TenantId, name: string, more: Partial<NewSeller> = {}) => {
  phones += 1;
  shop.clock.pass(1);
  return shop.sellers.create(tenantId, {
    name,
    phone: `+52155${20_000_000 + phones}`,
    userId: null,
    isActive: true,
    ...more,
  });
};
const next = (tenantId: TenantId, need: SellerNeed = {}, now = shop.clock.now()) =>
  shop.inTenant(tenantId, async (tx) => (await shop.sellers.assignNext(tx, tenantId, now, need))?.name ?? null);
const order = async (
  tenantId: TenantId,
  lines: { productId: string; quantity: number }[],
  botId: string | null = null,
) => {
  const owner = await shop.makeUser(tenantId);
  const contactId = await shop.makeContact(tenantId);
  return shop.orders.create(tenantId, owner, { contactId, lines, botId, note: null });
};

describe('whose turn it is', () => {
  it('is not that of somebody who pauses, until the pause is over', async () => {
    const tenantId = await shop.db.makeTenant();
    const pausedUntil = new Date(shop.clock.now().getTime() + 3_600_000).toISOString();
    const eva = await hire(tenantId, 'Eva', { pausedUntil });
    expect(eva.pausedUntil).toBe(pausedUntil);
    expect(await next(tenantId)).toBeNull();
    await expect(shop.inTenant(tenantId, (tx) => shop.sellers.getActive(tx, tenantId, eva.id))).rejects.toMatchObject({
      code: 'unknown_seller',
    });
    expect(await next(tenantId, {}, new Date(pausedUntil))).toBe('Eva');
    const other = await hire(tenantId, 'Luz', { pausedUntil: '2030-01-01T00:00:00-06:00' });
    expect(other.pausedUntil).toBe('2030-01-01T06:00:00.000Z');
    expect((await shop.sellers.change(tenantId, other.id, { pausedUntil: null })).pausedUntil).toBeNull();
  });

  it('is that of somebody at work by their own clock; when nobody is, of everybody', async () => {
    const tenantId = await shop.db.makeTenant();
    const hours = [{ day: 1, from: '09:00', to: '18:00' }];
    await hire(tenantId, 'México', { hours });
    await hire(tenantId, 'Madrid', { hours, timezone: 'Europe/Madrid' });
    // 2 March 2026 is a Monday: Madrid is at UTC+1, Mexico City at UTC−6.
    const at = (time: string) => next(tenantId, {}, new Date(`2026-03-02T${time}Z`));
    expect([await at('08:00'), await at('08:30')]).toEqual(['Madrid', 'Madrid']);
    expect(await at('07:59')).toBe('México');
    expect([await at('17:00'), await at('18:00'), await at('23:59')]).toEqual(['México', 'México', 'México']);
    expect(new Set([await at('16:00'), await at('16:30')])).toEqual(new Set(['México', 'Madrid']));
    const night = [
      await next(tenantId, {}, new Date('2026-03-03T00:00Z')),
      await next(tenantId, {}, new Date('2026-03-04T12:00Z')),
    ];
    expect(new Set(night)).toEqual(new Set(['México', 'Madrid']));
  });

  it('is that of those who serve the bot, or any bot', async () => {
    const tenantId = await shop.db.makeTenant();
    const [one, two] = [await shop.makeBot(tenantId), await shop.makeBot(tenantId)];
    await hire(tenantId, 'Uno', { botIds: [one] });
    expect([await next(tenantId, { botId: one }), await next(tenantId, { botId: two })]).toEqual(['Uno', null]);
    await hire(tenantId, 'Todos');
    expect(await next(tenantId, { botId: two })).toBe('Todos');
    expect(new Set([await next(tenantId), await next(tenantId)])).toEqual(new Set(['Uno', 'Todos']));
  });

  it('by least_open is that of whoever has the fewest orders in hand', async () => {
    const tenantId = await shop.db.makeTenant();
    const productId = await shop.makeProduct(tenantId, { initialStock: 100 });
    await hire(tenantId, 'Ana');
    await shop.sellerWork.changeSettings(tenantId, { rule: 'least_open' });
    const first = await order(tenantId, [{ productId, quantity: 1 }]);
    await order(tenantId, [{ productId, quantity: 1 }]);
    await hire(tenantId, 'Eva');
    const sellers = [];
    for (let n = 0; n < 3; n += 1) sellers.push((await order(tenantId, [{ productId, quantity: 1 }])).sellerName);
    expect(sellers.slice(0, 2)).toEqual(['Eva', 'Eva']);
    expect(sellers[2]).toBe('Ana');
    const owner = await shop.makeUser(tenantId);
    await shop.orders.move(tenantId, owner, first.id, { to: 'cancelled', note: null });
    expect((await order(tenantId, [{ productId, quantity: 1 }])).sellerName).toBe('Eva');
  });

  it('by category is that of whoever knows what was ordered, in whichever of its categories', async () => {
    const tenantId = await shop.db.makeTenant();
    const [ropa, camisas] = [
      await shop.makeCategory(tenantId, 'Ropa'),
      await shop.makeCategory(tenantId, 'Ropa', 'Camisas'),
    ];
    const cafe = await shop.makeCategory(tenantId, 'Café');
    const shirt = await shop.makeProduct(tenantId, { categoryId: camisas });
    const coffee = await shop.makeProduct(tenantId, { categoryId: cafe });
    await hire(tenantId, 'General');
    await hire(tenantId, 'Ropa', { categoryIds: [ropa] });
    await shop.sellerWork.changeSettings(tenantId, { rule: 'by_category' });
    const buys = async (...ids: string[]) =>
      (
        await order(
          tenantId,
          ids.map((productId) => ({ productId, quantity: 1 })),
        )
      ).sellerName;
    expect([await buys(shirt), await buys(shirt), await buys(coffee, shirt)]).toEqual(['Ropa', 'Ropa', 'Ropa']);
    expect(await buys(coffee)).toBe('General');
    const many = await Promise.all(Array.from({ length: 5 }, () => next(tenantId, { categoryIds: [ropa] })));
    expect(many).toEqual(['Ropa', 'Ropa', 'Ropa', 'Ropa', 'Ropa']);
  });

  it('INV-8: is decided among the sellers of one business by its own rule, and names only its own', async () => {
    const [one, two] = [await shop.db.makeTenant(), await shop.db.makeTenant()];
    await hire(one, 'Ana');
    await shop.sellerWork.changeSettings(one, { rule: 'least_open' });
    expect(await next(two)).toBeNull();
    expect(await shop.sellerWork.getSettings(two)).toEqual({ rule: 'round_robin', revision: 0 });
    await expect(hire(two, 'Eva', { botIds: [await shop.makeBot(one)] })).rejects.toMatchObject({
      code: 'unknown_bot',
    });
    const categoryIds = [await shop.makeCategory(one, 'Ropa')];
    await expect(hire(two, 'Eva', { categoryIds })).rejects.toMatchObject({ code: 'unknown_category' });
  });
});
