import { afterEach, describe, expect, it } from 'vitest';
import { redisServer, startRedis, type TestRedis } from '../../test/support/redis.js';
import { choosePort } from './embedded/server-port.js';
import { RedisClients } from './redis.js';

const opened: RedisClients[] = [];
const servers: TestRedis[] = [];
afterEach(async () => {
  for (const clients of opened.splice(0)) clients.onApplicationShutdown();
  await Promise.all(servers.splice(0).map((server) => server.kill()));
});

async function start(at?: number): Promise<TestRedis> {
  const server = await startRedis(at);
  servers.push(server);
  return server;
}
function open(redisUrl: string | undefined): RedisClients {
  const clients = new RedisClients({ redisUrl });
  opened.push(clients);
  return clients;
}
async function tookMs(work: Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work.catch(() => undefined);
  return performance.now() - startedAt;
}

describe('clients of Redis', () => {
  it('are none without REDIS_URL', () => {
    const clients = open(undefined);
    expect(clients.commands).toBeNull();
    expect(() => clients.openListener()).toThrow('REDIS_URL is not set');
  });

  it('say why nothing is there, at once', async () => {
    const port = await choosePort();
    const clients = open(`redis://127.0.0.1:${port}`);
    await expect.poll(() => clients.ping().catch(String)).toContain(`ECONNREFUSED 127.0.0.1:${port}`);
    expect(await tookMs(clients.ping())).toBeLessThan(50);
  });
});

describe.runIf(redisServer)('clients of a real Redis', () => {
  it('wait for a frozen one a moment, then not at all, and use it again when it goes on (INV-10)', async () => {
    const server = await start();
    const clients = open(server.url);
    await expect.poll(() => clients.commands?.status).toBe('ready');
    await clients.ping();
    server.freeze();
    expect(await tookMs(clients.ping())).toBeLessThan(1000);
    await expect.poll(() => clients.commands?.status, { timeout: 10_000 }).not.toBe('ready');
    expect(await tookMs(clients.ping())).toBeLessThan(50);
    server.thaw();
    await expect.poll(() => clients.ping().then(() => 'up', String), { timeout: 10_000 }).toBe('up');
  });

  it('hear what is said once Redis is there, also when it was not at first', async () => {
    const port = await choosePort();
    const clients = open(`redis://127.0.0.1:${port}`);
    const heard: string[] = [];
    const listener = clients.openListener();
    listener.on('message', (_channel: string, text: string) => heard.push(text));
    await expect(listener.subscribe('news')).rejects.toThrow('timed out');
    await start(port);
    await expect
      .poll(
        async () => {
          await clients.commands?.publish('news', 'hola').catch(() => undefined);
          return heard[0];
        },
        { timeout: 10_000 },
      )
      .toBe('hola');
  });

  it('let nobody’s forgotten refusal end the process, and close with the application', async () => {
    const server = await start();
    const clients = open(server.url);
    const listener = clients.openListener();
    await expect.poll(() => [clients.commands?.status, listener.status]).toEqual(['ready', 'ready']);
    void clients.commands?.call('NONSENSE');
    await clients.ping();
    clients.onApplicationShutdown();
    await expect.poll(() => [clients.commands?.status, listener.status]).toEqual(['end', 'end']);
  });
});
