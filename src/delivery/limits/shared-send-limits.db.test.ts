import { afterEach, describe, expect, it } from 'vitest';
import { redisServer, startRedis, type TestRedis } from '../../../test/support/redis.js';
import { SystemClock } from '../../platform/clock.js';
import { RedisClients } from '../../platform/redis.js';
import { choosePort } from '../../platform/embedded/server-port.js';
import { SharedSendLimits } from './shared-send-limits.js';

const servers: TestRedis[] = [];
const opened: { onApplicationShutdown(): void }[] = [];
afterEach(async () => {
  for (const limits of opened.splice(0)) limits.onApplicationShutdown();
  await Promise.all(servers.splice(0).map((server) => server.kill()));
});

async function start(at?: number): Promise<TestRedis> {
  const server = await startRedis(at);
  servers.push(server);
  return server;
}

function open(port: number): SharedSendLimits {
  const clients = new RedisClients({ redisUrl: `redis://127.0.0.1:${port}` });
  if (!clients.commands) throw new Error('no connection');
  const limits = new SharedSendLimits(clients.commands, new SystemClock());
  opened.push(clients);
  return limits;
}

const connection = (number: string) => ({ provider: 'official', connectionId: 'c', number });

/** How many of so many different customers may be written to right now, by turns from each process. */
async function allowed(processes: readonly SharedSendLimits[], number: string, tries: number, lane = 0) {
  let left = 0;
  for (let n = 0; n < tries; n += 1) {
    const process = processes[n % processes.length];
    if ((await process?.take(connection(number), `customer-${lane}-${n}`, lane)) === 0) left += 1;
  }
  return left;
}

/** Ready once one side meets what the other one paused. */
async function areShared(one: SharedSendLimits, two: SharedSendLimits): Promise<boolean> {
  const number = `probe-${Math.random()}`;
  one.pause(connection(number), 60_000);
  return (await two.take(connection(number), 'ana', 0)) > 0;
}

describe('limits without a Redis that answers', () => {
  it('are kept in this process (INV-10)', async () => {
    const limits = open(await choosePort());
    for (let n = 0; n < 45; n += 1) expect(await limits.take(connection('1'), 'ana', 0)).toBe(0);
    expect(await limits.take(connection('1'), 'ana', 0)).toBeGreaterThan(0);
    limits.pause(connection('2'), 5000);
    expect(await limits.take(connection('2'), 'bea', 0)).toBeGreaterThan(0);
    expect(await limits.take({ provider: 'simulator', connectionId: 's', number: null }, 'ana', 0)).toBe(0);
  });
});

describe.runIf(redisServer)('limits in a real Redis', () => {
  it('hold a number to its rate and a customer to theirs, over all processes together', async () => {
    const { port } = await start();
    const both = [open(port), open(port)] as const;
    await expect.poll(() => areShared(...both), { timeout: 10_000 }).toBe(true);
    const startedAt = performance.now();
    const left = await allowed(both, '5215500000001', 400);
    const seconds = (performance.now() - startedAt) / 1000;
    expect(left).toBeGreaterThanOrEqual(80);
    expect(left).toBeLessThanOrEqual(Math.ceil(80 + 80 * seconds));

    const toAna = [];
    for (let n = 0; n < 60; n += 1) toAna.push(await both[n % 2 ? 1 : 0].take(connection('5215500000002'), 'ana', 0));
    expect(toAna.filter((waitMs) => waitMs === 0)).toHaveLength(45);
    expect(Math.max(...toAna)).toBeLessThanOrEqual(6000);
  });

  it('leave room for replies when a campaign has taken what it may', async () => {
    const { port } = await start();
    const limits = open(port);
    await expect.poll(() => areShared(limits, limits), { timeout: 10_000 }).toBe(true);
    await allowed([limits], '5215500000003', 300, 2);
    expect(await limits.take(connection('5215500000003'), 'ana', 0)).toBe(0);
  });

  it('tell those who wait different times', async () => {
    const { port } = await start();
    const limits = open(port);
    await expect.poll(() => areShared(limits, limits), { timeout: 10_000 }).toBe(true);
    limits.pause(connection('5215500000004'), 60_000);
    await expect.poll(() => limits.take(connection('5215500000004'), 'first', 0)).toBeGreaterThan(50_000);
    const waits = [];
    for (let n = 0; n < 5; n += 1) waits.push(await limits.take(connection('5215500000004'), `late-${n}`, 0));
    expect(new Set(waits).size).toBe(5);
  });

  it('go on in each process by its part when Redis is killed, and in Redis when it is back (INV-10)', async () => {
    const { port, kill } = await start();
    const both = [open(port), open(port)] as const;
    await expect.poll(() => areShared(...both), { timeout: 10_000 }).toBe(true);
    await kill();
    const alone = await allowed([both[0]], '5215500000005', 200);
    expect(alone).toBeGreaterThan(0);
    await start(port);
    await expect.poll(() => areShared(...both), { timeout: 20_000 }).toBe(true);
  });
});
