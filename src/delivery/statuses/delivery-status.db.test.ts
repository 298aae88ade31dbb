import {
  array,
  assert,
  asyncProperty,
  constant,
  constantFrom,
  integer,
  record,
  shuffledSubarray,
  tuple,
} from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DeliveryBench, type OutboxRow, type Talk } from '../../../test/support/delivery.js';
import { tellFailures } from './failure-events.js';
import type { ClaimedSend } from '../outbox/claimed-send.js';
import type { StatusUpdate } from './delivery-status.service.js';

let bench: DeliveryBench;
let process: ReturnType<DeliveryBench['newProcess']>;
let talk: Talk;

beforeAll(async () => {
  bench = await DeliveryBench.open();
  process = bench.newProcess();
  talk = await bench.makeOfficialTalk();
  await wantStatuses(talk);
});
afterAll(() => bench.close());
beforeEach(async () => {
  await bench.clear();
  await bench.database.owner.query('truncate outgoing_event cascade');
});

const AT = Date.parse('2026-11-24T10:00:00Z');

async function sending(): Promise<string> {
  const [id = ''] = await bench.queue(talk, ['hola']);
  await process.outbox.claim(1);
  return id;
}

function update(id: string, status: StatusUpdate['status'], overrides: Partial<StatusUpdate> = {}): StatusUpdate {
  return {
    connectionId: talk.connectionId,
    outboxId: id,
    providerMessageId: 'wamid.1',
    status,
    at: new Date(AT),
    error: status === 'failed' ? { code: '131026', class: 'recipient', reason: 'not on WhatsApp' } : undefined,
    ...overrides,
  };
}

/** What the row says, without what every row has of its own. */
function essence({ status, delivery, provider_message_id, error }: OutboxRow, deliveryAt: Date | null) {
  return { status, delivery, provider_message_id, error, deliveryAt: deliveryAt?.toISOString() ?? null };
}

async function essenceOf(id: string) {
  const { rows } = await bench.database.owner.query<{ delivery_at: Date | null }>(
    'select delivery_at from outbox where id = $1',
    [id],
  );
  return essence(await bench.row(id), rows[0]?.delivery_at ?? null);
}

