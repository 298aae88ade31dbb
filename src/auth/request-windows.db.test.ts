import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { startTestApp } from '../../test/support/app.js';
import { redisServer, startRedis, type TestRedis } from '../../test/support/redis.js';
import { choosePort } from '../platform/embedded/server-port.js';
import { RedisClients } from '../platform/redis.js';
import { RequestWindows } from './request-windows.js';

const servers: TestRedis[] = [];
const opened: RedisClients[] = [];
afterEach(async () => {
  for (const clients of opened.splice(0)) clients.onApplicationShutdown();
  await Promise.all(servers.splice(0).map((server) => server.kill()));
});

async function start(at?: number): Promise<TestRedis> {
  const server = await startRedis(at);
  servers.push(server);
  return server;
}
const open = (port: number) => {
  const clients = new RedisClients({ redisUrl: `redis://127.0.0.1:${port}` });
  opened.push(clients);
  return new RequestWindows(clients.commands);
};

describe('windows without a Redis that answers', () => {
  it('count in this process (INV-10)', async () => {
    const windows = open(await choosePort());
    expect(await windows.increment('a', 60_000, 1)).toMatchObject({ totalHits: 1, isBlocked: false });
    expect(await windows.increment('a', 60_000, 1)).toMatchObject({ totalHits: 2, isBlocked: true });
  });
});

describe.runIf(redisServer)('windows in a real Redis', () => {
  it('are shared by processes, apart per key, and end', async () => {
    const { port } = await start();
    const [one, two] = [open(port), open(port)];
    // Ready once the other side sees what this one counted.
    await expect.poll(async () => shared(one, two)).toBe(true);
    const ttlMs = 1000;
    expect(await two.findLeftMs('a')).toBeNull();
    expect(await one.increment('a', ttlMs, 2)).toMatchObject({ totalHits: 1, timeToExpire: 1, isBlocked: false });
    expect(await two.increment('a', ttlMs, 2)).toMatchObject({ totalHits: 2, isBlocked: false });
    expect(await two.increment('a', ttlMs, 2)).toMatchObject({ totalHits: 3, isBlocked: true, timeToBlockExpire: 1 });
    expect(await one.increment('b', 60_000, 2)).toMatchObject({ totalHits: 1 });
    expect(await two.findLeftMs('b')).toBeGreaterThan(50_000);
    await two.forget('b');
    expect(await one.findLeftMs('b')).toBeNull();
    await expect.poll(async () => (await two.increment('a', ttlMs, 2)).isBlocked, { timeout: 5000 }).toBe(false);
  });

  it('go on in the process when Redis is killed, and in Redis when it is back (INV-10)', async () => {
    const { port, kill } = await start();
    const [one, two] = [open(port), open(port)];
    await expect.poll(async () => shared(one, two)).toBe(true);
    await kill();
    expect(await one.increment('a', 60_000, 1)).toMatchObject({ totalHits: 1, isBlocked: false });
    expect(await one.increment('a', 60_000, 1)).toMatchObject({ totalHits: 2, isBlocked: true });
    await start(port);
    await expect.poll(async () => shared(one, two), { timeout: 10_000 }).toBe(true);
    // A wait that began meanwhile is not over because Redis knows nothing of it.
    expect(await one.findLeftMs('a')).toBeGreaterThan(40_000);
    await one.forget('a');
    expect(await one.findLeftMs('a')).toBeNull();
  });

  it('go on in the process while Redis is frozen, and nobody waits for it (INV-10)', async () => {
    const { port, freeze, thaw } = await start();
    const [one, two] = [open(port), open(port)];
    await expect.poll(async () => shared(one, two)).toBe(true);
    await one.increment('wait', 60_000, 0);
    freeze();
    try {
      const startedAt = performance.now();
      expect(await one.increment('a', 60_000, 1)).toMatchObject({ totalHits: 1, isBlocked: false });
      expect(await one.increment('a', 60_000, 1)).toMatchObject({ totalHits: 2, isBlocked: true });
      expect(await one.findLeftMs('wait')).toBeNull();
      await one.forget('a');
      expect(performance.now() - startedAt).toBeLessThan(2000);
    } finally {
      thaw();
    }
    await expect.poll(() => one.findLeftMs('wait'), { timeout: 10_000 }).toBeGreaterThan(0);
  });
});

describe.runIf(redisServer)('a process with REDIS_URL', () => {
  it('counts its callers there', async () => {
    const { url } = await start();
    const app = await startTestApp({ REDIS_URL: url });
    const redis = new Redis(url);
    try {
      const shop = await app.openShop();
      await expect
        .poll(async () => {
          expect((await shop.call('GET', '/api/bots')).headers.get('ratelimit-limit')).toBe('6000');
          return (await redis.keys('requests:*'))
            .map((key) => key.split(':')[1])
            .toSorted((a = '', b = '') => a.localeCompare(b));
        })
        .toEqual(['caller', 'sign-in', 'sign-in', 'tenant']);
    } finally {
      redis.disconnect();
      await app.close();
    }
  });
});

let probes = 0;
async function shared(one: RequestWindows, two: RequestWindows): Promise<boolean> {
  probes += 1;
  const key = `probe${probes}`;
  await one.increment(key, 60_000, 9);
  return (await two.increment(key, 60_000, 9)).totalHits === 2;
}
