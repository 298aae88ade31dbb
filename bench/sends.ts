import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'pg';
import { SecretBox } from '../src/platform/crypto/secret-box.js';
import { migrateUp } from '../src/platform/database/migrate.js';
import { startEmbeddedPostgres } from '../src/platform/embedded/embedded-postgres.js';
import { serverProcess } from '../test/support/server-process.js';
import { startLineProcess } from './line-process.js';
import type { Accepted } from './send-double-process.js';
import { BENCH_PROVIDERS, openTalks, type BenchProvider } from './send-lines.js';
import { bareLoop, drain, steady, strategyLoop } from './send-loads.js';

/**
 * Sends per second to each provider's double, which is a process of its own: by a bare loop of the HTTP client with the
 * same bytes, by the strategy alone, and through outbox and dispatcher of a real server. Times end where the double took
 * the message. Linked devices are not here: behind them is no HTTP server to be compared with.
 */
const STEADY_PER_SECOND = 50;
const SLICES = 4;
const seconds = Number(process.argv[2] ?? '5');
const say = (line: string) => process.stdout.write(`${line}\n`);

const figures = Object.fromEntries(
  await inTurn(BENCH_PROVIDERS, async (provider) => {
    const program = new URL('./send-double-process.js', import.meta.url);
    const double = await startLineProcess<{ url: string }>(program, provider);
    const taken = () => double.ask<Accepted[]>({ do: 'accepted' });
    try {
      const { url } = double.ready;
      const direct = await measureStrategy(provider, url, taken);
      say(`${provider}: bare ${direct.barePerSecond}/s, strategy ${direct.strategyPerSecond}/s (${direct.ratio})`);
      const dispatched = await measureDispatcher(provider, url, taken);
      const { p50Ms, p95Ms } = dispatched;
      say(`${provider}: dispatcher ${dispatched.perSecond}/s; at ${STEADY_PER_SECOND}/s p50 ${p50Ms}, p95 ${p95Ms} ms`);
      const dispatcher = { ...dispatched, ratio: round(dispatched.perSecond / direct.barePerSecond) };
      return [provider, { ...direct, dispatcher }] as const;
    } finally {
      await double.stop();
    }
  }),
);
say(`RESULT ${JSON.stringify({ sends: figures })}`);

async function measureStrategy(provider: BenchProvider, url: string, taken: () => Promise<Accepted[]>) {
  // Both warm, and then in turn: neither pays for connections and compiled code, nor for what else the machine does.
  await bareLoop(provider, url, 1);
  await strategyLoop(provider, url, 1);
  const slices = await inTurn(Array.from({ length: SLICES }), async () => {
    const bare = await bareLoop(provider, url, seconds / SLICES);
    await taken();
    const { perSecond, startedAt } = await strategyLoop(provider, url, seconds / SLICES);
    return { bare, perSecond, waits: (await taken()).map(([id, at]) => at - (startedAt.get(id) ?? Number.NaN)) };
  });
  const barePerSecond = Math.round(mean(slices.map(({ bare }) => bare)));
  const strategyPerSecond = Math.round(mean(slices.map(({ perSecond }) => perSecond)));
  const ratio = round(strategyPerSecond / barePerSecond);
  return {
    barePerSecond,
    strategyPerSecond,
    ratio,
    p95Ms: percentile(
      slices.flatMap(({ waits }) => waits),
      0.95,
    ),
  };
}

async function measureDispatcher(provider: BenchProvider, url: string, taken: () => Promise<Accepted[]>) {
  const dir = await mkdtemp(join(tmpdir(), 'dashoffice-bench-'));
  const secrets = {
    jwtSecret: randomBytes(48).toString('base64url'),
    encryptionKey: randomBytes(32).toString('base64'),
  };
  const postgres = await startEmbeddedPostgres({ dataDir: dir });
  await migrateUp(postgres.url);
  const owner = new Pool({ connectionString: postgres.url, max: 8 });
  // When a load fails half-way, the error to see is its own.
  owner.on('error', () => undefined);
  const adapter = await serverProcess(dir, 'adapter', {
    ROLE: 'adapter',
    DATABASE_URL: postgres.url,
    JWT_SECRET: secrets.jwtSecret,
    ENCRYPTION_KEY: secrets.encryptionKey,
    META_GRAPH_URL: url,
    TWILIO_API_URL: url,
    SEND_CONCURRENCY: '64',
    LOG_LEVEL: 'warn',
  });
  try {
    const talks = await openTalks(owner, new SecretBox(secrets), provider, url);
    await adapter.start();
    await steady(owner, talks, taken, { perSecond: STEADY_PER_SECOND, seconds: 2 });
    const waits = await steady(owner, talks, taken, { perSecond: STEADY_PER_SECOND, seconds });
    const perSecond = await drain(owner, talks, taken);
    return { perSecond, p50Ms: percentile(waits, 0.5), p95Ms: percentile(waits, 0.95) };
  } finally {
    await adapter.kill();
    await owner.end();
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

async function inTurn<T, R>(items: readonly T[], run: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await run(item));
  return results;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round((sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN) * 10) / 10;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
