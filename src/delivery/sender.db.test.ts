import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DeliveryBench, type Talk } from '../../test/support/delivery.js';
import { startGraphDouble, type GraphDouble } from '../../test/support/graph-double.js';
import type { ClaimedSend } from './outbox/claimed-send.js';
import { LEASE_MS } from './outbox/outbox.queries.js';

let bench: DeliveryBench;
let graph: GraphDouble;
let talk: Talk;

beforeAll(async () => {
  bench = await DeliveryBench.open();
  graph = await startGraphDouble({ latencyMs: 1 });
  talk = await bench.makeOfficialTalk();
});
afterAll(async () => {
  await bench.close();
  await graph.stop();
});

const TEMPLATE = { name: 'seguimos_aqui', language: 'es', params: ['{text}'] };
const open = () => bench.newProcess({ META_GRAPH_URL: graph.url, SEND_TIMEOUT_MS: '1000' });
const fullLease = () => performance.now() + LEASE_MS;

function claimed(overrides: Partial<ClaimedSend> = {}): ClaimedSend {
  return {
    id: '1',
    tenantId: talk.tenantId,
    conversationId: talk.conversationId,
    connectionId: talk.connectionId,
    lane: 0,
    body: { kind: 'text', text: 'hola' },
    attempt: 1,
    address: talk.phone.slice(1),
    phone: talk.phone,
    ageMs: 0,
    lastInboundOn: overrides.connectionId ?? talk.connectionId,
    lastInboundAgoMs: 1000,
    inboundElsewhere: null,
    lastError: null,
    ...overrides,
  };
}

