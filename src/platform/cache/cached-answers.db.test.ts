import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Shop, startTestApp, type TestApp } from '../../../test/support/app.js';
import { signInAs } from '../../../test/support/features.js';
import { redisServer, startRedis, type TestRedis } from '../../../test/support/redis.js';

type Process = Pick<Shop, 'call'>;

const loadsOf = async (app: TestApp) => {
  const { body } = await app.call('GET', '/metrics');
  const count = (outcome: string) =>
    Number(new RegExp(`dashoffice_cached_answers_total\\{outcome="${outcome}"\\} (\\d+)`).exec(body)?.[1] ?? 0);
  return { kept: count('kept'), loaded: count('loaded'), bypassed: count('bypassed') };
};

describe('a database that others may write, without Redis', () => {
  it('is asked every time', async () => {
    const app = await startTestApp();
    try {
      const shop = await app.openShop();
      const before = await loadsOf(app);
      await shop.call('GET', '/api/bots');
      await shop.call('GET', '/api/bots');
      const after = await loadsOf(app);
      expect(after.bypassed - before.bypassed).toBe(2);
      expect(after.kept).toBe(before.kept);
    } finally {
      await app.close();
    }
  });
});

describe.runIf(redisServer)('two processes with one Redis', () => {
  let redis: TestRedis;
  let one: TestApp;
  let two: Awaited<ReturnType<TestApp['startAnother']>>;
  beforeAll(async () => {
    redis = await startRedis();
    one = await startTestApp({
      REDIS_URL: redis.url,
      API_RATE_PER_MINUTE: '1000000',
      API_TENANT_RATE_PER_MINUTE: '1000000',
    });
    two = await one.startAnother();
  });
  afterAll(async () => {
    await two.close();
    await one.close();
    await redis.kill();
  });

  /** The shop as each of the two processes serves it. */
  async function open(): Promise<{ shop: Shop; both: [Process, Process] }> {
    const shop = await one.openShop();
    const call: Process['call'] = (method, path, body, headers = {}) =>
      two.call(method, path, body, { authorization: shop.authorization, ...headers });
    return { shop, both: [shop, { call }] };
  }

  it('answer the same text twice, ETag included, and load it once', async () => {
    const { shop, both } = await open();
    const { body: bot } = await shop.call('POST', '/api/bots', { name: 'Aurora' });
    await expect
      .poll(async () => {
        const before = await loadsOf(one);
        const answers = await Promise.all([1, 2, 3].map(() => both[0].call('GET', `/api/bots/${bot.id}`)));
        expect(answers.map(({ body }: Answer) => body)).toEqual([bot, bot, bot]);
        expect(answers.map(({ headers }: Answer) => headers.get('etag'))).toEqual(['"1"', '"1"', '"1"']);
        expect(answers[0]?.headers.get('content-type')).toBe('application/json; charset=utf-8');
        const after = await loadsOf(one);
        return after.kept - before.kept;
      })
      .toBe(3);
  });

  it('show a change at once, whichever made it', async () => {
    const { both } = await open();
    const { body: bot } = await both[0].call('POST', '/api/bots', { name: 'Aurora' });
    for (let round = 1; round <= 20; round += 1) {
      const [writer, reader] = round % 2 ? both : both.toReversed();
      expect((await reader?.call('GET', '/api/bots'))?.body.items[0].name).toBeTypeOf('string');
      await writer?.call('PATCH', `/api/bots/${bot.id}`, { name: `Aurora ${round}` });
      const seen = await Promise.all([
        reader?.call('GET', '/api/bots'),
        reader?.call('GET', `/api/bots/${bot.id}`),
        writer?.call('GET', '/api/bots'),
      ]);
      expect([seen[0]?.body.items[0].name, seen[1]?.body.name, seen[2]?.body.items[0].name]).toEqual(
        Array.from({ length: 3 }, () => `Aurora ${round}`),
      );
    }
  });

  it('INV-8: race with two tenants, and never serve a stale or a foreign answer', async () => {
    const shops = await Promise.all([open(), open()]);
    const wrong: string[] = [];
    let reads = 0;
    await Promise.all(
      shops.map(async ({ shop, both }, tenant) => {
        const { body: bot } = await shop.call('POST', '/api/bots', { name: `${tenant}:0` });
        let answered = 0;
        const writing = { isOver: false };
        const read = async (process: Process) => {
          while (!writing.isOver) {
            const least = answered;
            const { body } = await process.call('GET', '/api/bots');
            reads += 1;
            const [owner, version] = String(body.items[0].name).split(':').map(Number);
            if (owner !== tenant || body.items.length !== 1)
              wrong.push(`tenant ${tenant} was shown ${body.items[0].name}`);
            if ((version ?? -1) < least) wrong.push(`tenant ${tenant} was shown ${version} after ${least}`);
          }
        };
        const readers = [...both, ...both].map(read);
        for (let version = 1; version <= 60; version += 1) {
          await both[version % 2]?.call('PATCH', `/api/bots/${bot.id}`, { name: `${tenant}:${version}` });
          answered = version;
        }
        writing.isOver = true;
        await Promise.all(readers);
      }),
    );
    expect(wrong).toEqual([]);
    expect(reads).toBeGreaterThan(240);
    expect((await loadsOf(one)).kept).toBeGreaterThan(0);
  });

  it('show at once what changed in a row the answer only refers to', async () => {
    const { both } = await open();
    const [writer, reader] = both;
    const { body: contact } = await writer.call('POST', '/api/contacts', { phone: '+525512345678', name: 'Rosa' });
    const product = { sku: 'CAF', name: { es: 'Café' }, priceMinor: 1500, initialStock: 100 };
    const { body: sold } = await writer.call('POST', '/api/products', product);
    const lines = [{ productId: sold.id, quantity: 1 }];
    const { body: order } = await writer.call('POST', '/api/orders', { contactId: contact.id, lines });
    const seen = async () => {
      const { body: list } = await reader.call('GET', '/api/orders');
      const { body: one } = await reader.call('GET', `/api/orders/${order.id}`);
      const { body: stock } = await reader.call('GET', `/api/products/${sold.id}`);
      return [list.items[0].contactName, one.contactName, list.items.length, stock.onHand];
    };
    for (let round = 1; round <= 10; round += 1) {
      const name = `Rosa ${round}`;
      await seen();
      await writer.call('PATCH', `/api/contacts/${contact.id}`, { name });
      expect(await seen()).toEqual([name, name, round, 100 - round]);
      await writer.call('POST', '/api/orders', { contactId: contact.id, lines });
      expect((await seen()).slice(2)).toEqual([round + 1, 99 - round]);
    }
  });

  it('INV-8: are nobody else’s where callers see different things', async () => {
    const { shop, both } = await open();
    const { body: contact } = await shop.call('POST', '/api/contacts', { phone: '+525512345678' });
    const product = { sku: 'CAF', name: { es: 'Café' }, priceMinor: 1500, initialStock: 9 };
    const { body: sold } = await shop.call('POST', '/api/products', product);
    await shop.call('POST', '/api/orders', { contactId: contact.id, lines: [{ productId: sold.id, quantity: 1 }] });
    const seller = await signInAs(one, shop, 'seller');
    for (let round = 1; round <= 3; round += 1)
      for (const process of both) {
        expect((await process.call('GET', '/api/orders')).body.items).toHaveLength(1);
        expect((await seller.call('GET', '/api/orders')).body.items).toEqual([]);
      }
  });

  it('keep no answer that failed', async () => {
    const { shop, both } = await open();
    const nobody = '00000000-0000-4000-8000-000000000000';
    expect((await shop.call('GET', `/api/bots/${nobody}`)).body.code).toBe('bot_not_found');
    expect((await both[1].call('GET', `/api/bots/${nobody}`)).status).toBe(404);
    expect((await both[1].call('GET', '/api/bots?limit=0')).status).toBe(400);
  });

  it('INV-10: go on without Redis, and with it when it is back', async () => {
    const { both } = await open();
    const { body: bot } = await both[0].call('POST', '/api/bots', { name: 'Aurora' });
    await redis.kill();
    await both[0].call('PATCH', `/api/bots/${bot.id}`, { name: 'Aurora 2' });
    await expect.poll(async () => (await both[1].call('GET', `/api/bots/${bot.id}`)).body.name).toBe('Aurora 2');
    redis = await startRedis(redis.port);
    await both[1].call('PATCH', `/api/bots/${bot.id}`, { name: 'Aurora 3' });
    await expect.poll(async () => (await both[0].call('GET', `/api/bots/${bot.id}`)).body.name).toBe('Aurora 3');
  });
});
