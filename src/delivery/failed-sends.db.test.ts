import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DeliveryBench, type Talk } from '../../test/support/delivery.js';
import { addEndpoint } from '../../test/support/endpoints.js';
import type { SendError } from './outbox/claimed-send.js';
import type { StatusUpdate } from './statuses/delivery-status.service.js';

const LINE_LOST: SendError = { code: '131042', class: 'failover', reason: 'payment issue' };
const NOT_THERE: SendError = { code: '131026', class: 'recipient', reason: 'undeliverable' };
const TEMPLATE = { name: 'seguimos', language: 'es', params: [] };

let bench: DeliveryBench;
let path: ReturnType<DeliveryBench['newProcess']>;
let talk: Talk;
/** Of the same number. */
let second: string;

beforeAll(async () => {
  bench = await DeliveryBench.open();
  path = bench.newProcess();
});
afterAll(() => bench.close());
beforeEach(async () => {
  await bench.clear();
  ({ talk, second } = await openShop());
});

async function openShop(
  rules: Parameters<DeliveryBench['makeBot']>[1] = {},
  numbers = ['+525511110000', '+525511110000'],
) {
  const bot = await bench.makeBot(undefined, rules);
  const [first = '', other = ''] = await Promise.all(
    numbers.map((number, position) => bench.makeConnection(bot, { number, position })),
  );
  await addEndpoint(bench.database.owner, bot.tenantId, ['message.status', 'conversation.handed_over']);
  return { talk: await bench.makeTalk({ ...bot, connectionId: first }), second: other };
}

async function accept(id: string): Promise<string> {
  const [claimed] = await path.outbox.claim(1);
  if (claimed?.id !== id) throw new Error(`claimed ${claimed?.id}, not ${id}`);
  const providerMessageId = `wamid.${id}.${claimed.attempt}`;
  await path.recorder.record(claimed, { to: 'sent', providerMessageId });
  return providerMessageId;
}

async function send(overrides: Parameters<DeliveryBench['queue']>[2] = {}): Promise<{ id: string; wamid: string }> {
  const [id = ''] = await bench.queue(talk, ['hola'], overrides);
  return { id, wamid: await accept(id) };
}

const tell = (
  { id, wamid }: { id: string; wamid: string },
  status: StatusUpdate['status'],
  more: Partial<StatusUpdate> = {},
) =>
  path.statuses.apply([
    {
      connectionId: talk.connectionId,
      outboxId: id,
      providerMessageId: wamid,
      status,
      at: new Date(),
      ...(status === 'failed' && { error: LINE_LOST }),
      ...more,
    },
  ]);

/** As if the time for arrivals were over. */
async function letFailuresSettle(): Promise<void> {
  await bench.database.owner.query('update outbox set tell_failure_at = now() where tell_failure_at is not null');
  await path.failures.settleDue();
}

const rows = async (sql: string, ...params: unknown[]): Promise<Record<string, unknown>[]> =>
  (await bench.database.owner.query(sql, params)).rows;
const told = async (id: string) =>
  (
    await rows(
      `select body ->> 'status' as status from outgoing_event
        where type = 'message.status' and body ->> 'messageId' = $1 order by seq`,
      id,
    )
  ).map(({ status }) => status);
const handedOver = async () =>
  (
    await rows(
      `select body ->> 'by' as by from outgoing_event
        where type = 'conversation.handed_over' and body ->> 'conversationId' = $1`,
      talk.conversationId,
    )
  ).map(({ by }) => by);
const health = async (id: string) =>
  (await rows('select health, restricted_until > now() as restricted from connection where id = $1', id))[0];

