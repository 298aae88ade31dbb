import { randomUUID } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Pool } from 'pg';
import { Pool as HttpPool } from 'undici';
import { credentialsOf, strategyAt, type BenchProvider, type Talk } from './send-lines.js';
import type { Accepted } from './send-double-process.js';

const IN_FLIGHT = 64;
const TIMEOUT_MS = 10_000;
const PATIENCE_MS = 120_000;
/** Fewer than any line's burst, so that the drain meets no limit. */
const PER_TALK = 10;

export type Loop = { readonly perSecond: number; readonly startedAt: ReadonlyMap<string, number> };
type Caught = { readonly path: string; readonly headers: Record<string, string>; readonly body: string };

export const epochMs = () => performance.timeOrigin + performance.now();

/** Sends by the strategy alone, as fast as 64 in flight allow. */
export async function strategyLoop(provider: BenchProvider, url: string, seconds: number): Promise<Loop> {
  const strategy = strategyAt(provider, url);
  const account = { connectionId: randomUUID(), credentials: credentialsOf(provider, url) };
  const startedAt = new Map<string, number>();
  const perSecond = await workers(seconds, async (n) => {
    const at = epochMs();
    const outcome = await strategy.send(account, messageNo(n), AbortSignal.timeout(TIMEOUT_MS));
    if (outcome.outcome !== 'accepted') throw new Error(`Not accepted: ${JSON.stringify(outcome)}`);
    startedAt.set(outcome.providerMessageId, at);
  });
  await strategy.onModuleDestroy();
  return { perSecond, startedAt };
}

/** The same bytes as the strategy sends, by the HTTP client alone. */
export async function bareLoop(provider: BenchProvider, url: string, seconds: number): Promise<number> {
  const { path, headers, body } = await catchRequest(provider);
  const pool = new HttpPool(url, { connections: IN_FLIGHT });
  const perSecond = await workers(seconds, async () => {
    const answer = await pool.request({ method: 'POST', path, headers, body });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`Not accepted: ${answer.statusCode} ${text}`);
  });
  await pool.close();
  return perSecond;
}

/** Everything queued at once. @returns sends per second, from the first the double took to the last */
export async function drain(owner: Pool, talks: readonly Talk[], taken: () => Promise<Accepted[]>): Promise<number> {
  const queued = await Promise.all(talks.map((talk) => queue(owner, talk, PER_TALK)));
  const times = (await takeAll(queued.flat().length, taken)).map(([, at]) => at).toSorted((a, b) => a - b);
  return Math.round((times.length / ((times.at(-1) ?? 0) - (times[0] ?? 0))) * 1000);
}

/** Queued at a fixed rate. @returns from queued to taken, in milliseconds */
export async function steady(
  owner: Pool,
  talks: readonly Talk[],
  taken: () => Promise<Accepted[]>,
  { perSecond, seconds }: { perSecond: number; seconds: number },
): Promise<number[]> {
  const queuedAt = new Map<string, number>();
  const began = performance.now();
  const writes: Promise<void>[] = [];
  for (let n = 0; n < perSecond * seconds; n += 1) {
    const aheadMs = began + (n * 1000) / perSecond - performance.now();
    if (aheadMs > 0) await new Promise((done) => setTimeout(done, aheadMs));
    const talk = talks[n % talks.length];
    if (!talk) throw new Error('No conversation to write in');
    const at = epochMs();
    writes.push(queue(owner, talk, 1).then(([id]) => void queuedAt.set(id ?? '', at)));
  }
  await Promise.all(writes);
  const acceptedAt = new Map(await takeAll(writes.length, taken));
  const { rows } = await owner.query<{ id: string; wamid: string }>(
    `select id::text as id, provider_message_id as wamid from outbox where id = any($1::bigint[])`,
    [[...queuedAt.keys()]],
  );
  return rows.map(({ id, wamid }) => (acceptedAt.get(wamid) ?? Number.NaN) - (queuedAt.get(id) ?? Number.NaN));
}

async function workers(seconds: number, once: (n: number) => Promise<void>): Promise<number> {
  const began = performance.now();
  const end = began + seconds * 1000;
  let count = 0;
  const work = async () => {
    while (performance.now() < end) await once((count += 1));
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, work));
  return Math.round((count / (performance.now() - began)) * 1000);
}

function messageNo(n: number) {
  const phone = `+52155${String(10_000_000 + (n % 1000))}`;
  return {
    outboxId: String(n),
    to: { address: phone.slice(1), phone },
    content: { kind: 'text' as const, text: `Hola ${n}` },
  };
}

/** What the strategy puts on the wire for one message. */
async function catchRequest(provider: BenchProvider): Promise<Caught> {
  let caught: Caught | undefined;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      caught ??= { path: request.url ?? '/', headers: ownHeaders(request.headers), body };
      response.writeHead(500).end();
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const strategy = strategyAt(provider, url);
  const account = { connectionId: randomUUID(), credentials: credentialsOf(provider, url) };
  await strategy.send(account, messageNo(1), AbortSignal.timeout(TIMEOUT_MS));
  await strategy.onModuleDestroy();
  server.close();
  if (!caught) throw new Error(`${provider} sent nothing`);
  return caught;
}

function ownHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const clients = new Set(['host', 'connection', 'content-length', 'transfer-encoding']);
  return Object.fromEntries(Object.entries(headers).flatMap(([k, v]) => (clients.has(k) ? [] : [[k, String(v)]])));
}

async function queue(owner: Pool, talk: Talk, count: number): Promise<string[]> {
  const { rows } = await owner.query<{ id: string }>(
    `insert into outbox (tenant_id, conversation_id, connection_id, turn, idx, kind, body, triggered_at)
     select c.tenant_id, c.id, c.connection_id,
       coalesce((select max(turn) from outbox where conversation_id = c.id), 0) + 1, n, 'send',
       jsonb_build_object('kind', 'text', 'text', 'Hola ' || n), now()
       from conversation c, generate_series(1, $2) n where c.id = $1 order by n
     returning id::text as id`,
    [talk.conversationId, count],
  );
  return rows.map(({ id }) => id);
}

/** Waits until the double took so many. */
async function takeAll(count: number, taken: () => Promise<Accepted[]>): Promise<Accepted[]> {
  const all: Accepted[] = [];
  const deadline = performance.now() + PATIENCE_MS;
  while (all.length < count) {
    if (performance.now() > deadline) throw new Error(`Only ${all.length} of ${count} were taken`);
    await new Promise((done) => setTimeout(done, 100));
    all.push(...(await taken()));
  }
  return all;
}
