import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redisServer, startRedis, type TestRedis } from '../../../test/support/redis.js';
import { asTenantId, type TenantId } from '../tenancy/tenant-id.js';
import { SharedTableVersions } from './shared-table-versions.js';
import { NoTableVersions, OwnTableVersions, type TableVersions } from './table-versions.js';

let server: TestRedis | undefined;
let clients: Redis[] = [];
beforeAll(async () => {
  if (redisServer) server = await startRedis();
});
afterAll(async () => {
  for (const client of clients) client.disconnect();
  await server?.kill();
});

/** As one process on a shared Redis opens them. */
async function openShared(): Promise<SharedTableVersions> {
  const redis = new Redis(server?.url ?? '', { enableOfflineQueue: false, lazyConnect: true });
  clients.push(redis);
  await redis.connect();
  return new SharedTableVersions(redis);
}

const steps = fc.array(
  fc.record({
    table: fc.constantFrom('bot', 'product'),
    kind: fc.constantFrom('begin' as const, 'commit' as const, 'end' as const, 'read' as const),
  }),
  { maxLength: 30 },
);

/**
 * Plays writers and readers of one tenant in this order. Each table holds a number that its commits count up; a reader
 * keeps what it loaded under the version it was told first, as the cache does, and what is kept must be what is there.
 */
async function staleAnswers(versions: TableVersions, tenantId: TenantId, plan: readonly Step[]): Promise<string[]> {
  const rows = new Map<string, number>();
  const open = new Map<string, { committed: boolean }[]>();
  const kept = new Map<string, number>();
  const stale: string[] = [];
  for (const { table, kind } of plan) {
    const writers = open.get(table) ?? [];
    open.set(table, writers);
    if (kind === 'begin') {
      await versions.begin(tenantId, new Set([table]));
      writers.push({ committed: false });
    } else if (kind === 'commit') {
      const writer = writers.find(({ committed }) => !committed);
      if (writer) Object.assign(writer, { committed: true });
      if (writer) rows.set(table, (rows.get(table) ?? 0) + 1);
    } else if (kind === 'end') {
      const done = writers.findIndex(({ committed }) => committed);
      if (done < 0) continue;
      writers.splice(done, 1);
      await versions.end(tenantId, new Set([table]));
    } else {
      const version = await versions.read(tenantId, [table]);
      if (version === null) continue;
      const there = rows.get(table) ?? 0;
      const answer = kept.get(`${table} ${version}`) ?? there;
      kept.set(`${table} ${version}`, answer);
      if (answer !== there) stale.push(`${table} ${answer} for ${there}`);
    }
  }
  return stale;
}
type Step = { readonly table: string; readonly kind: 'begin' | 'commit' | 'end' | 'read' };

const tenant = () => asTenantId(randomUUID());

describe('the versions of a process that is alone', () => {
  it('never let an answer outlive a write, whatever comes between', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (plan) => {
        expect(await staleAnswers(new OwnTableVersions(), tenant(), plan)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('are told while nothing is written, not in between, and are others afterwards', async () => {
    const versions = new OwnTableVersions();
    const shop = tenant();
    const before = await versions.read(shop, ['bot', 'product']);
    expect(await versions.read(shop, ['bot', 'product'])).toBe(before);
    await versions.begin(shop, new Set(['product']));
    expect(await versions.read(shop, ['bot', 'product'])).toBeNull();
    expect(await versions.read(shop, ['bot'])).not.toBeNull();
    await versions.end(shop, new Set(['product']));
    const after = await versions.read(shop, ['bot', 'product']);
    expect([typeof after, after === before]).toEqual(['string', false]);
  });

  it('INV-8: are each tenant’s own', async () => {
    const versions = new OwnTableVersions();
    const [one, two] = [tenant(), tenant()];
    const ofTwo = await versions.read(two, ['bot']);
    await versions.begin(one, new Set(['bot']));
    await versions.end(one, new Set(['bot']));
    expect(await versions.read(two, ['bot'])).toBe(ofTwo);
  });
});

describe('a process that cannot hear the others', () => {
  it('is told nothing', async () => {
    expect(await new NoTableVersions().read()).toBeNull();
  });
});

describe.runIf(redisServer)('the versions of several processes', () => {
  it('never let an answer outlive a write, whatever comes between', async () => {
    const versions = await openShared();
    await fc.assert(
      fc.asyncProperty(steps, async (plan) => {
        expect(await staleAnswers(versions, tenant(), plan)).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it('are the same for all, and another after any of them wrote', async () => {
    const [one, two] = [await openShared(), await openShared()];
    const shop = tenant();
    const before = await one.read(shop, ['bot']);
    expect(await two.read(shop, ['bot'])).toBe(before);
    await two.begin(shop, new Set(['bot']));
    expect(await one.read(shop, ['bot'])).toBeNull();
    await two.end(shop, new Set(['bot']));
    const after = await one.read(shop, ['bot']);
    expect([after === null, after === before, await two.read(shop, ['bot'])]).toEqual([false, false, after]);
  });

  it('do not wait for ever for a writer that died', async () => {
    const versions = await openShared();
    const shop = tenant();
    await versions.begin(shop, new Set(['bot']));
    const leftMs = await clients.at(-1)?.pttl(`table:${shop}:bot`);
    expect(leftMs).toBeGreaterThan(0);
    expect(leftMs).toBeLessThanOrEqual(15_000);
  });

  it('INV-10: are new ones after Redis was wiped, and none while it is away', async () => {
    const own = await startRedis();
    const redis = new Redis(own.url, { enableOfflineQueue: false, lazyConnect: true, maxRetriesPerRequest: 0 });
    redis.on('error', () => undefined);
    clients.push(redis);
    await redis.connect();
    const versions = new SharedTableVersions(redis);
    const shop = tenant();
    const before = await versions.read(shop, ['bot']);
    await redis.flushall();
    const after = await versions.read(shop, ['bot']);
    expect([typeof after, after === before]).toEqual(['string', false]);
    await own.kill();
    await expect.poll(() => versions.read(shop, ['bot'])).toBeNull();
    await versions.begin(shop, new Set(['bot']));
    await versions.end(shop, new Set(['bot']));
  });

  it('INV-8: are doubted for the tenant whose write Redis was not told of, and no other', async () => {
    const versions = await openShared();
    const [told, untold] = [tenant(), tenant()];
    const before = await versions.read(untold, ['bot']);
    await clients.at(-1)?.config('SET', 'maxmemory', '1mb');
    try {
      await versions.begin(untold, new Set(['bot']));
      await versions.end(untold, new Set(['bot']));
    } finally {
      await clients.at(-1)?.config('SET', 'maxmemory', '0');
    }
    expect(before).toBeTypeOf('string');
    expect(await versions.read(untold, ['bot'])).toBeNull();
    expect(await versions.read(told, ['bot'])).toBeTypeOf('string');
  });
});