describe('INV-6 delivery statuses', () => {
  test('INV-6 a status before the answer settles the send; the answer changes nothing', async () => {
    const [id = ''] = await bench.queue(talk, ['hola']);
    const [claimed] = await process.outbox.claim(1);
    if (!claimed) throw new Error('nothing was claimed');
    expect(await process.statuses.apply([update(id, 'sent')])).toEqual({ matched: 1, settled: 1 });
    await process.recorder.record(claimed, { to: 'sent', providerMessageId: 'wamid.1' });
    expect(await essenceOf(id)).toMatchObject({ status: 'sent', delivery: 'sent', provider_message_id: 'wamid.1' });
    expect(await bench.logged('message.out')).toHaveLength(1);
  });

  test('INV-6 a status never goes back', async () => {
    const id = await sending();
    for (const status of ['read', 'delivered', 'sent', 'failed'] as const) {
      await process.statuses.apply([update(id, status)]);
    }
    expect(await essenceOf(id)).toMatchObject({ status: 'sent', delivery: 'read', error: null });
  });

  test('INV-6 failed keeps its reason, and gives way to proof of arrival', async () => {
    const id = await sending();
    await process.statuses.apply([update(id, 'sent')]);
    await process.statuses.apply([update(id, 'failed')]);
    expect(await essenceOf(id)).toMatchObject({ status: 'failed', delivery: 'failed', error: { code: '131026' } });
    await process.statuses.apply([update(id, 'delivered')]);
    expect(await essenceOf(id)).toMatchObject({ status: 'sent', delivery: 'delivered', error: null });
    expect((await bench.logged('message.out')).map(({ outcome }) => outcome)).toEqual(['sent', 'failed', 'sent']);
  });

  test('INV-6 every order and repetition of the same statuses, in any batches, ends in the same row', async () => {
    const told = record({
      status: constantFrom('sent', 'failed', 'delivered', 'read', 'played'),
      seconds: integer({ min: 0, max: 3 }),
      code: constantFrom('131026', '131047'),
    });
    const shuffled = array(told, { minLength: 1, maxLength: 6 }).chain((set) =>
      tuple(
        constant(set),
        shuffledSubarray([...set, ...set], { minLength: set.length * 2 }),
        integer({ min: 1, max: 4 }),
      ),
    );
    await assert(
      asyncProperty(shuffled, async ([set, order, batchSize]) => {
        const updatesOf = (id: string, list: typeof set) =>
          list.map(({ status, seconds, code }) =>
            update(id, status, {
              at: new Date(AT + seconds * 1000),
              error: status === 'failed' ? { code, class: 'permanent', reason: code } : undefined,
            }),
          );
        await bench.clear();
        const [first, second] = [await sending(), await sendingElsewhere()];
        await process.statuses.apply(updatesOf(first, set));
        const updates = updatesOf(second, order);
        for (let from = 0; from < updates.length; from += batchSize) {
          await process.statuses.apply(
            updates.slice(from, from + batchSize).map((one) => ({ ...one, connectionId: other.connectionId })),
          );
        }
        expect(await essenceOf(second)).toEqual(await essenceOf(first));
        await letFailuresSettle();
        expect(await toldOf(second)).toEqual(await toldOf(first));
      }),
      { numRuns: 60 },
    );
  });

  test('INV-8 a status on another tenant’s line moves nothing', async () => {
    const id = await sending();
    const foreign = await bench.makeOfficialTalk();
    const applied = await process.statuses.apply([update(id, 'read', { connectionId: foreign.connectionId })]);
    expect(applied).toEqual({ matched: 0, settled: 0 });
    expect((await bench.row(id)).status).toBe('sending');
  });

  test('without our id the provider’s own finds the message', async () => {
    const [id = ''] = await bench.queue(talk, ['hola']);
    const [claimed] = await process.outbox.claim(1);
    if (!claimed) throw new Error('nothing was claimed');
    await process.recorder.record(claimed, { to: 'sent', providerMessageId: 'wamid.9' });
    await process.statuses.apply([update(id, 'delivered', { outboxId: null, providerMessageId: 'wamid.9' })]);
    expect((await bench.row(id)).delivery).toBe('delivered');
  });

  test('what another sender put in the echo field matches nothing and harms nothing', async () => {
    const id = await sending();
    const foreign = ["'; drop table outbox", '99999999999999999999', '-1', '0', 'null'];
    const applied = await process.statuses.apply(
      foreign.map((outboxId) => update(id, 'read', { outboxId, providerMessageId: null })),
    );
    expect(applied).toEqual({ matched: 0, settled: 0 });
    expect(await process.statuses.apply([])).toEqual({ matched: 0, settled: 0 });
  });

  test('INV-6 a status for a message that is to be sent again stops the repetition', async () => {
    const id = await sending();
    await bench.database.owner.query(`update outbox set status = 'pending', lease_until = null where id = $1`, [id]);
    await process.statuses.apply([update(id, 'sent')]);
    expect(await process.outbox.claim(1)).toEqual([]);
  });

  test('a status for a message that never left is not believed', async () => {
    const [id = ''] = await bench.queue(talk, ['hola']);
    await process.statuses.apply([update(id, 'read')]);
    expect((await bench.row(id)).status).toBe('pending');
  });

  test('a failure without a reason still says something', async () => {
    const id = await sending();
    await process.statuses.apply([update(id, 'failed', { error: undefined })]);
    expect((await bench.row(id)).error).toMatchObject({ code: 'failed' });
  });

  test('a reason that would be cut in the middle of a character costs nobody a status', async () => {
    const id = await sending();
    const reason = `${'x'.repeat(499)}👋`;
    await process.statuses.apply([update(id, 'failed', { error: { code: '131026', class: 'recipient', reason } })]);
    expect((await bench.row(id)).error).toMatchObject({ reason: 'x'.repeat(499) });
  });
});

