import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Shop, TestApp } from '../../test/support/app.js';
import { signInAs, startFeatures } from '../../test/support/features.js';
import { AuthModule } from '../auth/auth.module.js';
import { OrdersModule } from '../orders/orders.module.js';

let app: TestApp;
let shop: Shop;
beforeAll(async () => {
  app = await startFeatures([AuthModule, OrdersModule]);
  shop = await app.openShop();
});
afterAll(() => app.close());

let phones = 0;
const hire = async (by: Shop, name: string, more: object = {}) => {
  phones += 1;
  const { status, body } = await by.call('POST', '/api/sellers', {
    name,
    phone: `+52155${30_000_000 + phones}`,
    ...more,
  });
  expect([status, body]).toEqual([201, body]);
  return body;
};

/** An order of so much, placed and answered at these times. */
async function order(
  tenantId: string,
  sellerId: string,
  totalMinor: number,
  [placed, answered, state = 'confirmed']: string[],
) {
  await app.owner.query(
    `with c as (insert into contact (id, tenant_id, name) values (gen_random_uuid(), $1, 'R') returning id),
       n as (insert into order_counter (tenant_id, last_number) values ($1, 1)
         on conflict (tenant_id) do update set last_number = order_counter.last_number + 1 returning last_number),
       o as (insert into sales_order (id, tenant_id, number, contact_id, seller_id, state, currency, total_minor, placed_at)
         select gen_random_uuid(), $1, n.last_number, c.id, $2, $6, 'MXN', $3, $4 from c, n returning id, tenant_id)
     insert into order_event (tenant_id, order_id, from_state, to_state, actor, created_at)
     select tenant_id, id, 'placed', $6, 'user:x', $5::timestamptz from o where $5::text is not null`,
    [tenantId, sellerId, totalMinor, placed, answered ?? null, state],
  );
}

describe('the rule', () => {
  it('is round robin until somebody changes it, from the revision they read', async () => {
    const read = await shop.call('GET', '/api/sellers/settings');
    expect([read.status, read.body, read.headers.get('etag')]).toEqual([
      200,
      { rule: 'round_robin', revision: 0 },
      '"0"',
    ]);
    const first = await shop.call('PUT', '/api/sellers/settings', { rule: 'least_open' }, { 'if-match': '"0"' });
    expect([first.status, first.body]).toEqual([200, { rule: 'least_open', revision: 1 }]);
    const stale = await shop.call('PUT', '/api/sellers/settings', { rule: 'by_category' }, { 'if-match': '"0"' });
    expect([stale.status, stale.body.code]).toEqual([412, 'revision_mismatch']);
    expect((await shop.call('PUT', '/api/sellers/settings', { rule: 'coin' })).body.errors).toMatchObject([
      { field: 'rule' },
    ]);
    const seller = await signInAs(app, shop, 'seller');
    expect((await seller.call('PUT', '/api/sellers/settings', { rule: 'coin' })).status).toBe(403);
    expect((await app.call('GET', '/api/sellers/settings')).status).toBe(401);
  });
});

describe('a seller', () => {
  it('has hours, a time zone, bots and categories, each checked', async () => {
    const hours = [{ day: 6, from: '22:00', to: '24:00' }];
    const made = await hire(shop, 'Noche', { hours, timezone: 'America/Bogota' });
    expect(made).toMatchObject({ hours, timezone: 'America/Bogota', botIds: [], categoryIds: [], pausedUntil: null });
    const wrong = async (patch: object) => {
      const { status, body } = await shop.call('PATCH', `/api/sellers/${made.id}`, patch);
      return [status, body.errors?.[0].field];
    };
    expect(await wrong({ hours: [{ day: 8, from: '09:00', to: '10:00' }] })).toEqual([400, 'hours.0.day']);
    expect(await wrong({ hours: [{ day: 1, from: '9:00', to: '10:00' }] })).toEqual([400, 'hours.0.from']);
    expect(await wrong({ hours: [{ day: 1, from: '18:00', to: '09:00' }] })).toEqual([400, 'hours.0.to']);
    expect(await wrong({ timezone: 'Luna/Tranquilidad' })).toEqual([400, 'timezone']);
    const nobody = '00000000-0000-4000-8000-000000000000';
    expect(await wrong({ botIds: [nobody] })).toEqual([422, 'botIds']);
    expect(await wrong({ categoryIds: [nobody] })).toEqual([422, 'categoryIds']);
    expect(await wrong({ pausedUntil: 'mañana' })).toEqual([400, 'pausedUntil']);
  });
});

describe('statistics', () => {
  it('count the orders of a window, their money, and how soon somebody answered', async () => {
    const by = await app.openShop();
    const [ana, eva] = [await hire(by, 'Ana'), await hire(by, 'Eva')];
    await order(by.tenantId, ana.id, 10_000, ['2026-03-01T10:00:00Z', '2026-03-01T10:01:00Z']);
    await order(by.tenantId, ana.id, 20_000, ['2026-03-01T11:00:00Z', '2026-03-01T11:03:00Z', 'delivered']);
    await order(by.tenantId, ana.id, 40_000, ['2026-03-01T12:00:00Z', '2026-03-01T12:02:00Z', 'cancelled']);
    await order(by.tenantId, ana.id, 80_000, ['2026-03-02T00:00:00Z']);
    const query = 'from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z';
    const { body } = await by.call('GET', `/api/sellers/statistics?${query}`);
    expect(body).toEqual({
      from: '2026-03-01T00:00:00.000Z',
      to: '2026-03-02T00:00:00.000Z',
      items: [
        {
          sellerId: ana.id,
          name: 'Ana',
          orders: 2,
          cancelled: 1,
          openNow: 2,
          totalMinor: 30_000,
          currency: 'MXN',
          responseSeconds: { answered: 3, mean: 120, p50: 120, p95: expect.closeTo(174) },
        },
        expect.objectContaining({
          sellerId: eva.id,
          orders: 0,
          totalMinor: 0,
          responseSeconds: { answered: 0, mean: null, p50: null, p95: null },
        }),
      ],
    });
    const one = await by.call(
      'GET',
      `/api/sellers/${ana.id}/statistics?from=2026-03-02T00:00:00Z&to=2026-03-03T00:00:00Z`,
    );
    expect(one.body).toMatchObject({ orders: 1, totalMinor: 80_000 });
    const wrong = await by.call('GET', '/api/sellers/statistics?from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z');
    expect([wrong.status, wrong.body.errors[0].field]).toEqual([400, 'to']);
  });

  it('show a seller their own only, and nothing of another business', async () => {
    const by = await app.openShop();
    const user = await signInAs(app, by, 'seller');
    const { body: me } = await user.call('GET', '/api/auth/me');
    const [own, other] = [await hire(by, 'Yo', { userId: me.id }), await hire(by, 'Otra')];
    expect((await user.call('GET', '/api/sellers/statistics')).body.items).toMatchObject([{ sellerId: own.id }]);
    expect((await user.call('GET', `/api/sellers/${own.id}/statistics`)).status).toBe(200);
    for (const stranger of [user, shop])
      expect(await stranger.call('GET', `/api/sellers/${other.id}/statistics`)).toMatchObject({
        status: 404,
        body: { code: 'seller_not_found' },
      });
    expect((await by.call('GET', '/api/sellers/statistics')).body.items).toHaveLength(2);
  });
});
