import { createServer, type Server } from 'node:net';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeMetrics } from '../../../test/support/message-path.js';
import { LiveEvents } from '../../platform/live-events.js';
import { RedisClients } from '../../platform/redis.js';
import type { Claimed, Decision } from './claimed.js';
import { ReadModel } from './read-model.js';

/** Says yes to every command of Redis's protocol and keeps what was written. */
function startYesRedis(heard: string[]): Promise<{ url: string; server: Server }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      heard.push(data.toString());
      const commands = data.toString().match(/^\*\d+/gm) ?? [];
      for (const _ of commands) socket.write('+OK\r\n');
    });
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve({ url: `redis://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`, server });
    });
  });
}

describe('the read model', () => {
  const heard: string[] = [];
  let registry: Registry;
  let redis: { url: string; server: Server };
  let clients: RedisClients;
  let model: ReadModel;

  const state = {
    mode: 'bot',
    stack: [{ flow: 'order', step: 'menu' }],
    vars: { address: 'Calle 5' },
    wait: { kind: 'answer', sinceMs: 7 },
  };
  const claimed = [{ tenantId: 't1' }] as Claimed[];
  const decisions = [{ patch: { id: 'c1', mode: 'bot', version_id: 'v1', turn: 3, state } }] as Decision[];
  const problems = async () => (await registry.getSingleMetric('problems')?.get())?.values[0]?.value;

  beforeEach(async () => {
    heard.length = 0;
    registry = new Registry();
    redis = await startYesRedis(heard);
    clients = new RedisClients({ redisUrl: redis.url });
    model = new ReadModel(clients, makeMetrics(registry), new LiveEvents());
  });
  afterEach(() => {
    clients.onApplicationShutdown();
    redis.server.close();
  });

  it('holds the position of a conversation for a day after its last turn, and nothing that was said', async () => {
    await expect
      .poll(() => {
        model.publish(claimed, decisions);
        return heard.join('');
      })
      .toContain('position:t1:c1');
    const written = heard.join('');
    expect(written).toContain('{"turn":3,"position":{"flow":"order","step":"menu","waitsFor":"answer","sinceMs":7}}');
    expect(written).not.toContain('Calle');
    expect(written).toMatch(/EX\r\n\$5\r\n86400/);
  });

  it('INV-10: only counts it when Redis goes away', async () => {
    clients.onApplicationShutdown();
    clients = new RedisClients({ redisUrl: 'redis://127.0.0.1:1' });
    model = new ReadModel(clients, makeMetrics((registry = new Registry())), new LiveEvents());
    model.publish(claimed, decisions);
    await expect.poll(problems).toBeGreaterThan(0);
  });

  it('does nothing where no Redis is configured', () => {
    const none = new ReadModel(
      new RedisClients({ redisUrl: undefined }),
      makeMetrics(new Registry()),
      new LiveEvents(),
    );
    none.publish(claimed, decisions);
    expect(heard).toEqual([]);
  });
});
