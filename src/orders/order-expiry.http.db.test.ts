import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Shop, TestApp } from '../../test/support/app.js';
import { addEndpoint } from '../../test/support/endpoints.js';
import { startFeatures } from '../../test/support/features.js';
import { AuthModule } from '../auth/auth.module.js';
import { ConversationsModule } from '../conversations/conversations.module.js';
import { BotsModule } from '../bots/bots.module.js';
import { OrderExpiry } from './order-expiry.js';
import { OrdersModule } from './orders.module.js';

/** No loops run: the test runs the job. */
let app: TestApp;
let shop: Shop;
let other: Shop;
beforeAll(async () => {
  app = await startFeatures([AuthModule, OrdersModule, ConversationsModule, BotsModule], { ROLE: 'api' });
});
beforeEach(async () => {
  [shop, other] = [await app.openShop(), await app.openShop()];
});
afterAll(() => app.close());

const run = () => app.app.get(OrderExpiry, { strict: false }).run(new AbortController().signal);
const makeProduct = async (of: Shop) =>
  (await of.call('POST', '/api/products', { sku: 'CAF', name: { es: 'Café' }, priceMinor: 1500, initialStock: 10 }))
    .body.id as string;
async function makeContact(of: Shop, locale: string | null = null): Promise<string> {
  const id = randomUUID();
  await app.owner.query(
    `insert into contact (id, tenant_id, name, phone, locale) values ($1, $2, 'Rosa', '+525511112222', $3)`,
    [id, of.tenantId, locale],
  );
  return id;
}
async function place(of: Shop, productId: string, quantity = 2): Promise<string> {
  const contactId = await makeContact(of);
  return (await of.call('POST', '/api/orders', { contactId, lines: [{ productId, quantity }] })).body.id;
}
/** So long ago that it, and the setting, would be older by so many hours. */
async function age(of: Shop, hours: number): Promise<void> {
  const ago = `- interval '1 hour' * ${hours}`;
  await app.owner.query(`update sales_order set placed_at = placed_at ${ago} where tenant_id = $1`, [of.tenantId]);
  await app.owner.query(
    `update tenant set unpaid_order_expiry_since = unpaid_order_expiry_since ${ago} where id = $1`,
    [of.tenantId],
  );
}
const move = (of: Shop, id: string, to: string) => of.call('POST', `/api/orders/${id}/transitions`, { to });
const get = async (of: Shop, id: string) => (await of.call('GET', `/api/orders/${id}`)).body;
const onHand = async (of: Shop, id: string) => (await of.call('GET', `/api/products/${id}`)).body.onHand as number;
const set = (of: Shop, body: object) => of.call('PATCH', '/api/tenant', body);
const told = async (of: Shop) =>
  (
    await app.owner.query<{ text: string }>(
      `select body ->> 'text' as text from inbox where tenant_id = $1 and kind = 'notice' order by id`,
      [of.tenantId],
    )
  ).rows.map(({ text }) => text);

/** A connection by which customers can be told. */
async function openConnection(of: Shop): Promise<void> {
  const botId = randomUUID();
  await app.owner.query(`insert into bot (id, tenant_id, name) values ($1, $2, 'Bot')`, [botId, of.tenantId]);
  await app.owner.query(
    `insert into connection (id, tenant_id, bot_id, provider, name, credentials, credentials_key_id)
     values ($1, $2, $3, 'simulator', 'Simulador', '', 'k1')`,
    [randomUUID(), of.tenantId, botId],
  );
}

