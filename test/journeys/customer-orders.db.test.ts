import { afterEach, describe, expect, it } from 'vitest';
import { DemoService } from '../../src/demo/demo.service.js';
import { startTestApp, type Shop, type TestApp } from '../support/app.js';
import { inbound, inboundText, signWebhook, webhookBody } from '../support/graph-double-webhook.js';
import { startGraphDouble, type GraphDouble } from '../support/graph-double.js';
import { until } from '../support/until.js';

const PHONE_NUMBER_ID = '15550001111';
const FROM = '5215512345678';
const LINE = {
  provider: 'official',
  credentials: {
    phoneNumberId: PHONE_NUMBER_ID,
    accessToken: 'test-access-token',
    appSecret: 'test-app-secret',
    verifyToken: 'test-verify-token',
  },
};
const ADMIN = { ADMIN_EMAIL: 'ana@cafe.test', ADMIN_PASSWORD: 'clave-de-ana' };

let app: TestApp;
let graph: GraphDouble | null = null;
afterEach(async () => {
  await app.close();
  await graph?.stop();
  graph = null;
});

/** A customer on some line: says, taps, and waits until the bot says what is expected. */
type Customer = {
  say(text: string): Promise<void>;
  tap(choiceId: string): Promise<void>;
  hears(pattern: RegExp): Promise<string>;
};

async function openCoffeeShop(variables: Record<string, string> = {}): Promise<{ call: Shop['call']; botId: string }> {
  app = await startTestApp({ ...ADMIN, ...variables });
  await app.app.get(DemoService, { strict: false }).seedIfEmpty();
  const { ADMIN_EMAIL: email, ADMIN_PASSWORD: password } = ADMIN;
  const signIn = await app.call('POST', '/api/auth/login', { email, password });
  const authorization = `Bearer ${signIn.body.accessToken}`;
  const call: Shop['call'] = (method, path, body, headers = {}) =>
    app.call(method, path, body, { authorization, ...headers });
  const bots = await call('GET', '/api/bots');
  return { call, botId: bots.body.items[0].id };
}

async function placesAnOrder(customer: Customer): Promise<void> {
  await customer.say('hola');
  await customer.hears(/Café Tostado/);
  await customer.tap('catalogue');
  await customer.tap('granos');
  await customer.hears(/Chiapas/);
  await customer.tap('CAF-CHIAPAS-250');
  await customer.say('2');
  await customer.tap('yes');
  await customer.tap('granos');
  await customer.tap('CAF-OAXACA-250');
  await customer.say('1');
  await customer.tap('no');
  await customer.hears(/\$\s?449\.00/);
  await customer.tap('place');
  await customer.hears(/449\.00/);
}

/** 2 × 145.00 + 1 × 159.00, as every part of the back office must agree. */
async function theShopHasTheOrder(call: Shop['call']): Promise<void> {
  const order = await until('the order', async () => (await call('GET', '/api/orders')).body.items[0]);
  expect(order).toMatchObject({ number: 1, state: 'placed', totalMinor: 44_900, currency: 'MXN' });
  expect(order.sellerName).toMatch(/Lucía|Mateo|Rocío/);
  const { body } = await call('GET', `/api/orders/${order.id}`);
  expect(body.lines.map((line: { sku: string; quantity: number }) => [line.sku, line.quantity])).toEqual([
    ['CAF-CHIAPAS-250', 2],
    ['CAF-OAXACA-250', 1],
  ]);
  const product = body.lines[0].productId;
  const stock = await call('GET', `/api/products/${product}/stock`);
  expect(stock.body).toMatchObject({ onHand: 58, held: 0, available: 58 });
  expect(stock.body.ledger.items).toEqual(
    expect.arrayContaining([expect.objectContaining({ quantity: -2, reason: 'sale' })]),
  );
  const metrics = await until('the KPIs', async () => {
    const { body: kpis } = await call('GET', '/api/analytics/metrics?window=24h');
    return kpis.orders === 1 ? kpis : null;
  });
  expect(metrics).toMatchObject({ conversions: 1, orders: 1, revenue: [{ currency: 'MXN', totalMinor: 44_900 }] });
  expect(metrics.responseTime.p95Ms).toBeGreaterThan(0);
}

