import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../src/platform/embedded/embedded-postgres.js';
import { signIn } from '../test/support/echo-shop.js';
import { redisServer, startRedis } from '../test/support/redis.js';
import { serverProcess, type ServerProcess } from '../test/support/server-process.js';
import { bareNode, rawFastify } from './bare-servers.js';
import { idleUse, load, startMs } from './budget-measures.js';

/**
 * What the API costs: start, memory, idle CPU, and GET /api/bots (JWT, rate limits, 100 connections) beside a bare Node
 * and a raw Fastify hello in the same run. Server, Postgres and the load share this machine.
 */
const ADMIN = { ADMIN_EMAIL: 'ana@tienda.test', ADMIN_PASSWORD: 'clave-de-ana' };
const seconds = Number(process.argv[2] ?? '10');
const idleSeconds = Number(process.argv[3] ?? '60');
const STARTS = 5;

const dir = await mkdtemp(join(tmpdir(), 'dashoffice-budget-'));
const say = (line: string) => process.stdout.write(`${line}\n`);
const postgres = await startEmbeddedPostgres({ dataDir: join(dir, 'postgres') });
const redis = redisServer ? await startRedis() : null;
const secrets = {
  JWT_SECRET: randomBytes(48).toString('base64url'),
  ENCRYPTION_KEY: randomBytes(32).toString('base64'),
};
const common = {
  ...ADMIN,
  ...secrets,
  NODE_ENV: 'production',
  LOG_LEVEL: 'warn',
  API_RATE_PER_MINUTE: '10000000',
  API_TENANT_RATE_PER_MINUTE: '10000000',
};
const onPostgres = { ...common, DATABASE_URL: postgres.url };

const open: ServerProcess[] = [];
async function serve(name: string, variables: Record<string, string>): Promise<ServerProcess> {
  const server = await serverProcess(dir, name, variables);
  open.push(server);
  return server;
}

async function loadBots(name: string, variables: Record<string, string>) {
  const server = await serve(name, variables);
  await server.start();
  const api = await signIn(server.url, ADMIN.ADMIN_EMAIL, ADMIN.ADMIN_PASSWORD);
  for (let index = 0; index < 20; index += 1) await api('POST', '/api/bots', { name: `Bot ${index}` });
  const login = await fetch(`${server.url}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: ADMIN.ADMIN_EMAIL, password: ADMIN.ADMIN_PASSWORD }),
  });
  const { accessToken } = (await login.json()) as { accessToken: string };
  const figures = await load(`${server.url}/api/bots`, seconds, { authorization: `Bearer ${accessToken}` });
  say(`GET /api/bots, ${name}: ${figures.requestsPerSecond}/s, p97.5 ${figures.p975Ms} ms`);
  await server.stop();
  return figures;
}

try {
  const all = await serve('all', { ...onPostgres, ROLE: 'all' });
  const api = await serve('api', { ...onPostgres, ROLE: 'api' });
  await all.start();
  await all.stop();

  const node = await bareNode();
  const bareStartMs = await startMs(node, STARTS);
  const start = { bareNodeMs: bareStartMs, allMs: await startMs(all, STARTS), apiMs: await startMs(api, STARTS) };
  say(`start to first 200: bare node ${start.bareNodeMs} ms, all ${start.allMs} ms, api ${start.apiMs} ms`);

  await all.start();
  const idleAll = await idleUse(all, idleSeconds);
  await all.stop();
  await api.start();
  const idleApi = await idleUse(api, idleSeconds);
  await api.stop();
  say(`idle: all ${idleAll.rssMb} MB, ${idleAll.cpuPercent} % CPU · api ${idleApi.rssMb} MB, ${idleApi.cpuPercent} %`);

  const hello = await rawFastify();
  await hello.start();
  const raw = await load(hello.url, seconds);
  await hello.stop();
  say(`raw Fastify hello: ${raw.requestsPerSecond}/s, p97.5 ${raw.p975Ms} ms`);

  const cached = await loadBots('cached in memory', common);
  const uncached = await loadBots('uncached', onPostgres);
  const withRedis = redis ? await loadBots('cached with Redis', { ...onPostgres, REDIS_URL: redis.url }) : null;

  const ratio = (value: number, base: number) => Math.round((value / base) * 100) / 100;
  const figures = {
    start: { ...start, ratioAll: ratio(start.allMs, bareStartMs), ratioApi: ratio(start.apiMs, bareStartMs) },
    idle: { all: idleAll, api: idleApi },
    bots: {
      rawFastify: raw,
      cached: { ...cached, ratio: ratio(cached.requestsPerSecond, raw.requestsPerSecond) },
      uncached: { ...uncached, ratio: ratio(uncached.requestsPerSecond, raw.requestsPerSecond) },
      withRedis: withRedis && { ...withRedis, ratio: ratio(withRedis.requestsPerSecond, raw.requestsPerSecond) },
    },
  };
  say(`RESULT ${JSON.stringify({ budget: figures })}`);
} finally {
  await Promise.all(open.map((server) => server.kill()));
  await redis?.kill();
  await postgres.stop();
  await rm(dir, { recursive: true, force: true });
}
