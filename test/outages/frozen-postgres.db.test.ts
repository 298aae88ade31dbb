import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { AppModule } from '../../src/app.module.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { openFrozenPostgres, type FrozenPostgres } from '../support/frozen-postgres.js';
import { webhookBody } from '../support/graph-double-webhook.js';
import { openOfficialLine, postAsMeta, textTo, type OfficialLine } from '../support/official-lines.js';

const DEADLINES = { pathMs: 1000, appMs: 2000 };
const FROZEN_MS = 6000;
/** Readiness has a timer of its own, of 1.5 s. */
const READY_WITHIN_MS = 2000;

let server: FrozenPostgres;
let app: TestApp;
let line: OfficialLine;
let owner: Client;

beforeEach(async () => {
  server = await openFrozenPostgres();
  app = await startTestApp({ LOG_LEVEL: 'silent' }, (options) =>
    AppModule.forRoot({ ...options, databaseUrl: server.url, databaseDeadlines: DEADLINES }),
  );
  line = await openOfficialLine(app, 'ana-secret');
  owner = new Client({ connectionString: server.url });
  await owner.connect();
});
afterEach(async () => {
  server.thaw();
  await owner.end();
  await app.close();
  await server.stop();
});

const post = async (id: string) => {
  const startedAt = performance.now();
  const { status } = await postAsMeta(app, webhookBody({ messages: [textTo(line, id)] }), line.appSecret);
  return { status, tookMs: performance.now() - startedAt };
};
const ask = async (path: string) => {
  const startedAt = performance.now();
  const { status, body, headers } = await line.shop.call('GET', path);
  return { status, body, headers, tookMs: performance.now() - startedAt };
};
const stored = async () => {
  const sql = 'select dedupe_key from inbox where connection_id = $1 order by conversation_id, seq';
  return (await owner.query<{ dedupe_key: string }>(sql, [line.connectionId])).rows.map((row) => row.dedupe_key);
};

it(
  'INV-1: takes every webhook while Postgres is frozen, answers nothing late, and stores all once, in order',
  { timeout: 60_000 },
  async () => {
    const ids = ['w.before'];
    expect((await post('w.before')).status).toBe(200);
    await server.freeze();
    const thawsAt = performance.now() + FROZEN_MS;
    const asked = [ask('/api/bots'), ask('/api/products'), ask('/api/orders')];
    const ready = ask('/health/ready');
    const webhooks = [];
    while (performance.now() < thawsAt) {
      const id = `w.${ids.length}`;
      ids.push(id);
      webhooks.push(await post(id));
      await delay(100);
    }
    expect(webhooks.length).toBeGreaterThan(10);
    expect(webhooks.filter(({ status }) => status !== 200)).toEqual([]);
    // Its own deadline, or that of the connection it waits for; never one after the other.
    expect(Math.max(...webhooks.map(({ tookMs }) => tookMs))).toBeLessThan(2 * DEADLINES.pathMs + 500);
    for (const { status, body, headers, tookMs } of await Promise.all(asked)) {
      expect([status, body.code, headers.get('retry-after')]).toEqual([503, 'database_unavailable', '5']);
      expect(tookMs).toBeLessThan(DEADLINES.appMs + 1000);
    }
    const told = await ready;
    expect([told.status, told.tookMs < READY_WITHIN_MS]).toEqual([503, true]);
    expect(told.body.checks).toContainEqual(expect.objectContaining({ name: 'postgres', status: 'down' }));
    // By now nobody waits any more.
    const late = await ask('/api/bots');
    expect([late.status, late.tookMs < 500]).toEqual([503, true]);
    server.thaw();
    // Whoever gave up has hung up: the connections of now and no others are there.
    const connections = 'select count(*)::int as count from pg_stat_activity where client_port is not null';
    await expect
      .poll(async () => (await owner.query<{ count: number }>(connections)).rows[0]?.count, { timeout: 10_000 })
      .toBeLessThan(35);
    await expect.poll(stored, { timeout: 20_000 }).toEqual(ids);
    await expect.poll(() => readdir(join(app.env.dataDir, 'spool'))).toEqual([]);
    await expect.poll(async () => (await ask('/api/bots')).status, { timeout: 10_000 }).toBe(200);
  },
);