describe('an order that nobody pays', () => {
  it('is cancelled after 48 hours: the units are back, the history says why, integrators are told', async () => {
    await addEndpoint(app.owner, shop.tenantId, ['order.changed']);
    const [product, theirs] = [await makeProduct(shop), await makeProduct(other)];
    const [placed, confirmed] = [await place(shop, product), await place(shop, product, 1)];
    const young = await place(other, theirs);
    await move(shop, confirmed, 'confirmed');
    const { placedAt, expiresAt } = await get(shop, placed);
    expect(Date.parse(expiresAt) - Date.parse(placedAt)).toBe(48 * 3_600_000);
    await age(shop, 49);
    await run();
    for (const id of [placed, confirmed]) {
      const view = await get(shop, id);
      expect(view).toMatchObject({ state: 'cancelled', paymentState: 'unpaid', expiresAt: null });
      expect(view.history.at(-1)).toMatchObject({ to: 'cancelled', actor: 'expiry', note: 'not paid in time' });
    }
    expect(await onHand(shop, product)).toBe(10);
    expect([(await get(other, young)).state, await onHand(other, theirs)]).toEqual(['placed', 8]);
    const { rows } = await app.owner.query(
      `select body ->> 'state' as state from outgoing_event where tenant_id = $1 and body ->> 'orderId' = $2`,
      [shop.tenantId, placed],
    );
    expect(rows).toEqual([{ state: 'cancelled' }]);
    await run();
    expect(await onHand(shop, product)).toBe(10);
  });

  it('leaves those that were paid, and those of a shop that waits for ever', async () => {
    const [product, theirs] = [await makeProduct(shop), await makeProduct(other)];
    const [paid, waiting] = [await place(shop, product), await place(other, theirs)];
    await move(shop, paid, 'confirmed');
    await move(shop, paid, 'paid');
    expect((await set(other, { unpaidOrderExpiryMinutes: null })).body.unpaidOrderExpiryMinutes).toBeNull();
    await age(shop, 500);
    await age(other, 500);
    await run();
    expect((await get(shop, paid)).state).toBe('paid');
    expect(await get(other, waiting)).toMatchObject({ state: 'placed', expiresAt: null });
  });

  it('is told of once before, in the shop’s own words, and at the end', async () => {
    await openConnection(shop);
    await shop.call('PATCH', '/api/order-messages/expiring', {
      texts: { es: 'Paga el #{number} antes del {deadline}' },
    });
    const id = await place(shop, await makeProduct(shop));
    await age(shop, 22);
    await run();
    expect(await told(shop)).toEqual([]);
    await age(shop, 2);
    await run();
    await run();
    expect(await told(shop)).toEqual([expect.stringMatching(/^Paga el #1 antes del \d+ de [a-z]+ a las \d\d:\d\d$/)]);
    expect((await get(shop, id)).history.at(-1)).toMatchObject({ kind: 'notice', note: 'payment reminder' });
    await age(shop, 25);
    await run();
    expect((await told(shop)).slice(1)).toEqual([expect.stringContaining('Tu pedido #1 fue cancelado')]);
  });

  it('waits for the whole time again when the shop sets another: nothing ends by surprise', async () => {
    await set(shop, { unpaidOrderExpiryMinutes: null });
    const id = await place(shop, await makeProduct(shop));
    await age(shop, 500);
    await set(shop, { unpaidOrderExpiryMinutes: 60, unpaidOrderReminderMinutes: null });
    await run();
    const view = await get(shop, id);
    expect(view.state).toBe('placed');
    expect(Date.parse(view.expiresAt)).toBeGreaterThan(Date.now() + 50 * 60_000);
    await age(shop, 2);
    await run();
    expect((await get(shop, id)).state).toBe('cancelled');
  });

  it('INV-7: paid in the same second, it is either paid or cancelled, and its units move once', async () => {
    const product = await makeProduct(shop);
    const ids = await Promise.all(Array.from({ length: 8 }, () => place(shop, product, 1)));
    for (const id of ids) await move(shop, id, 'confirmed');
    await age(shop, 49);
    const [answers] = await Promise.all([Promise.all(ids.map((id) => move(shop, id, 'paid'))), run(), run()]);
    const states = await Promise.all(ids.map(async (id) => (await get(shop, id)).state as string));
    expect(states).toEqual(answers.map(({ status }) => (status === 200 ? 'paid' : 'cancelled')));
    expect(answers.every(({ status, body }) => status === 200 || body.code === 'order_move_not_allowed')).toBe(true);
    expect(await onHand(shop, product)).toBe(10 - states.filter((state) => state === 'paid').length);
  });

  it('does not hold up another shop’s, however many there are, nor one that fails', async () => {
    const [product, theirs] = [await makeProduct(shop), await makeProduct(other)];
    const first = await place(shop, product, 1);
    const id = await place(other, theirs);
    await app.owner.query(
      `insert into sales_order (id, tenant_id, number, contact_id, state, currency, total_minor, placed_at)
       select gen_random_uuid(), tenant_id, n, contact_id, 'placed', currency, 0, placed_at
         from sales_order, generate_series(2, 300) n where id = $1`,
      [first],
    );
    // Its units cannot come back: the level would pass what the column holds.
    await app.owner.query('update stock_level set on_hand = 2147483647 where product_id = $1', [product]);
    await age(shop, 60);
    await age(other, 50);
    await run();
    const { rows } = await app.owner.query<{ n: number; before: number }>(
      `select (select count(*)::int from sales_order where tenant_id = $1 and state = 'cancelled') as n,
              (select count(*)::int from order_event e where e.tenant_id = $1 and e.to_state = 'cancelled'
                and e.id < (select max(id) from order_event where order_id = $2)) as before`,
      [shop.tenantId, id],
    );
    expect((await get(other, id)).state).toBe('cancelled');
    expect(rows[0]?.n).toBe(299);
    expect(rows[0]?.before).toBeLessThanOrEqual(20);
    expect((await get(shop, first)).state).toBe('placed');
  });
});

describe('the time to pay', () => {
  it('is 48 hours for a new shop, and the reminder comes before its end', async () => {
    expect((await shop.call('GET', '/api/tenant')).body).toMatchObject({
      unpaidOrderExpiryMinutes: 2880,
      unpaidOrderReminderMinutes: 1500,
    });
    const early = await set(shop, { unpaidOrderExpiryMinutes: 60 });
    expect([early.status, early.body.code]).toEqual([422, 'reminder_too_early']);
    for (const unpaidOrderExpiryMinutes of [0, 29, 43_201, 1.5, 'soon'])
      expect((await set(shop, { unpaidOrderExpiryMinutes })).status).toBe(400);
    expect((await set(other, { unpaidOrderExpiryMinutes: 60, unpaidOrderReminderMinutes: 30 })).status).toBe(200);
    expect((await shop.call('GET', '/api/tenant')).body.unpaidOrderExpiryMinutes).toBe(2880);
  });
});
