import { expect, test } from 'vitest';
import { readEnv } from '../../platform/config/env.js';
import { ROLES } from '../../roles.js';
import type { PathPool } from '../../platform/database/path-pool.js';
import { asTenantId } from '../../platform/tenancy/tenant-id.js';
import { LiveEvents } from '../../platform/live-events.js';
import { Wake } from '../../platform/wake.js';
import { SystemClock } from '../../platform/clock.js';
import { Arrivals } from '../arrivals.js';
import type { ClaimedSend } from './claimed-send.js';
import type { ConnectionDirectory } from '../../connections/connection-directory.service.js';
import { OutboxQueries, type Settled } from './outbox.queries.js';
import { OutcomeRecorder } from './outcome-recorder.js';
import { Loops } from '../../platform/loops/loops.js';

/** An outbox in memory whose writes can be made to fail. */
class FakeOutbox extends OutboxQueries {
  readonly batches: string[][] = [];
  failures: Error[] = [];
  refused = new Set<string>();
  /** Rows that a status has settled before. */
  settled = new Set<string>();
  /** A write begins, and ends when the test says. */
  readonly begun = Promise.withResolvers<void>();
  held: Promise<void> = Promise.resolve();

  constructor() {
    super({} as PathPool, {} as ConnectionDirectory);
  }

  override async record(batch: readonly Settled[]): Promise<Set<string>> {
    this.begun.resolve();
    await this.held;
    const failure = this.failures.shift();
    if (failure) throw failure;
    const ids = batch.map(({ claimed }) => claimed.id);
    if (ids.some((id) => this.refused.has(id))) throw new Error('invalid input');
    this.batches.push(ids);
    return new Set(ids.filter((id) => !this.settled.has(id)));
  }
}

function send(id: string): ClaimedSend {
  return {
    id,
    tenantId: asTenantId('00000000-0000-4000-8000-000000000001'),
    conversationId: '00000000-0000-4000-8000-000000000002',
    connectionId: '00000000-0000-4000-8000-000000000003',
    lane: 0,
    body: {},
    attempt: 1,
    address: '525511111111',
    phone: null,
    ageMs: 0,
    lastInboundOn: null,
    lastInboundAgoMs: null,
    inboundElsewhere: null,
    lastError: null,
  };
}

function open() {
  const outbox = new FakeOutbox();
  const wake = new Wake();
  const arrivals = new Arrivals(
    new Loops(readEnv({}, ROLES), wake),
    {} as PathPool,
    {} as ConnectionDirectory,
    new SystemClock(),
  );
  const live = new LiveEvents();
  const shown: unknown[] = [];
  live.subscribe(({ type, data }) => shown.push([type, (data as { messageId: string }).messageId]));
  const recorder = new OutcomeRecorder(readEnv({}, ROLES), outbox, wake, arrivals, live);
  const record = (id: string) => recorder.record(send(id), { to: 'sent', providerMessageId: `w.${id}` });
  return { outbox, wake, record, shown };
}

test('what comes during a write goes together in the next one', async () => {
  const { outbox, record } = open();
  const first = Promise.withResolvers<void>();
  outbox.held = first.promise;
  const writing = record('1');
  await outbox.begun.promise;
  const rest = ['2', '3', '4'].map(record);
  first.resolve();
  await Promise.all([writing, ...rest]);
  expect(outbox.batches).toEqual([['1'], ['2', '3', '4']]);
});

test('a recorded outcome wakes the dispatcher', async () => {
  const { wake, record } = open();
  const woken = wake.wait('outbox', 60_000);
  await record('1');
  await expect(woken).resolves.toBeUndefined();
});

test('INV-5 an acceptance is kept while Postgres is away and written when it is back', async () => {
  const { outbox, record } = open();
  const down = () => Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
  outbox.failures = [down(), down()];
  await record('1');
  expect(outbox.batches).toEqual([['1']]);
});

test('INV-5 an acceptance is kept while the disk of Postgres is full and written when there is room', async () => {
  const { outbox, record } = open();
  outbox.failures = [Object.assign(new Error('No space left on device'), { code: '53100' })];
  await record('1');
  expect(outbox.batches).toEqual([['1']]);
});

test('an outcome that cannot be written does not hold the others', async () => {
  const { outbox, record } = open();
  outbox.refused.add('3');
  await Promise.all(['1', '2', '3', '4'].map(record));
  expect(outbox.batches).toEqual([['1'], ['2'], ['4']]);
});

test('an outcome that lost to an earlier status is not shown as true', async () => {
  const { outbox, record, shown } = open();
  outbox.settled.add('2');
  await Promise.all(['1', '2', '3'].map(record));
  expect(shown).toEqual([
    ['message.status', '1'],
    ['message.status', '3'],
  ]);
});
