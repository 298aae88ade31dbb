import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Shop, TestApp } from '../../test/support/app.js';
import type { TestDatabase } from '../../test/support/database.js';
import { startFeatures } from '../../test/support/features.js';
import { makeEvent, openPathShop } from '../../test/support/message-path.js';
import { redisServer, startRedis, type TestRedis } from '../../test/support/redis.js';
import { AuthModule } from '../auth/auth.module.js';
import { ConversationsModule } from './conversations.module.js';
import { IngestService } from './inbox/ingest.service.js';
import { Suspects } from './turns/suspects.js';
import { TurnBatch } from './turns/turn-batch.js';

const FLOW = {
  dsl: 1,
  flow: 'pedido',
  locales: ['es'],
  vars: { size: { type: 'string' } },
  start: 'size',
  steps: [
    { id: 'size', type: 'question', text: '¿Qué talla?', answer: { type: 'text' }, save: 'size', next: 'colour' },
    { id: 'colour', type: 'question', text: '¿Qué color?', answer: { type: 'text' }, next: 'done' },
    { id: 'done', type: 'end', outcome: 'sold' },
  ],
};

/** No loops run: the test runs the turns. */
describe.runIf(redisServer)('where customers are in their flows', () => {
  let server: TestRedis;
  let redis: Redis;
  let app: TestApp;
  let people = 0;

  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
    redis.on('error', () => undefined);
    app = await startFeatures([AuthModule, ConversationsModule], { ROLE: 'api', REDIS_URL: server.url });
  });
  afterAll(async () => {
    redis.disconnect();
    await app.close();
    await server.kill();
  });

  async function open() {
    const shop = await app.openShop();
    const line = await openPathShop({ owner: app.owner, makeTenant: async () => shop.tenantId } as TestDatabase);
    await app.owner.query('update flow_version set document = $2, report = $3 where id = $1', [
      line.versionId,
      FLOW,
      { problems: [], subflows: {} },
    ]);
    const talk = async (...texts: string[]): Promise<string> => {
      const from = `52155${String((people += 1)).padStart(8, '0')}`;
      const batch = app.app.get(TurnBatch, { strict: false });
      const worker = app.app.get(Suspects, { strict: false }).workerName(0);
      for (const text of texts) {
        await app.app.get(IngestService, { strict: false }).ingest([makeEvent(line, { from, text })]);
        while ((await batch.run(worker)).claimed > 0);
      }
      const { rows } = await app.owner.query<{ id: string }>('select id from conversation where address = $1', [from]);
      return rows[0]?.id ?? '';
    };
    return { shop, talk };
  }
  const stepsOf = async (shop: Shop, ...ids: string[]) => {
    const { body } = await shop.call('GET', `/api/conversations/positions?ids=${ids.join(',')}`);
    return Object.fromEntries(
      body.items.map((item: { conversationId: string; step: string }) => [item.conversationId, item.step]),
    );
  };

  it('is told of each conversation in which a flow runs', async () => {
    const { shop, talk } = await open();
    const [early, late, over] = [await talk('hola'), await talk('hola', 'M'), await talk('hola', 'M', 'azul')];
    const { status, body } = await shop.call('GET', `/api/conversations/positions?ids=${early}`);
    expect(status).toBe(200);
    expect(body).toEqual({
      items: [
        { conversationId: early, turn: 1, flow: 'pedido', step: 'size', waitsFor: 'answer', since: expect.any(String) },
      ],
    });
    expect(await stepsOf(shop, early, late, over)).toEqual({ [early]: 'size', [late]: 'colour' });
  });

  it('INV-8: is told to nobody else, whatever Redis holds', async () => {
    const [one, two] = [await open(), await open()];
    const id = await one.talk('hola');
    await redis.set(
      `position:${two.shop.tenantId}:${id}`,
      (await redis.get(`position:${one.shop.tenantId}:${id}`)) ?? '',
    );
    expect(await stepsOf(one.shop, id)).toEqual({ [id]: 'size' });
    expect(await stepsOf(two.shop, id)).toEqual({});
  });

  it('comes from Redis, and Postgres decides whether that still holds', async () => {
    const { shop, talk } = await open();
    const id = await talk('hola');
    const key = `position:${shop.tenantId}:${id}`;
    await expect.poll(() => redis.exists(key)).toBe(1);
    const known = { turn: 1, position: { flow: 'pedido', step: 'kept', waitsFor: 'answer', sinceMs: 1 } };
    await redis.set(key, JSON.stringify(known));
    expect(await stepsOf(shop, id)).toEqual({ [id]: 'kept' });
    await redis.set(key, JSON.stringify({ ...known, turn: 0 }));
    expect(await stepsOf(shop, id)).toEqual({ [id]: 'size' });
    await redis.set(key, JSON.stringify(known));
    await app.owner.query(`update conversation set state = null where id = $1`, [id]);
    expect(await stepsOf(shop, id)).toEqual({});
  });

  it('refuses what is no list of ids', async () => {
    const { shop } = await open();
    const id = '00000000-0000-4000-8000-000000000000';
    for (const ids of ['', 'x', `${id},`, Array.from({ length: 101 }, () => id).join(',')])
      expect((await shop.call('GET', `/api/conversations/positions?ids=${ids}`)).status).toBe(400);
    expect(await stepsOf(shop, ...Array.from({ length: 100 }, () => id))).toEqual({});
  });

  it('INV-10: is the same after Redis was wiped, and while it is away', async () => {
    const { shop, talk } = await open();
    const id = await talk('hola');
    await redis.flushall();
    expect(await stepsOf(shop, id)).toEqual({ [id]: 'size' });
    await server.kill();
    expect(await stepsOf(shop, id)).toEqual({ [id]: 'size' });
  });
});