describe('INV-5 a message that failed after it was accepted', () => {
  it('goes again by another connection of the number, and integrators are told of no failure', async () => {
    const sent = await send();
    await tell(sent, 'failed');
    await letFailuresSettle();
    expect(await bench.row(sent.id)).toMatchObject({ status: 'pending', connection_id: second, delivery: null });
    const wamid = await accept(sent.id);
    await tell({ id: sent.id, wamid }, 'delivered', { connectionId: second });
    expect(await bench.row(sent.id)).toMatchObject({ status: 'sent', delivery: 'delivered', attempt: 2, error: null });
    expect(await told(sent.id)).toEqual(['sent', 'delivered']);
    expect(await handedOver()).toEqual([]);
  });

  it('waits until nothing can contradict the failure', async () => {
    const sent = await send();
    await tell(sent, 'failed');
    await path.failures.settleDue();
    expect((await bench.row(sent.id)).status).toBe('failed');
    await tell(sent, 'delivered');
    await letFailuresSettle();
    expect(await bench.row(sent.id)).toMatchObject({ status: 'sent', delivery: 'delivered' });
  });

  it.each([
    ['ten seconds at Twilio', 'twilio', 10],
    ['a minute at Meta', 'official', 60],
  ])('waits %s', async (_, provider, seconds) => {
    await rows('update connection set provider = $2 where id = $1', talk.connectionId, provider);
    const sent = await send();
    await tell(sent, 'failed');
    const [row] = await rows(
      'select extract(epoch from tell_failure_at - now())::float8 as left from outbox where id = $1',
      sent.id,
    );
    expect(row?.['left']).toBeGreaterThan(seconds - 9);
    expect(row?.['left']).toBeLessThanOrEqual(seconds);
  });

  it('speaks from another number only where the bot allows it', async () => {
    const numbers = ['+525511110001', '+525511110002'];
    ({ talk, second } = await openShop({}, numbers));
    const kept = await send();
    await tell(kept, 'failed');
    await letFailuresSettle();
    expect(await bench.row(kept.id)).toMatchObject({ status: 'failed', connection_id: talk.connectionId });
    ({ talk, second } = await openShop({ failover: 'any_number', windowTemplate: TEMPLATE }, numbers));
    const moved = await send();
    await tell(moved, 'failed');
    await letFailuresSettle();
    expect(await bench.row(moved.id)).toMatchObject({ status: 'pending', connection_id: second });
  });

  it('tells of its connection: a lost authorisation', async () => {
    const sent = await send();
    await tell(sent, 'failed', { error: { code: '131031', class: 'auth', reason: 'locked' } });
    await letFailuresSettle();
    expect(await health(talk.connectionId)).toMatchObject({ health: 'auth_lost' });
    expect((await bench.row(sent.id)).connection_id).toBe(second);
  });

  it('tells of its connection: a restricted number, which still answers who wrote', async () => {
    const sent = await send();
    const rule = { retryAfterMs: 3_600_000, slows: 'number' } as const;
    await tell(sent, 'failed', { error: { code: '131048', class: 'rate', reason: 'spam', rule } });
    await letFailuresSettle();
    expect(await health(talk.connectionId)).toMatchObject({ restricted: true });
    expect((await bench.row(sent.id)).connection_id).toBe(second);
  });

  it('goes as the bot’s template where the window was closed', async () => {
    ({ talk, second } = await openShop({ windowTemplate: TEMPLATE }));
    const sent = await send();
    await tell(sent, 'failed', { error: { code: 'window_closed', class: 'template', reason: 'too late' } });
    await letFailuresSettle();
    expect(await bench.row(sent.id)).toMatchObject({
      status: 'pending',
      connection_id: talk.connectionId,
      error: { code: 'window_closed' },
    });
  });

  it('fails for good after eight attempts', async () => {
    const sent = await send();
    await rows('update outbox set attempt = 8 where id = $1', sent.id);
    await tell(sent, 'failed');
    await letFailuresSettle();
    expect((await bench.row(sent.id)).status).toBe('failed');
    expect(await told(sent.id)).toEqual(['sent', 'failed']);
  });

  it('is not sent again when its arrival is reported before it leaves', async () => {
    const sent = await send();
    await tell(sent, 'failed');
    await letFailuresSettle();
    await tell(sent, 'delivered');
    expect(await path.outbox.claim(1)).toEqual([]);
    expect(await bench.row(sent.id)).toMatchObject({
      status: 'sent',
      delivery: 'delivered',
      connection_id: talk.connectionId,
    });
  });

  it('is not failed a second time by a repeated report of the first attempt', async () => {
    const sent = await send();
    await tell(sent, 'failed', { error: { code: '131016', class: 'retry', reason: 'overloaded' } });
    await letFailuresSettle();
    await rows('update outbox set next_at = now() where id = $1', sent.id);
    await tell(sent, 'failed');
    expect(await bench.row(sent.id)).toMatchObject({ status: 'pending', connection_id: talk.connectionId });
    await accept(sent.id);
    await tell(sent, 'failed');
    expect(await bench.row(sent.id)).toMatchObject({ status: 'sent', attempt: 2 });
  });

  it('INV-3 goes again in order with those of its conversation that failed, too', async () => {
    const [one, two] = [await send(), await send()];
    await tell(two, 'failed');
    await tell(one, 'failed');
    await rows('update outbox set tell_failure_at = now() where id = $1', two.id);
    await path.failures.settleDue();
    expect((await bench.row(two.id)).status).toBe('failed');
    await letFailuresSettle();
    await path.failures.settleDue();
    expect((await path.outbox.claim(5)).map(({ id }) => id)).toEqual([one.id]);
    expect((await bench.row(two.id)).status).toBe('pending');
  });

  it('INV-5 goes again once, whoever looks at the same time', async () => {
    const sent = await send();
    await tell(sent, 'failed');
    const others = [bench.newProcess(), bench.newProcess()];
    await rows('update outbox set tell_failure_at = now() where id = $1', sent.id);
    await Promise.all([path, ...others].map(({ failures }) => failures.settleDue()));
    expect((await bench.row(sent.id)).status).toBe('pending');
    expect(await rows('select 1 from failed_send')).toHaveLength(1);
    expect((await path.outbox.claim(5)).map(({ id }) => id)).toEqual([sent.id]);
  });

  it('INV-8 is seen by no tenant’s role', async () => {
    const sent = await send();
    await tell(sent, 'failed');
    await letFailuresSettle();
    await expect(
      bench.database.tenants.transaction(talk.tenantId, (tx) => tx.query('select 1 from failed_send')),
    ).rejects.toThrow('permission denied');
  });
});

