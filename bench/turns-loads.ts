import type pg from 'pg';
import type { EchoLine } from '../test/support/echo-shop.js';
import { inboundText, webhookBody, type WebhookPoster } from '../test/support/graph-double-webhook.js';
import type { GraphProcess } from './graph-process.js';

const IN_FLIGHT = 128;
const PATIENCE_MS = 60_000;

export type Stage = {
  readonly lines: readonly EchoLine[];
  readonly poster: WebhookPoster;
  readonly owner: pg.Pool;
  readonly graph: GraphProcess;
  /** URL that takes the webhooks. */
  readonly webhook: string;
};

/** Everybody who writes; known to the shop after the first round, as most of a shop's customers are. */
export const PEOPLE = 1000;
let messages = 0;

/** Writes as fast as 128 webhooks in flight allow, and waits for the last recorded acceptance. */
export async function drain(stage: Stage, count: number): Promise<{ turns: number; turnsPerSecond: number }> {
  const first = await lastOutboxId(stage.owner);
  const began = performance.now();
  let left = count;
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      while (left > 0) {
        left -= 1;
        await write(stage, messages);
      }
    }),
  );
  await allSent(stage.owner, first, count);
  const turnsPerSecond = Math.round(count / ((performance.now() - began) / 1000));
  return { turns: count, turnsPerSecond };
}

export type Latencies = { readonly count: number; readonly p50Ms: number; readonly p95Ms: number };

/** Writes at a fixed rate, whatever the answers take, and reads each latency from the recorded acceptance. */
export async function steady(stage: Stage, perSecond: number, seconds: number): Promise<Latencies> {
  const first = await lastOutboxId(stage.owner);
  const count = perSecond * seconds;
  const began = performance.now();
  const posts: Promise<void>[] = [];
  for (let n = 0; n < count; n += 1) {
    const aheadMs = began + (n * 1000) / perSecond - performance.now();
    if (aheadMs > 0) await new Promise((done) => setTimeout(done, aheadMs));
    posts.push(write(stage, messages));
  }
  await Promise.all(posts);
  await allSent(stage.owner, first, count);
  // The text of a message is the time it was written; server and customers share one clock.
  const { rows } = await stage.owner.query<{ p50: number; p95: number }>(
    `select percentile_cont(0.5) within group (order by ms) as p50, percentile_cont(0.95) within group (order by ms) as p95
       from (select extract(epoch from sent_at) * 1000 - split_part(body->>'text', ' ', 1)::float8 as ms
               from outbox where id > $1) latencies`,
    [first],
  );
  return { count, p50Ms: round(rows[0]?.p50), p95Ms: round(rows[0]?.p95) };
}

/** Everybody at once: `each` messages to every bot by one customer; order is the order in which they were stored. */
export async function burst(
  stage: Stage,
  each: number,
): Promise<{ messages: number; seconds: number; outOfOrder: number }> {
  const first = await lastOutboxId(stage.owner);
  const began = performance.now();
  const posts = stage.lines.flatMap((_line, person) => Array.from({ length: each }, () => write(stage, person)));
  await Promise.all(posts);
  await allSent(stage.owner, first, posts.length);
  const seconds = Math.round(performance.now() - began) / 1000;
  const { rows } = await stage.owner.query<{ wrong: number }>(
    `select count(*)::int as wrong from (
       select i.seq, lag(i.seq) over (partition by o.conversation_id order by o.sent_at, o.id) as before
         from outbox o join inbox i on i.conversation_id = o.conversation_id and i.body->'content'->>'text' = o.body->>'text'
        where o.id > $1) pairs where before > seq`,
    [first],
  );
  return { messages: posts.length, seconds, outOfOrder: rows[0]?.wrong ?? -1 };
}

/** @param person counts round; the same one always writes to the same bot */
async function write({ lines, poster, webhook }: Stage, person: number): Promise<void> {
  messages += 1;
  const line = lines[person % lines.length];
  if (!line) throw new Error('No line to write to');
  const from = `52155${String(10_000_000 + (person % PEOPLE))}`;
  const text = `${performance.timeOrigin + performance.now()} ${messages}`;
  const id = `wamid.BENCH.${messages}`;
  const body = webhookBody({ messages: [inboundText({ phoneNumberId: line.phoneNumberId, from, text, id })] });
  await poster.postUntilTaken(webhook, body);
}

async function lastOutboxId(owner: pg.Pool): Promise<string> {
  const { rows } = await owner.query<{ id: string }>('select coalesce(max(id), 0) as id from outbox');
  return rows[0]?.id ?? '0';
}

async function allSent(owner: pg.Pool, after: string, count: number): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const { rows } = await owner.query<{ sent: number }>(
      `select count(*)::int as sent from outbox where id > $1 and status = 'sent'`,
      [after],
    );
    const sent = rows[0]?.sent ?? 0;
    if (sent >= count) return;
    if (performance.now() > deadline) throw new Error(`Only ${sent} of ${count} were sent within ${PATIENCE_MS} ms`);
    await new Promise((done) => setTimeout(done, 20));
  }
}

function round(value: number | undefined): number {
  return Math.round((value ?? Number.NaN) * 10) / 10;
}