describe('a customer orders', () => {
  it('on the simulator: greeting, catalogue, two items, review, order, seller told', async () => {
    const { call, botId } = await openCoffeeShop();
    const path = `/api/bots/${botId}/simulator/messages`;
    const heardBy = async (from: string): Promise<string[]> => {
      const { body } = await call('GET', `${path}?from=${from}`);
      return body.items
        .filter(({ direction }: { direction: string }) => direction === 'out')
        .map(({ content }: { content: unknown }) => JSON.stringify(content));
    };
    const settled = () =>
      until('the bot to be quiet', async () => {
        const { body } = await call('GET', `${path}?from=${FROM}`);
        return body.items.length > 0 && !body.isTyping;
      });
    const send = async (message: object) => {
      expect((await call('POST', path, { from: FROM, name: 'Luis', ...message })).status).toBe(202);
      await settled();
    };
    await placesAnOrder({
      say: (text) => send({ text }),
      tap: (choiceId) => send({ choiceId }),
      hears: (pattern) =>
        until(String(pattern), async () => (await heardBy(FROM)).findLast((text) => pattern.test(text))),
    });
    await theShopHasTheOrder(call);
    const sellers = await call('GET', '/api/sellers');
    const told = await until('a seller to be told', async () => {
      for (const { phone } of sellers.body.items) {
        const [first] = await heardBy(phone.slice(1));
        if (first) return first;
      }
      return null;
    });
    expect(told).toMatch(/449\.00/);
  });

  it('over Meta: signed webhooks in, replies at the Graph double', async () => {
    graph = await startGraphDouble({ latencyMs: 5 });
    const provider = graph;
    const { call, botId } = await openCoffeeShop({ META_GRAPH_URL: provider.url });
    const connection = await call('POST', `/api/bots/${botId}/connections`, { ...LINE, name: 'Meta', position: 1 });
    expect(connection.status).toBe(201);
    const webhook = `${app.url}/webhooks/official`;
    provider.echoTo({ callbackUrl: webhook });
    const heard = () => provider.accepted.filter(({ to }) => to === `+${FROM}`).map(({ body }) => JSON.stringify(body));
    const deliver = async (message: Parameters<GraphDouble['emitInbound']>[1][number]) => {
      const before = heard().length;
      await provider.emitInbound(webhook, [message], 2);
      await until('an answer', async () => heard().length > before);
    };
    const at = { phoneNumberId: PHONE_NUMBER_ID, from: FROM, name: 'Luis' };
    const offered = async (id: string) => {
      await until(`the choice ${id}`, async () => heard().at(-1)?.includes(`"id":"${id}"`));
    };
    await placesAnOrder({
      say: (text) => deliver(inboundText({ ...at, text })),
      tap: async (id) => {
        await offered(id);
        await deliver(
          inbound({ ...at, type: 'interactive', content: { type: 'list_reply', list_reply: { id, title: id } } }),
        );
      },
      hears: (pattern) => until(String(pattern), async () => heard().findLast((text) => pattern.test(text))),
    });
    await theShopHasTheOrder(call);
    expect([...provider.duplicates]).toEqual([]);
    const conversations = await call('GET', '/api/conversations');
    const ours = conversations.body.items.find((item: { phone?: string | null }) =>
      item.phone?.endsWith(FROM.slice(-10)),
    );
    const transcript = await until('every reply to be read', async () => {
      const { body } = await call('GET', `/api/conversations/${ours.id}/messages?limit=100`);
      const out = body.items.filter(({ direction }: { direction: string }) => direction === 'out');
      return out.every(({ delivery }: { delivery: string }) => delivery === 'read') ? out : null;
    });
    expect(transcript.length).toBeGreaterThan(8);
  });
});

describe('a stranger', () => {
  it('gets 401 for a wrong signature, and nothing is stored', async () => {
    const { call, botId } = await openCoffeeShop();
    const line = await call('POST', `/api/bots/${botId}/connections`, { ...LINE, name: 'Meta', position: 1 });
    expect(line.status).toBe(201);
    const { payload } = signWebhook(
      webhookBody({ messages: [inboundText({ phoneNumberId: PHONE_NUMBER_ID, from: FROM, text: 'hola' })] }),
      'test-app-secret',
    );
    for (const signature of [
      '',
      'sha256=',
      `sha256=${'0'.repeat(64)}`,
      signWebhook('another body', 'test-app-secret').headers['x-hub-signature-256'] ?? '',
    ]) {
      const response = await fetch(`${app.url}/webhooks/official`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-hub-signature-256': signature },
        body: payload,
      });
      expect([response.status, response.headers.get('content-type')]).toEqual([
        401,
        expect.stringContaining('application/problem+json'),
      ]);
    }
    const { rows } = await app.owner.query(
      'select (select count(*)::int from inbox) + (select count(*)::int from seen) as n',
    );
    expect(rows).toEqual([{ n: 0 }]);
  });
});