describe('one attempt', () => {
  test('what the line cannot show is rendered down before it leaves', async () => {
    const options = Array.from({ length: 12 }, (_, n) => ({ id: `o${n}`, title: `Opción ${n}` }));
    const body = { kind: 'choices', text: '¿Cuál?', options };
    const settlement = await open().sender.attempt(claimed({ body }), fullLease());
    expect(settlement.to).toBe('sent');
    expect(graph.accepted.at(-1)?.body.type).toBe('text');
  });

  test('INV-5 a send that could outlive its lease does not start', async () => {
    const before = graph.requests;
    const settlement = await open().sender.attempt(claimed(), performance.now() + 500);
    expect(settlement).toEqual({ to: 'deferred', delayMs: 0 });
    expect(graph.requests).toBe(before);
  });

  test('a line that was deleted fails the message', async () => {
    const settlement = await open().sender.attempt(claimed({ connectionId: randomUUID() }), fullLease());
    expect(settlement).toMatchObject({ to: 'failed', error: { code: 'no_connection' } });
  });

  test('a provider this version does not know fails the message', async () => {
    const bot = await bench.makeBot();
    const connectionId = await bench.makeConnection(bot, { provider: 'telegraph' });
    const settlement = await open().sender.attempt(claimed({ connectionId }), fullLease());
    expect(settlement).toMatchObject({ to: 'failed', error: { code: 'unknown_provider' } });
  });

  test('credentials that cannot be opened hold the message for a day, then fail it', async () => {
    const bot = await bench.makeBot();
    const connectionId = await bench.makeConnection(bot);
    await bench.database.owner.query(`update connection set credentials_key_id = 'another' where id = $1`, [
      connectionId,
    ]);
    const error = { code: 'credentials_unreadable', class: 'held' };
    const today = await open().sender.attempt(claimed({ connectionId }), fullLease());
    expect(today).toMatchObject({ to: 'deferred', delayMs: 1000, error });
    const tomorrow = await open().sender.attempt(claimed({ connectionId, ageMs: 25 * 3_600_000 }), fullLease());
    expect(tomorrow).toMatchObject({ to: 'failed', error });
  });

  test('a paused line gives its messages to the bot’s next one', async () => {
    const bot = await bench.makeBot();
    const number = '+5215500000777';
    const paused = await bench.makeConnection(bot, { state: 'paused', position: 0, number });
    const next = await bench.makeConnection(bot, { position: 1, number });
    const settlement = await open().sender.attempt(claimed({ connectionId: paused }), fullLease());
    expect(settlement).toMatchObject({ to: 'deferred', delayMs: 0, connectionId: next });
  });

  describe('a line that lost its authorisation', () => {
    const probeLater = (connectionId: string) =>
      bench.database.owner.query(`update connection set health_at = now() - interval '6 minutes' where id = $1`, [
        connectionId,
      ]);

    test('holds its messages, and one send in five minutes finds out whether it is back', async () => {
      const bot = await bench.makeBot();
      const connectionId = await bench.makeConnection(bot, { accessToken: 'wrong-token' });
      const error = { code: 'auth_lost', class: 'held' };
      const { sender } = open();
      expect((await sender.attempt(claimed({ connectionId }), fullLease())).to).toBe('failed');
      const before = graph.requests;
      expect(await sender.attempt(claimed({ connectionId }), fullLease())).toMatchObject({ to: 'deferred', error });
      const tomorrow = claimed({ connectionId, ageMs: 25 * 3_600_000 });
      expect(await sender.attempt(tomorrow, fullLease())).toMatchObject({ to: 'failed', error });
      expect(graph.requests).toBe(before);

      await probeLater(connectionId);
      const [first, second] = [open().sender, open().sender];
      const both = [first, second].map((one) => one.attempt(claimed({ connectionId }), fullLease()));
      expect((await Promise.all(both)).map(({ to }) => to).toSorted()).toEqual(['deferred', 'failed']);
      expect(graph.requests).toBe(before + 1);
    });

    test('is used again once a send got through', async () => {
      const bot = await bench.makeBot();
      const connectionId = await bench.makeConnection(bot);
      await bench.database.owner.query(`update connection set health = 'auth_lost' where id = $1`, [connectionId]);
      await probeLater(connectionId);
      const { sender } = open();
      expect((await sender.attempt(claimed({ connectionId }), fullLease())).to).toBe('sent');
      expect((await sender.attempt(claimed({ connectionId }), fullLease())).to).toBe('sent');
    });

    test('gives its messages to the bot’s next line without being asked', async () => {
      const bot = await bench.makeBot(undefined, { failover: 'any_number', windowTemplate: TEMPLATE });
      const lost = await bench.makeConnection(bot, { position: 0 });
      const next = await bench.makeConnection(bot, { position: 1 });
      await bench.database.owner.query(`update connection set health = 'auth_lost', health_at = now() where id = $1`, [
        lost,
      ]);
      const before = graph.requests;
      const settlement = await open().sender.attempt(claimed({ connectionId: lost }), fullLease());
      expect(settlement).toMatchObject({ to: 'deferred', delayMs: 0, connectionId: next });
      expect(graph.requests).toBe(before);
    });
  });

  test('while lines cannot be looked up nothing leaves and no attempt is lost', async () => {
    const { sender, connections } = open();
    connections.find = () => Promise.reject(new Error('Postgres is away'));
    const settlement = await sender.attempt(claimed(), fullLease());
    expect(settlement).toEqual({ to: 'deferred', delayMs: 1000 });
  });

  test('INV-5 a strategy that throws leaves the outcome unknown', async () => {
    const { sender, factory } = open();
    factory.get('official').send = () => Promise.reject(new Error('a bug'));
    const settlement = await sender.attempt(claimed(), fullLease());
    expect(settlement).toMatchObject({ to: 'unknown', error: { reason: 'Error: a bug' } });
  });

  test('a line that was told to slow down pauses for all its customers', async () => {
    const { sender } = open();
    graph.failNext(130429);
    const told = await sender.attempt(claimed(), fullLease());
    expect(told).toMatchObject({ to: 'pending', error: { class: 'rate' } });
    const next = await sender.attempt(claimed({ address: '525599999999', phone: '+525599999999' }), fullLease());
    expect(next.to).toBe('deferred');
  });

  test('a customer who was written to too quickly slows nobody else', async () => {
    const bot = await bench.makeBot();
    const connectionId = await bench.makeConnection(bot);
    const { sender } = open();
    graph.failNext(131056);
    const told = await sender.attempt(claimed({ connectionId, attempt: 2 }), fullLease());
    if (told.to !== 'pending') throw new Error(told.to);
    expect(told.delayMs).toBeGreaterThanOrEqual(4000);
    const next = { connectionId, address: '525599999999', phone: '+525599999999' };
    expect((await sender.attempt(claimed(next), fullLease())).to).toBe('sent');
  });
});

