import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { DeliveryBench, eventually, type DeliveryProcess } from '../../test/support/delivery.js';
import { startGraphDouble, type GraphDouble } from '../../test/support/graph-double.js';
import { Clock } from '../platform/clock.js';

class MovableClock extends Clock {
  aheadMs = 0;

  now(): Date {
    return new Date(Date.now() + this.aheadMs);
  }
}

const HOUR_MS = 3_600_000;

let bench: DeliveryBench;
let clock: MovableClock;
let graph: GraphDouble;
let variables: Record<string, string>;

beforeAll(async () => {
  clock = new MovableClock();
  bench = await DeliveryBench.open();
  graph = await startGraphDouble({ latencyMs: 2 });
  variables = { META_GRAPH_URL: graph.url, SEND_TIMEOUT_MS: '100', UNKNOWN_GRACE_MS: '600' };
});
afterAll(async () => {
  await bench.close();
  await graph.stop();
});
afterEach(async () => {
  graph.reset();
  await bench.clear();
});

function startProcess() {
  const process = bench.newProcess(variables, clock);
  process.loops.dispatcher.start();
  return process;
}

/** As if the process had run all the time that passed since the outcome became unknown. */
async function letGracePass({ reconciler }: DeliveryProcess, id: string): Promise<void> {
  await reconciler.reconcile();
  clock.aheadMs += HOUR_MS;
  await becomeOld(id);
}

async function becomeOld(id: string): Promise<void> {
  await bench.database.owner.query(`update outbox set unknown_at = unknown_at - interval '1 hour' where id = $1`, [id]);
}

/** As if the worker that claimed it had died long ago. */
async function letLeaseExpire(id: string): Promise<void> {
  await bench.database.owner.query(`update outbox set lease_until = now() - interval '1 s' where id = $1`, [id]);
}