describe('INV-6 a message that nothing can carry', () => {
  it.each([
    ['a reply', 0, ['send_failed']],
    ['a notice about an order', 1, ['send_failed']],
    ['a campaign', 2, []],
  ])('%s: a person has the conversation where the customer waits', async (_, lane, by) => {
    const sent = await send({ lane });
    await tell(sent, 'failed', { error: NOT_THERE });
    await letFailuresSettle();
    await letFailuresSettle();
    expect(await told(sent.id)).toEqual(['sent', 'failed']);
    expect(await handedOver()).toEqual(by);
  });

  it('does not call a person for who does not wait', async () => {
    const sent = await send();
    await rows(`update conversation set last_in_at = now() - interval '2 days' where id = $1`, talk.conversationId);
    await tell(sent, 'failed', { error: NOT_THERE });
    await letFailuresSettle();
    expect(await handedOver()).toEqual([]);
  });

  it('does not call a person when a later message has left', async () => {
    const sent = await send();
    await send();
    await tell(sent, 'failed', { error: NOT_THERE });
    await letFailuresSettle();
    expect(await handedOver()).toEqual([]);
  });

  it('calls a person when it was refused at the door', async () => {
    await bench.queue(talk, ['hola']);
    const [claimed] = await path.outbox.claim(1);
    if (!claimed) throw new Error('nothing was claimed');
    await path.recorder.record(claimed, { to: 'failed', error: NOT_THERE });
    await path.failures.settleDue();
    expect(await handedOver()).toEqual(['send_failed']);
  });
});