describe('a text that came too late', () => {
  const late = { lastInboundAgoMs: 25 * 3_600_000 };

  test('is refused without a call, and why is told', async () => {
    const before = graph.requests;
    const settlement = await open().sender.attempt(claimed(late), fullLease());
    expect(settlement).toMatchObject({ to: 'failed', error: { code: 'window_closed', class: 'template' } });
    expect(graph.requests).toBe(before);
  });

  test('leaves as the bot’s template, and what left is written down', async () => {
    const bot = await bench.makeBot(undefined, { windowTemplate: TEMPLATE });
    const connectionId = await bench.makeConnection(bot);
    const late = await bench.makeTalk({ ...bot, connectionId });
    await bench.database.owner.query(`update conversation set last_in_at = now() - interval '25 hours' where id = $1`, [
      late.conversationId,
    ]);
    const [id = ''] = await bench.queue(late, ['Ya está\nlisto']);
    const process = open();
    process.loops.dispatcher.start();
    await bench.waitFor(id, 'sent');
    const content = { kind: 'template', name: TEMPLATE.name, language: 'es', params: ['Ya está listo'] };
    const { rows } = await bench.database.owner.query('select sent_as, body from outbox where id = $1', [id]);
    expect(rows).toEqual([{ sent_as: content, body: { kind: 'text', text: 'Ya está\nlisto' } }]);
    expect(graph.accepted.at(-1)?.body).toMatchObject({ type: 'template', template: { name: TEMPLATE.name } });
  });

  test('as the provider sees it, goes once more as the template', async () => {
    const bot = await bench.makeBot(undefined, { windowTemplate: TEMPLATE });
    const connectionId = await bench.makeConnection(bot);
    const { sender } = open();
    graph.failNext(131047);
    const first = await sender.attempt(claimed({ connectionId }), fullLease());
    expect(first).toMatchObject({ to: 'pending', delayMs: 0, error: { code: 'window_closed' } });
    const second = await sender.attempt(claimed({ connectionId, lastError: 'window_closed' }), fullLease());
    expect(second).toMatchObject({ to: 'sent', sentAs: { kind: 'template' } });
  });
});

describe('a line that does not work', () => {
  test('is left at the second refusal, where another one has its number', async () => {
    const bot = await bench.makeBot();
    const number = '+5215500000778';
    const connectionId = await bench.makeConnection(bot, { number, position: 0 });
    const other = await bench.makeConnection(bot, { number, position: 1 });
    const process = open();
    graph.failNext(131016, 131016);
    const once = await process.sender.attempt(claimed({ connectionId }), fullLease());
    expect(once).toMatchObject({ to: 'pending', error: { class: 'retry' } });
    expect(once).not.toHaveProperty('connectionId');
    const twice = await process.sender.attempt(claimed({ connectionId, attempt: 2 }), fullLease());
    expect(twice).toMatchObject({ to: 'pending', delayMs: 0, connectionId: other });
    const { values } = await process.connectionMetrics.failovers.get();
    expect(values).toMatchObject([{ value: 1, labels: { connection: connectionId, reason: 'retry' } }]);
  });

  test('is not called for a while, its messages keep their attempts, and every process knows', async () => {
    const connectionId = await bench.makeConnection(await bench.makeBot());
    const { sender } = open();
    graph.failNext(131016, 131016, 131016, 131016);
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      expect((await sender.attempt(claimed({ connectionId, attempt }), fullLease())).to).toBe('pending');
    }
    const before = graph.requests;
    for (const one of [sender, open().sender]) {
      const held = await one.attempt(claimed({ connectionId, attempt: 5 }), fullLease());
      expect(held).toMatchObject({ to: 'deferred', delayMs: 1000, error: { code: 'line_down' } });
    }
    const older = await sender.attempt(claimed({ connectionId, ageMs: 20_000 }), fullLease());
    expect(older).toMatchObject({ to: 'deferred', delayMs: 5000 });
    expect(graph.requests).toBe(before);
  });

  test('restricted by its provider it answers, and writes to nobody first', async () => {
    const bot = await bench.makeBot();
    const number = '+5215500000779';
    const connectionId = await bench.makeConnection(bot, { number, position: 0 });
    await bench.makeConnection(bot, { number, position: 1 });
    const { sender } = open();
    graph.failNext(368);
    const campaign = claimed({ connectionId, lane: 2 });
    expect(await sender.attempt(campaign, fullLease())).toMatchObject({ to: 'failed', error: { code: '368' } });
    expect(await sender.attempt(campaign, fullLease())).toMatchObject({
      to: 'deferred',
      error: { code: 'restricted' },
    });
    expect((await sender.attempt(claimed({ connectionId }), fullLease())).to).toBe('sent');
  });
});

test('a claim that fails is tried again', async () => {
  const process = open();
  const claim = process.outbox.claim.bind(process.outbox);
  let failures = 1;
  process.outbox.claim = (limit) => {
    if (failures === 0) return claim(limit);
    failures -= 1;
    return Promise.reject(new Error('Postgres is away'));
  };
  const [id = ''] = await bench.queue(talk, ['hola']);
  process.loops.dispatcher.start();
  await bench.waitFor(id, 'sent');
  await process.loops.dispatcher.stop();
  expect(failures).toBe(0);
});