describe('what integrators are told of a message', () => {
  test('every step up to the one reached, each once and in order, whatever the provider left out', async () => {
    const [id = ''] = await bench.queue(talk, ['hola']);
    const [claimed] = await process.outbox.claim(1);
    if (!claimed) throw new Error('nothing was claimed');
    await process.recorder.record(claimed, { to: 'sent', providerMessageId: 'wamid.1' });
    expect(await toldOf(id)).toEqual(['sent']);
    await process.statuses.apply([update(id, 'read')]);
    await process.statuses.apply([update(id, 'delivered'), update(id, 'sent'), update(id, 'read')]);
    expect(await toldOf(id)).toEqual(['sent', 'delivered', 'read']);
  });

  test('a failure is held back while an arrival may still be reported, and never told when it is', async () => {
    const id = await sending();
    await process.statuses.apply([update(id, 'failed')]);
    await tellFailures(bench.database.path);
    expect(await toldOf(id)).toEqual([]);
    await process.statuses.apply([update(id, 'delivered')]);
    await letFailuresSettle();
    expect(await toldOf(id)).toEqual(['sent', 'delivered']);
  });

  test('a failure that stands is told once, with its reason, after what it followed', async () => {
    const id = await sending();
    await process.statuses.apply([update(id, 'failed')]);
    await letFailuresSettle();
    await process.statuses.apply([update(id, 'failed', { at: new Date(AT - 1000) })]);
    await letFailuresSettle();
    expect(await toldOf(id)).toEqual(['sent', 'failed']);
    const { rows } = await bench.database.owner.query(
      `select body from outgoing_event where body->>'status' = 'failed'`,
    );
    expect(rows[0].body).toMatchObject({ messageId: id, connectionId: talk.connectionId, error: { code: '131026' } });
  });

  test('what was refused at the door was never sent', async () => {
    const [id = ''] = await bench.queue(talk, ['hola']);
    const [claimed] = await process.outbox.claim(1);
    if (!claimed) throw new Error('nothing was claimed');
    const error = { code: '131026', class: 'recipient', reason: 'not on WhatsApp' };
    await process.recorder.record(claimed, { to: 'failed', error });
    await tellFailures(bench.database.path);
    expect(await toldOf(id)).toEqual(['failed']);
  });

  test('nobody is told who did not ask', async () => {
    const quiet = await bench.makeOfficialTalk();
    const [id = ''] = await bench.queue(quiet, ['hola']);
    await process.outbox.claim(1);
    await process.statuses.apply([update(id, 'read', { connectionId: quiet.connectionId })]);
    expect((await bench.row(id)).delivery).toBe('read');
    expect(await toldOf(id)).toEqual([]);
  });
});

/** Statuses told about a message, in order. */
async function toldOf(id: string): Promise<string[]> {
  const { rows } = await bench.database.owner.query<{ status: string }>(
    `select body->>'status' as status from outgoing_event
      where type = 'message.status' and body->>'messageId' = $1 order by seq`,
    [id],
  );
  return rows.map(({ status }) => status);
}

/** As if the time for arrivals were over. */
async function letFailuresSettle(): Promise<void> {
  await bench.database.owner.query('update outbox set tell_failure_at = now() where tell_failure_at is not null');
  await tellFailures(bench.database.path);
}

async function wantStatuses({ tenantId }: Talk): Promise<void> {
  await bench.database.owner.query(
    `insert into webhook_endpoint (id, tenant_id, url, types, key_id, secret)
     values (gen_random_uuid(), $1, 'https://erp.example.com/hook', '{message.status}', 'k', '')`,
    [tenantId],
  );
}

let other: Talk;
beforeAll(async () => {
  other = await bench.makeOfficialTalk();
  await wantStatuses(other);
});

async function sendingElsewhere(): Promise<string> {
  const [id = ''] = await bench.queue(other, ['hola']);
  await process.outbox.claim(1);
  return id;
}

test('INV-6 an outcome that comes after a status is not shown: what the status said stands', async () => {
  const id = await sending();
  const [claimed] = (await bench.database.owner.query('select * from outbox where id = $1', [id])).rows;
  const shown: unknown[] = [];
  const end = bench.database.live.subscribe(({ type, data }) =>
    shown.push([type, (data as { status: string }).status]),
  );
  await process.statuses.apply([update(id, 'delivered')]);
  const send = { ...talk, id, attempt: claimed.attempt } as unknown as ClaimedSend;
  const error = { code: 'timeout', class: 'unknown', reason: 'no answer' } as const;
  await process.recorder.record(send, { to: 'unknown', error });
  end();
  expect(shown).toEqual([['message.status', 'delivered']]);
  expect(await bench.row(id)).toMatchObject({ status: 'sent', delivery: 'delivered' });
});
