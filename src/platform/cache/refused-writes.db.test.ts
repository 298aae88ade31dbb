import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Shop, TestApp } from '../../../test/support/app.js';
import { startFeatures } from '../../../test/support/features.js';
import { redisServer, startRedis, type TestRedis } from '../../../test/support/redis.js';
import { AuthModule } from '../../auth/auth.module.js';
import { BotsModule } from '../../bots/bots.module.js';

describe.runIf(redisServer)('kept answers beside a Redis that takes no writes', () => {
  let server: TestRedis;
  let redis: Redis;
  let app: TestApp;
  let shop: Shop;

  beforeEach(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
    app = await startFeatures([AuthModule, BotsModule], { REDIS_URL: server.url });
    shop = await app.openShop();
  });
  afterEach(async () => {
    redis.disconnect();
    await app.close();
    await server.kill();
  });

  /** @returns its id, and its answer is kept */
  async function keptBot(): Promise<string> {
    const { body } = await shop.call('POST', '/api/bots', { name: 'Aurora' });
    await expect
      .poll(
        async () => {
          await shop.call('GET', `/api/bots/${body.id}`);
          return (await redis.keys('answers:*')).filter((key) => key.includes(body.id)).length;
        },
        { timeout: 15_000 },
      )
      .toBe(1);
    return body.id as string;
  }

  async function editTwentyTimes(id: string): Promise<void> {
    for (let revision = 1; revision <= 20; revision += 1) {
      const name = `Aurora ${revision}`;
      const edited = await shop.call('PATCH', `/api/bots/${id}`, { name }, { 'if-match': `"${revision}"` });
      expect(edited.status).toBe(200);
      const { body, headers } = await shop.call('GET', `/api/bots/${id}`);
      expect([body.name, headers.get('etag')]).toEqual([name, `"${revision + 1}"`]);
    }
  }

  it('show a change at once when Redis is full, so that an edit right after it succeeds', async () => {
    const id = await keptBot();
    await redis.config('SET', 'maxmemory-policy', 'noeviction');
    await redis.config('SET', 'maxmemory', '1mb');
    await expect(redis.set('more', 'x')).rejects.toThrow('OOM');
    await editTwentyTimes(id);
  });

  it('show a change at once when Redis has become a replica, so that an edit right after it succeeds', async () => {
    const id = await keptBot();
    await redis.replicaof('127.0.0.1', 1);
    await expect(redis.set('more', 'x')).rejects.toThrow('READONLY');
    await editTwentyTimes(id);
  });
});
