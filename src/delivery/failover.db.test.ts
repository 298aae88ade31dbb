import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DeliveryBench, eventually, type DeliveryProcess, type Talk } from '../../test/support/delivery.js';
import { startGraphDouble, type GraphDouble } from '../../test/support/graph-double.js';
import { startTwilioDouble, type TwilioDouble } from '../../test/support/twilio-double.js';
import { DOUBLE_ACCOUNT_SID, DOUBLE_AUTH_TOKEN } from '../../test/support/twilio-double-webhook.js';

/** A number may send 80 messages a second, so the load is spread over some. */
const NUMBERS = ['+5215500000900', '+5215500000901', '+5215500000902', '+5215500000903'];
const CONVERSATIONS_EACH = 10;
/** Messages a second, over all conversations. */
const RATE = 60;
const STEP_MS = 100;

let bench: DeliveryBench;
let graph: GraphDouble;
let twilio: TwilioDouble;
let talks: Talk[];
const processes: DeliveryProcess[] = [];

beforeAll(async () => {
  bench = await DeliveryBench.open();
  graph = await startGraphDouble({ latencyMs: 15 });
  twilio = await startTwilioDouble({ latencyMs: 15 });
  talks = [];
  for (const number of NUMBERS) {
    const bot = await bench.makeBot();
    const connectionId = await bench.makeConnection(bot, { position: 0, number });
    await connectTwilio(bot, number);
    for (let n = 0; n < CONVERSATIONS_EACH; n += 1) talks.push(await bench.makeTalk({ ...bot, connectionId }));
  }
  const variables = { META_GRAPH_URL: graph.url, TWILIO_API_URL: twilio.url, UNKNOWN_GRACE_MS: '2000' };
  for (let n = 0; n < 2; n += 1) processes.push(bench.newProcess(variables));
  for (const { loops } of processes) {
    loops.dispatcher.start();
    loops.reconciler.start();
    loops.prober.start();
  }
});
afterAll(async () => {
  for (const { loops } of processes) {
    await loops.prober.stop();
    await loops.reconciler.stop();
  }
  await bench.close();
  await graph.stop();
  await twilio.stop();
});

async function connectTwilio({ tenantId, botId }: { tenantId: string; botId: string }, from: string): Promise<void> {
  const credentials = { accountSid: DOUBLE_ACCOUNT_SID, authToken: DOUBLE_AUTH_TOKEN, from };
  const { keyId, sealed } = bench.box.seal(JSON.stringify(credentials));
  await bench.database.owner.query(
    `insert into connection (id, tenant_id, bot_id, provider, name, position, credentials, credentials_key_id)
     values ($1, $2, $3, 'twilio', 'Reserva', 1, $4, $5)`,
    [randomUUID(), tenantId, botId, sealed, keyId],
  );
}

/** What Meta's status webhooks tell: which messages it took, also those whose answer was lost. */
async function echoFrom(double: GraphDouble, from: number): Promise<number> {
  const news = double.accepted.slice(from);
  await processes[0]?.statuses.apply(
    news.map(({ outboxId, wamid, to }) => ({
      connectionId: talks.find(({ phone }) => phone === to)?.connectionId ?? '',
      outboxId,
      providerMessageId: wamid,
      status: 'sent',
      at: new Date(),
    })),
  );
  return from + news.length;
}

/** Queues messages for all conversations by turns, at the rate, for so long. */
async function talkFor(ms: number, double: GraphDouble): Promise<void> {
  let [queued, told] = [0, 0];
  const startedAt = performance.now();
  for (let elapsed = 0; elapsed < ms; elapsed = performance.now() - startedAt) {
    for (; queued < (RATE * elapsed) / 1000; queued += 1) {
      const talk = talks[queued % talks.length];
      if (talk) await bench.queue(talk, [`mensaje ${queued}`]);
    }
    told = await echoFrom(double, told);
    await delay(STEP_MS);
  }
  await eventually(async () => {
    told = await echoFrom(double, told);
    const { rows } = await bench.database.owner.query(`select status from outbox where status <> 'sent' limit 1`);
    expect(rows).toEqual([]);
  }, 30_000);
}

async function figures(sinceId: number) {
  const { rows } = await bench.database.owner.query<{
    count: number;
    slowest: number;
    disordered: number;
    last: number;
  }>(
    `select count(*)::int as count, max(ms)::int as slowest, count(*) filter (where sent_at < before)::int as disordered,
       max(id)::int as last
     from (select id, sent_at, extract(epoch from sent_at - created_at) * 1000 as ms,
         lag(sent_at) over (partition by conversation_id order by id) as before
       from outbox where id > $1) o`,
    [sinceId],
  );
  if (!rows[0]) throw new Error('nothing was queued');
  return rows[0];
}

test('INV-3, INV-5 with the first line off under load every conversation goes on by the next one, and comes back', async () => {
  await talkFor(1000, graph);
  const before = await figures(0);
  expect(before.count).toBe(graph.accepted.length);
  expect(twilio.accepted).toHaveLength(0);

  const port = Number(new URL(graph.url).port);
  const first = graph;
  const off = talkFor(4000, first);
  await delay(500);
  await first.stop();
  await off;
  const during = await figures(before.last);
  process.stdout.write(`first line off: ${during.count} messages, the slowest sent after ${during.slowest} ms\n`);
  expect(during.slowest).toBeLessThan(5000);
  expect(during.disordered).toBe(0);
  const ids = [...first.accepted, ...twilio.accepted].map(({ outboxId, ...rest }) => outboxId ?? JSON.stringify(rest));
  expect(ids.length).toBe(before.count + during.count);
  expect(first.duplicates.size).toBe(0);

  const sentByTwilio = twilio.accepted.length;
  graph = await startGraphDouble({ latencyMs: 15, port });
  await eventually(async () => {
    const { rows } = await bench.database.owner.query(`select id from connection where health <> 'up'`);
    expect(rows).toEqual([]);
  }, 30_000);
  await eventually(async () => {
    await talkFor(300, graph);
    expect(graph.accepted.length).toBeGreaterThan(10);
  }, 30_000);
  expect((await figures(during.last)).disordered).toBe(0);
  process.stdout.write(`back on the first line; ${twilio.accepted.length - sentByTwilio} more went by the second\n`);
}, 120_000);
