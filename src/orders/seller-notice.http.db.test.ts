import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestApp, type Shop, type TestApp } from '../../test/support/app.js';
import { addEndpoint } from '../../test/support/endpoints.js';
import { until } from '../../test/support/until.js';

const HEALTHY = '+5215511110000';
/** The simulator refuses it for good: nobody is there. */
const REFUSED = '+999005123456';
/** The simulator takes it, and tells of a failure afterwards. */
const FAILS_LATER = '+999014123456';
const OFFICIAL = {
  provider: 'official',
  name: 'Oficial',
  credentials: { phoneNumberId: '77', accessToken: 't', appSecret: 's', verifyToken: 'v' },
};
const SIMULATOR = { provider: 'simulator', name: 'Simulador', credentials: {} };

let app: TestApp;
let shop: Shop;
let lines: object[];
let contactId: string;
beforeAll(async () => {
  app = await startTestApp({ SIMULATOR_ALLOWED: 'true', META_GRAPH_URL: 'http://127.0.0.1:1' });
});
beforeEach(async () => {
  shop = await app.openShop();
  const product = { sku: 'CAF', name: { es: 'Café' }, priceMinor: 1500, initialStock: 10 };
  lines = [{ productId: (await shop.call('POST', '/api/products', product)).body.id, quantity: 1 }];
  contactId = randomUUID();
  await app.owner.query(`insert into contact (id, tenant_id, name) values ($1, $2, 'Rosa')`, [
    contactId,
    shop.tenantId,
  ]);
});
afterAll(() => app.close());

async function openBot(connection: object | null): Promise<string> {
  const { body } = await shop.call('POST', '/api/bots', { name: 'Ventas', locale: 'es' });
  if (connection) await shop.call('POST', `/api/bots/${body.id}/connections`, connection);
  return body.id;
}
const addSeller = async (phone: string) => (await shop.call('POST', '/api/sellers', { name: 'Lupita', phone })).body.id;
const place = async (botId: string) =>
  (await shop.call('POST', '/api/orders', { contactId, lines, botId })).body as { id: string };
const get = async ({ id }: { id: string }) => (await shop.call('GET', `/api/orders/${id}`)).body;
const settles = (order: { id: string }, state: string) =>
  until(`the notice is ${state}`, async () => {
    const view = await get(order);
    return view.sellerNotice?.state === state ? view : undefined;
  });
const untold = async (state: string, by: Shop = shop) =>
  (await by.call('GET', `/api/orders?sellerNotice=${state}`)).body.items.map(({ id }: { id: string }) => id);
const noticesIn = (view: { history: { kind: string }[] }) => view.history.filter(({ kind }) => kind === 'notice');

describe('the seller of an order', () => {
  it('is told, and the order says how far that got', async () => {
    await addSeller(HEALTHY);
    const order = await place(await openBot(SIMULATOR));
    const view = await settles(order, 'delivered');
    expect(view).toMatchObject({ revision: 1, sellerNotice: { state: 'delivered', reason: null } });
    expect(noticesIn(view)).toEqual([]);
    expect(await untold('failed')).toEqual([]);
  });

  it('gets a notice, which is no message to a customer', async () => {
    await addSeller(HEALTHY);
    await settles(await place(await openBot(SIMULATOR)), 'delivered');
    const kpis = await until('the figures', async () => {
      const { body } = await shop.call('GET', '/api/analytics/metrics');
      return body.notices > 0 ? body : undefined;
    });
    expect(kpis).toMatchObject({ messagesOut: 0, notices: 1, noticesFailed: 0, responseTime: { meanMs: null } });
    const talks = (await shop.call('GET', '/api/conversations')).body.items;
    const { body } = await shop.call('GET', `/api/conversations/${talks[0].id}/messages`);
    expect(body.items).toMatchObject([{ direction: 'out', author: 'notice' }]);
  });

  it('cannot be told without a connection: the order says so at once, and integrators are told', async () => {
    await addEndpoint(app.owner, shop.tenantId, ['order.changed']);
    await addSeller(HEALTHY);
    const order = await place(await openBot(null));
    const view = await get(order);
    expect(view.sellerNotice).toMatchObject({ state: 'impossible', reason: 'no_connection' });
    expect(noticesIn(view)).toMatchObject([{ actor: 'delivery', note: 'impossible: no_connection' }]);
    expect(await untold('impossible')).toEqual([order.id]);
    expect(await untold('impossible', await app.openShop())).toEqual([]);
    const { rows } = await app.owner.query(
      `select body ->> 'change' as change, body ->> 'sellerNotice' as notice from outgoing_event where tenant_id = $1`,
      [shop.tenantId],
    );
    expect(rows).toEqual([{ change: 'notice', notice: 'impossible' }]);
  });

  it('cannot be told on an official connection they never wrote to; that goes with the seller', async () => {
    await addSeller(HEALTHY);
    const botId = await openBot(OFFICIAL);
    await app.owner.query(`update connection set health = 'up' where bot_id = $1`, [botId]);
    const order = await place(botId);
    const view = await settles(order, 'impossible');
    expect(view.sellerNotice.reason).toBe('window_closed');
    expect(noticesIn(view)).toHaveLength(1);
    const nobody = await shop.call('POST', `/api/orders/${order.id}/assign`, { sellerId: null });
    expect(nobody.body.sellerNotice).toBeNull();
  });

  it('whose number takes no message is found by the filter, until another seller has the order', async () => {
    const [first] = [await addSeller(REFUSED)];
    const botId = await openBot(SIMULATOR);
    const order = await place(botId);
    const view = await settles(order, 'failed');
    expect(view).toMatchObject({ sellerId: first, sellerNotice: { reason: expect.stringContaining('SIMULATED') } });
    expect(await untold('failed')).toEqual([order.id]);
    const sellerId = await addSeller(HEALTHY);
    await shop.call('POST', `/api/orders/${order.id}/assign`, { sellerId });
    await settles(order, 'delivered');
    expect(await untold('failed')).toEqual([]);
  });

  it('is waited for by no other order whose outcome cannot be written down', async () => {
    await addSeller(HEALTHY);
    const botId = await openBot(SIMULATOR);
    const odd = randomUUID();
    await app.owner.query(`insert into contact (id, tenant_id, name) values ($1, $2, 'Rara')`, [odd, shop.tenantId]);
    await app.owner.query(
      `alter table sales_order add constraint odd check (contact_id <> '${odd}' or seller_notice <> 'delivered') not valid`,
    );
    try {
      await shop.call('POST', '/api/orders', { contactId: odd, lines, botId });
      await until('an outcome that fails', async () => {
        const { rows } = await app.owner.query(`select 1 from seller_notice_outcome where state = 'delivered'`);
        return rows[0];
      });
      await settles(await place(botId), 'delivered');
    } finally {
      await app.owner.query('alter table sales_order drop constraint odd');
    }
    await until('the odd one, too', async () => {
      const { rows } = await app.owner.query<{ n: number }>('select count(*)::int as n from seller_notice_outcome');
      return rows[0]?.n === 0;
    });
  });

  it('is known to be unreachable also when the failure is told after the acceptance', async () => {
    await addSeller(FAILS_LATER);
    const view = await settles(await place(await openBot(SIMULATOR)), 'failed');
    expect(noticesIn(view)).toMatchObject([{ note: expect.stringMatching(/^failed: SIMULATED: /) }]);
    const { rows } = await app.owner.query('select 1 from seller_notice_outcome');
    expect(rows).toEqual([]);
  });
});