describe('INV-5 the ambiguous send', () => {
  test('INV-5 taken without an answer, a late status settles it and nothing is sent twice', async () => {
    const talk = await bench.makeOfficialTalk();
    graph.failNext({ kind: 'hang', accepts: true });
    const [id = '', next = ''] = await bench.queue(talk, ['uno', 'dos']);
    const process = startProcess();
    await bench.waitFor(id, 'unknown');
    expect((await bench.row(next)).status).toBe('pending');
    await process.reconciler.reconcile();
    expect((await bench.row(id)).status).toBe('unknown');

    const wamid = graph.accepted[0]?.wamid ?? '';
    const applied = await process.statuses.apply([
      { connectionId: talk.connectionId, outboxId: id, providerMessageId: wamid, status: 'delivered', at: new Date() },
    ]);
    expect(applied).toEqual({ matched: 1, settled: 1 });
    await bench.waitFor(next, 'sent');
    await letGracePass(process, id);
    await process.reconciler.reconcile();
    expect(await bench.row(id)).toMatchObject({ status: 'sent', delivery: 'delivered', provider_message_id: wamid });
    expect(graph.accepted).toHaveLength(2);
    expect(graph.duplicates.size).toBe(0);
    await process.loops.dispatcher.stop();
  });

  test('INV-5 without any sign after the grace, resend auto sends again, once, and before what waits behind', async () => {
    const talk = await bench.makeOfficialTalk();
    graph.failNext({ kind: 'drop', accepts: false });
    const [id = '', next = ''] = await bench.queue(talk, ['uno', 'dos']);
    const process = startProcess();
    await bench.waitFor(id, 'unknown');
    await letGracePass(process, id);
    await process.reconciler.reconcile();
    await bench.waitFor(next, 'sent');
    expect(await bench.row(id)).toMatchObject({ status: 'sent', attempt: 2 });
    expect(graph.accepted.map(({ outboxId }) => outboxId)).toEqual([id, next]);
    await process.loops.dispatcher.stop();
  });

  test('INV-5 resend never ends as unknown, hands the conversation to a person, and later messages go on', async () => {
    const talk = await bench.makeOfficialTalk();
    const other = await bench.makeOfficialTalk();
    graph.failNext({ kind: 'cut', accepts: true });
    const [id = ''] = await bench.queue(talk, ['paga aquí'], { resendPolicy: 'never' });
    const [next = ''] = await bench.queue(talk, ['gracias']);
    const process = startProcess();
    await bench.waitFor(id, 'unknown');
    await letGracePass(process, id);
    await process.reconciler.reconcile();
    await bench.waitFor(next, 'sent');
    expect(await bench.row(id)).toMatchObject({ status: 'failed', attempt: 1, error: { code: 'unknown' } });
    const { conversationId } = talk;
    const modeOf = async (talkId: string) =>
      (await bench.database.owner.query('select mode, handoff from conversation where id = $1', [talkId])).rows[0];
    const handoff = { team: null, note: null, by: 'unknown_send', at: expect.any(String) };
    expect(await modeOf(conversationId)).toEqual({ mode: 'human', handoff });
    expect(await modeOf(other.conversationId)).toEqual({ mode: 'bot', handoff: null });
    expect(await bench.logged('handoff')).toEqual([{ conversationId, by: 'unknown_send', team: null }]);
    expect((await bench.logged('message.out')).map(({ outcome }) => outcome)).toEqual(['unknown', 'sent']);

    await process.statuses.apply([
      { connectionId: talk.connectionId, outboxId: id, providerMessageId: 'w1', status: 'sent', at: new Date() },
    ]);
    expect(await bench.row(id)).toMatchObject({ status: 'sent', delivery: 'sent', error: null });
    await process.loops.dispatcher.stop();
  });

  test('INV-5 after a start or an outage of Postgres statuses have the whole grace again to come', async () => {
    const talk = await bench.makeOfficialTalk();
    const [id = ''] = await bench.queue(talk, ['hola']);
    const process = bench.newProcess(variables, clock);
    await process.outbox.claim(1);
    await letLeaseExpire(id);
    await process.reconciler.reconcile();
    await becomeOld(id);
    await process.reconciler.reconcile();
    expect((await bench.row(id)).status).toBe('unknown');

    clock.aheadMs += HOUR_MS;
    const { path } = bench.database;
    const query = path.query.bind(path);
    path.query = () => Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
    await expect(process.reconciler.reconcile()).rejects.toThrow('refused');
    path.query = query;
    await process.reconciler.reconcile();
    expect((await bench.row(id)).status).toBe('unknown');

    clock.aheadMs += HOUR_MS;
    await process.reconciler.reconcile();
    expect((await bench.row(id)).status).toBe('pending');
  });

  test('INV-5 a linked device has the whole grace again once it is open, and not for ever', async () => {
    const bot = await bench.makeBot();
    const connectionId = await bench.makeConnection(bot, { provider: 'baileys' });
    const talk = await bench.makeTalk({ ...bot, connectionId });
    const [id = ''] = await bench.queue(talk, ['hola']);
    const { owner } = bench.database;
    await owner.query(`insert into linked_session (connection_id, tenant_id, state) values ($1, $2, 'waiting')`, [
      connectionId,
      bot.tenantId,
    ]);
    const process = bench.newProcess(variables, clock);
    await process.reconciler.reconcile();
    clock.aheadMs += HOUR_MS;
    const becomeUnknown = (ago: string) =>
      owner.query(`update outbox set status = 'unknown', unknown_at = now() - $2::interval where id = $1`, [id, ago]);
    const session = (set: string) =>
      owner.query(`update linked_session set ${set} where connection_id = '${connectionId}'`);
    const statusAfterRound = async () => {
      await process.reconciler.reconcile();
      return (await bench.row(id)).status;
    };

    await becomeUnknown('1 s');
    expect(await statusAfterRound()).toBe('unknown');
    await session(`state = 'open', last_open_at = now(), holder = 'p', lease_until = now() + interval '1 hour'`);
    expect(await statusAfterRound()).toBe('unknown');
    await session(`last_open_at = now() - interval '1 hour'`);
    expect(await statusAfterRound()).toBe('pending');

    await session(`state = 'connecting', holder = null, lease_until = null`);
    await becomeUnknown('1 hour');
    expect(await statusAfterRound()).toBe('pending');
    await session(`state = 'needs_pairing'`);
    await becomeUnknown('1 s');
    expect(await statusAfterRound()).toBe('pending');
  });

  test('INV-5 a worker that died leaves an expired lease, which is unknown and not a reason to send', async () => {
    const talk = await bench.makeOfficialTalk();
    const [id = ''] = await bench.queue(talk, ['hola']);
    const dead = bench.newProcess(variables, clock);
    const [claimed] = await dead.outbox.claim(10);
    expect(claimed?.id).toBe(id);
    await letLeaseExpire(id);
    const alive = startProcess();
    await alive.reconciler.reconcile();
    expect((await bench.row(id)).status).toBe('unknown');
    expect(graph.requests).toBe(0);

    await alive.statuses.apply([
      { connectionId: talk.connectionId, outboxId: id, providerMessageId: 'w1', status: 'sent', at: new Date() },
    ]);
    await letGracePass(alive, id);
    await alive.reconciler.reconcile();
    expect(await bench.row(id)).toMatchObject({ status: 'sent', attempt: 1 });
    expect(graph.requests).toBe(0);
    await alive.loops.dispatcher.stop();
  });

  test('INV-5 a late answer settles what is unknown, and is nothing to a row that has moved on', async () => {
    const talk = await bench.makeOfficialTalk();
    const [first = '', second = ''] = await bench.queue(talk, ['uno', 'dos']);
    const process = bench.newProcess(variables, clock);
    const [one] = await process.outbox.claim(1);
    if (!one) throw new Error('nothing was claimed');
    await letLeaseExpire(first);
    await process.reconciler.reconcile();
    await process.recorder.record(one, { to: 'sent', providerMessageId: 'wamid.late' });
    expect(await bench.row(first)).toMatchObject({ status: 'sent', provider_message_id: 'wamid.late' });

    const [two] = await process.outbox.claim(1);
    if (!two) throw new Error('nothing was claimed');
    await process.statuses.apply([
      { connectionId: talk.connectionId, outboxId: second, providerMessageId: 'w2', status: 'read', at: new Date() },
    ]);
    await process.recorder.record(two, { to: 'unknown', error: { code: 'unknown', class: 'unknown', reason: 'late' } });
    expect(await bench.row(second)).toMatchObject({ status: 'sent', delivery: 'read', provider_message_id: 'w2' });
    expect((await bench.logged('message.out')).length).toBe(2);
  });

  test('INV-5 an answer to an earlier attempt does not settle the one that runs', async () => {
    const talk = await bench.makeOfficialTalk();
    const [id = ''] = await bench.queue(talk, ['hola']);
    const process = bench.newProcess(variables, clock);
    const [first] = await process.outbox.claim(1);
    if (!first) throw new Error('nothing was claimed');
    await letLeaseExpire(id);
    await process.reconciler.reconcile();
    await letGracePass(process, id);
    await process.reconciler.reconcile();
    const [again] = await process.outbox.claim(1);
    expect(again?.attempt).toBe(2);
    await process.recorder.record(first, {
      to: 'failed',
      error: { code: '131026', class: 'recipient', reason: 'of the first attempt' },
    });
    expect(await bench.row(id)).toMatchObject({ status: 'sending', attempt: 2 });
  });

  test('INV-6 after eight attempts of unknown outcome a person has it', async () => {
    const talk = await bench.makeOfficialTalk();
    const [id = ''] = await bench.queue(talk, ['hola']);
    const process = bench.newProcess(variables, clock);
    await bench.database.owner.query(
      `update outbox set status = 'unknown', attempt = 8, unknown_at = now() - interval
      '1 hour' where id = $1`,
      [id],
    );
    await letGracePass(process, id);
    await process.reconciler.reconcile();
    expect(await bench.row(id)).toMatchObject({ status: 'failed', error: { code: 'unknown' } });
  });

  test('figures count what is open and how old the oldest unknown is', async () => {
    const talk = await bench.makeOfficialTalk();
    const [id = ''] = await bench.queue(talk, ['uno', 'dos', 'tres']);
    await bench.database.owner.query(
      `update outbox set status = 'unknown', unknown_at = now() - interval '30 s'
      where id = $1`,
      [id],
    );
    const { gauges, metrics } = bench.newProcess(variables, clock);
    await gauges.measure();
    const open = await metrics.open.get();
    const countOf = (status: string) => open.values.find(({ labels }) => labels.status === status)?.value;
    expect([countOf('pending'), countOf('sending'), countOf('unknown')]).toEqual([2, 0, 1]);
    expect((await metrics.oldestUnknown.get()).values[0]?.value).toBeGreaterThanOrEqual(30);
  });

  test('the reconciler runs by itself where delivery runs', async () => {
    const talk = await bench.makeOfficialTalk();
    const [id = ''] = await bench.queue(talk, ['hola']);
    const process = bench.newProcess(variables, clock);
    await process.outbox.claim(1);
    await letLeaseExpire(id);
    process.loops.reconciler.start();
    await eventually(async () => expect((await bench.row(id)).status).toBe('unknown'));
    await process.loops.reconciler.stop();
  });
});
