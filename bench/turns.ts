import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'pg';
import { startEmbeddedPostgres } from '../src/platform/embedded/embedded-postgres.js';
import { openEchoLines, signIn } from '../test/support/echo-shop.js';
import { WebhookPoster } from '../test/support/graph-double-webhook.js';
import { serverProcess } from '../test/support/server-process.js';
import { bareUpdates, pgbenchUpdates } from './baseline.js';
import { startGraphProcess } from './graph-process.js';
import { burst, drain, PEOPLE, steady } from './turns-loads.js';

/**
 * Turns per second from signed webhook to recorded acceptance, beside a bare loop of single-row updates from the same
 * client on the same server in the same run. Everything shares this machine: server, Postgres, provider and customers.
 */
const ADMIN = { ADMIN_EMAIL: 'ana@tienda.test', ADMIN_PASSWORD: 'clave-de-ana' };
const BOTS = 100;
const seconds = Number(process.argv[2] ?? '15');

const dir = await mkdtemp(join(tmpdir(), 'dashoffice-bench-'));
const say = (line: string) => process.stdout.write(`${line}\n`);
const postgres = await startEmbeddedPostgres({ dataDir: dir });
const graph = await startGraphProcess({ latencyMs: 25 });
const poster = new WebhookPoster('test-app-secret');
const owner = new Pool({ connectionString: postgres.url, max: 2 });
const server = await serverProcess(dir, 'server', {
  ...ADMIN,
  JWT_SECRET: randomBytes(48).toString('base64url'),
  ENCRYPTION_KEY: randomBytes(32).toString('base64'),
  DATABASE_URL: postgres.url,
  META_GRAPH_URL: graph.url,
  SEND_CONCURRENCY: '128',
  LOG_LEVEL: 'warn',
});
try {
  const baseline = {
    bareUpdatesPerSecond: await bareUpdates(postgres.url, 3),
    pgbenchUpdatesPerSecond: await pgbenchUpdates(postgres.url, 3),
  };
  say(
    `bare updates: ${baseline.bareUpdatesPerSecond}/s · pgbench: ${baseline.pgbenchUpdatesPerSecond ?? 'not installed'}`,
  );
  await server.start();
  const api = await signIn(server.url, ADMIN.ADMIN_EMAIL, ADMIN.ADMIN_PASSWORD);
  const lines = await openEchoLines(api, BOTS);
  const stage = { lines, poster, owner, graph, webhook: `${server.url}/webhooks/official` };

  await drain(stage, PEOPLE);
  const at50 = await steady(stage, 50, seconds);
  say(`50/s: p50 ${at50.p50Ms} ms, p95 ${at50.p95Ms} ms`);
  const at200 = await steady(stage, 200, seconds);
  say(`200/s: p50 ${at200.p50Ms} ms, p95 ${at200.p95Ms} ms`);
  const thousand = await burst(stage, 10);
  say(`1,000 at once to ${BOTS} bots: ${thousand.seconds} s, ${thousand.outOfOrder} out of order`);
  const throughput = await drain(stage, seconds * 1000);
  say(`throughput: ${throughput.turnsPerSecond} turns/s`);

  const figures = {
    baseline,
    turnsPerSecond: throughput.turnsPerSecond,
    ratioToBareUpdates: round(throughput.turnsPerSecond / baseline.bareUpdatesPerSecond),
    at50,
    at200,
    thousand,
  };
  process.stdout.write(`RESULT ${JSON.stringify({ turns: figures })}\n`);
} finally {
  await server.kill();
  await Promise.all([graph.stop(), poster.stop(), owner.end()]);
  await postgres.stop();
  await rm(dir, { recursive: true, force: true });
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
