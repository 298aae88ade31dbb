import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { DeliveryBench, eventually, type DeliveryProcess } from '../../test/support/delivery.js';
import { startGraphDouble, type GraphDouble } from '../../test/support/graph-double.js';

let bench: DeliveryBench;
let graph: GraphDouble;
let variables: Record<string, string>;

beforeAll(async () => {
  bench = await DeliveryBench.open();
  graph = await startGraphDouble({ latencyMs: 2 });
  variables = { META_GRAPH_URL: graph.url, SEND_TIMEOUT_MS: '300', UNKNOWN_GRACE_MS: '500' };
});
afterAll(async () => {
  await bench.close();
  await graph.stop();
});
afterEach(async () => {
  graph.reset();
  await bench.clear();
});

/** Runs one delivery process while `work` lasts. */
async function whileDelivering<T>(
  work: (process: DeliveryProcess) => Promise<T>,
  process: DeliveryProcess = bench.newProcess(variables),
): Promise<T> {
  process.loops.dispatcher.start();
  try {
    return await work(process);
  } finally {
    await process.loops.dispatcher.stop();
  }
}

const textsTaken = () => graph.accepted.map(({ body }) => (body as { text?: { body?: string } }).text?.body);

describe('the dispatcher', () => {
  test('sends what is queued and records the acceptance, the response time and the line’s health', async () => {
    const talk = await bench.makeOfficialTalk();
    const [id = ''] = await bench.queue(talk, ['hola']);
    const row = await whileDelivering(() => bench.waitFor(id, 'sent'));
    expect(row.attempt).toBe(1);
    expect(row.provider_message_id).toBe(graph.accepted[0]?.wamid);
    expect(graph.accepted[0]).toMatchObject({ to: talk.phone, outboxId: id });
    const [logged] = await bench.logged('message.out');
    expect(logged).toMatchObject({ outcome: 'sent', provider: 'official', conversationId: talk.conversationId });
    expect(Number(logged?.['responseMs'])).toBeGreaterThanOrEqual(20);
    const { rows } = await bench.database.owner.query<{ health: string }>(
      'select health from connection where id = $1',
      [talk.connectionId],
    );
    expect(rows[0]?.health).toBe('up');
  });

  test('INV-5 an attempt is recorded before it leaves', async () => {
    const talk = await bench.makeOfficialTalk();
    const [id = ''] = await bench.queue(talk, ['hola']);
    const process = bench.newProcess(variables);
    const claimed = await process.outbox.claim(10);
    expect(claimed.map((one) => one.id)).toEqual([id]);
    expect(graph.requests).toBe(0);
    expect(await bench.row(id)).toMatchObject({ status: 'sending', attempt: 1 });
  });

  test('INV-3 replies of a conversation leave in order, also across a refusal that passes', async () => {
    const talk = await bench.makeOfficialTalk();
    const texts = ['uno', 'dos', 'tres', 'cuatro'];
    graph.failNext(131016);
    const ids = await bench.queue(talk, texts);
    await whileDelivering(() => bench.waitFor(ids[3] ?? '', 'sent'));
    expect(textsTaken()).toEqual(texts);
    expect(await bench.row(ids[0] ?? '')).toMatchObject({ attempt: 2, status: 'sent' });
  });

  test('INV-3 two processes and many conversations keep every conversation in order', async () => {
    const bot = await bench.makeBot();
    const connectionId = await bench.makeConnection(bot, {});
    const talks = await Promise.all(Array.from({ length: 15 }, () => bench.makeTalk({ ...bot, connectionId })));
    const texts = ['1', '2', '3', '4'];
    await whileDelivering(() =>
      whileDelivering(async () => {
        await Promise.all(talks.map((talk) => bench.queue(talk, texts)));
        await graph.waitForAccepted(60);
      }),
    );
    for (const { phone } of talks) {
      const mine = graph.accepted.filter(({ to }) => to === phone);
      expect(mine.map(({ body }) => (body as { text?: { body?: string } }).text?.body)).toEqual(texts);
    }
    expect(graph.duplicates.size).toBe(0);
  });

  test('a message that failed for good stops nothing but itself', async () => {
    const talk = await bench.makeOfficialTalk();
    graph.failNext(131026);
    const [first = '', second = ''] = await bench.queue(talk, ['uno', 'dos']);
    await whileDelivering(() => bench.waitFor(second, 'sent'));
    expect(await bench.row(first)).toMatchObject({ status: 'failed', error: { code: '131026', class: 'recipient' } });
    expect((await bench.logged('message.out')).map(({ outcome }) => outcome)).toEqual(['failed', 'sent']);
  });

  test('outside the 24-hour window the reason is window_closed', async () => {
    const talk = await bench.makeOfficialTalk();
    graph.failNext(131047);
    const [id = ''] = await bench.queue(talk, ['hola']);
    const row = await whileDelivering(() => bench.waitFor(id, 'failed'));
    expect(row.error).toMatchObject({ code: 'window_closed', class: 'template' });
  });

  test('a line that lost its authorisation is marked, and another one of its number takes over', async () => {
    const bot = await bench.makeBot();
    const number = '+5215500000001';
    const lost = await bench.makeConnection(bot, { accessToken: 'wrong-token', position: 0, number });
    const other = await bench.makeConnection(bot, { position: 1, number });
    const talk = await bench.makeTalk({ ...bot, connectionId: lost });
    const [id = ''] = await bench.queue(talk, ['hola']);
    const row = await whileDelivering(() => bench.waitFor(id, 'sent'));
    expect(row.connection_id).toBe(other);
    const { rows } = await bench.database.owner.query<{ health: string }>(
      'select health from connection where id = $1',
      [lost],
    );
    expect(rows[0]?.health).toBe('auth_lost');
  });

  test('without another line a lost authorisation fails the message with the reason', async () => {
    const bot = await bench.makeBot();
    const connectionId = await bench.makeConnection(bot, { accessToken: 'wrong-token' });
    const [id = ''] = await bench.queue(await bench.makeTalk({ ...bot, connectionId }), ['hola']);
    const row = await whileDelivering(() => bench.waitFor(id, 'failed'));
    expect(row.error).toMatchObject({ code: '190', class: 'auth' });
  });

  test('a paused line holds its messages without calling the provider', async () => {
    const bot = await bench.makeBot();
    const connectionId = await bench.makeConnection(bot, { state: 'paused' });
    const [id = ''] = await bench.queue(await bench.makeTalk({ ...bot, connectionId }), ['hola']);
    const row = await whileDelivering(() =>
      eventually(async () => {
        const held = await bench.row(id);
        expect(held).toMatchObject({ status: 'pending', attempt: 0, error: { code: 'connection_paused' } });
        return held;
      }),
    );
    expect(row.next_at.getTime()).toBeGreaterThan(Date.now());
    expect(graph.requests).toBe(0);
  });

  test('a stored message that is not valid fails by itself', async () => {
    const talk = await bench.makeOfficialTalk();
    const [id = ''] = await bench.queue(talk, ['x'], { body: { kind: 'text', text: '' } });
    const row = await whileDelivering(() => bench.waitFor(id, 'failed'));
    expect(row.error?.code).toBe('bad_content');
  });

  test('replies leave before campaigns that were queued earlier', async () => {
    const bot = await bench.makeBot();
    const connectionId = await bench.makeConnection(bot);
    const campaign = await bench.makeTalk({ ...bot, connectionId });
    const reply = await bench.makeTalk({ ...bot, connectionId });
    await bench.queue(campaign, ['oferta'], { lane: 2 });
    const [id = ''] = await bench.queue(reply, ['respuesta'], { lane: 0 });
    const claimed = await bench.newProcess(variables).outbox.claim(1);
    expect(claimed.map((one) => one.id)).toEqual([id]);
  });

  test('what may not leave yet gets a later time and keeps its attempts', async () => {
    const talk = await bench.makeOfficialTalk();
    const texts = Array.from({ length: 47 }, (_, n) => `m${n}`);
    const ids = await bench.queue(talk, texts);
    const heldClock = { now: () => new Date(0) };
    await whileDelivering(
      () =>
        eventually(async () => {
          const held = await bench.row(ids[45] ?? '');
          expect(held).toMatchObject({ status: 'pending', attempt: 0 });
          expect(held.next_at.getTime()).toBeGreaterThan(Date.now() + 1000);
        }),
      bench.newProcess(variables, heldClock),
    );
    expect(graph.accepted).toHaveLength(45);
    const behind = await bench.row(ids[46] ?? '');
    expect(behind.next_at.getTime()).toBeGreaterThan(Date.now() + 1000);
  });

  test('claims stay cheap with 50,000 open rows, also when one conversation has them all', async () => {
    const talk = await bench.makeOfficialTalk();
    const other = await bench.makeOfficialTalk();
    await bench.queue(
      talk,
      Array.from({ length: 50_000 }, (_, n) => `m${n}`),
    );
    const [last = ''] = await bench.queue(other, ['hola']);
    const { outbox } = bench.newProcess(variables);
    const startedAt = performance.now();
    const claimed = await outbox.claim(64);
    expect(performance.now() - startedAt).toBeLessThan(3000);
    expect(claimed).toHaveLength(2);
    expect(claimed.map(({ id }) => id)).toContain(last);
  });
});

test('sends of a linked device that another process holds are left to it', async () => {
  const mine = await bench.makeOfficialTalk();
  const theirs = await bench.makeOfficialTalk();
  await bench.queue(theirs, ['suyo']);
  const [id = ''] = await bench.queue(mine, ['mío']);
  const process = bench.newProcess(variables);
  process.connections.noteHeldElsewhere([theirs.connectionId]);
  expect((await process.outbox.claim(10)).map((one) => one.id)).toEqual([id]);
  process.connections.noteHeldElsewhere([]);
  expect(await process.outbox.claim(10)).toHaveLength(1);
});
