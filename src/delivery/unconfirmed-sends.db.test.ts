import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DeliveryBench, type Talk } from '../../test/support/delivery.js';
import { addEndpoint } from '../../test/support/endpoints.js';
import type { StatusUpdate } from './statuses/delivery-status.service.js';

type Sent = { readonly id: string; readonly wamid: string };

let bench: DeliveryBench;
let path: ReturnType<DeliveryBench['newProcess']>;
let talk: Talk;

beforeAll(async () => {
  bench = await DeliveryBench.open();
  path = bench.newProcess();
});
afterAll(() => bench.close());
beforeEach(async () => {
  await bench.clear();
  talk = await bench.makeOfficialTalk();
  await addEndpoint(bench.database.owner, talk.tenantId, ['message.status']);
});

async function send(): Promise<Sent> {
  const [id = ''] = await bench.queue(talk, ['hola']);
  const [claimed] = await path.outbox.claim(1);
  if (claimed?.id !== id) throw new Error(`claimed ${claimed?.id}, not ${id}`);
  await path.recorder.record(claimed, { to: 'sent', providerMessageId: `wamid.${id}` });
  return { id, wamid: `wamid.${id}` };
}

const tell = ({ id, wamid }: Sent, status: StatusUpdate['status']) =>
  path.statuses.apply([
    { connectionId: talk.connectionId, outboxId: id, providerMessageId: wamid, status, at: new Date() },
  ]);
const rows = async (sql: string, ...params: unknown[]): Promise<Record<string, unknown>[]> =>
  (await bench.database.owner.query(sql, params)).rows;
const told = async (id: string) =>
  (
    await rows(
      `select body ->> 'status' as status from outgoing_event where body ->> 'messageId' = $1 order by seq`,
      id,
    )
  ).map(({ status }) => status);

describe('INV-6 a message that was accepted and never reported on', () => {
  const age = (id: string, hours: number) =>
    rows(`update outbox set unconfirmed_since = now() - $2 * interval '1 hour' where id = $1`, id, hours);

  it('ends as unknown, with an event, a figure and what the transcript shows', async () => {
    const sent = await send();
    await age(sent.id, 23);
    expect(await path.unconfirmed.endDue()).toBe(0);
    await tell(sent, 'sent');
    await age(sent.id, 25);
    expect(await path.unconfirmed.endDue()).toBe(1);
    expect(await path.unconfirmed.endDue()).toBe(0);
    expect(await bench.row(sent.id)).toMatchObject({ status: 'sent', delivery: 'unknown', error: { code: 'unknown' } });
    expect(await told(sent.id)).toEqual(['sent', 'unknown']);
    expect((await path.metrics.unconfirmed.get()).values).toEqual([
      { labels: { provider: 'official', connection: talk.connectionId }, value: 1 },
    ]);
  });

  it('moves on when somebody tells after all', async () => {
    const sent = await send();
    await age(sent.id, 25);
    await path.unconfirmed.endDue();
    await tell(sent, 'sent');
    expect((await bench.row(sent.id)).delivery).toBe('unknown');
    await tell(sent, 'delivered');
    expect(await bench.row(sent.id)).toMatchObject({ delivery: 'delivered', error: null });
    expect(await told(sent.id)).toEqual(['sent', 'unknown', 'delivered']);
  });

  it('is none that arrived, failed, or waits to go again', async () => {
    for (const status of ['delivered', 'failed'] as const) await tell(await send(), status);
    expect(await rows('select 1 from outbox where unconfirmed_since is not null')).toEqual([]);
  });

  it('waits as long as the owner says', async () => {
    const patient = bench.newProcess({ DELIVERY_UNKNOWN_AFTER_HOURS: '48' });
    const sent = await send();
    await age(sent.id, 47);
    expect(await patient.unconfirmed.endDue()).toBe(0);
    await age(sent.id, 49);
    expect(await patient.unconfirmed.endDue()).toBe(1);
  });

  it('is found by an index that holds no others', async () => {
    await rows(`analyze outbox`);
    const client = await bench.database.owner.connect();
    await client.query('begin; set local enable_seqscan = off');
    const { rows: plan } = await client.query(
      `explain select id from outbox where unconfirmed_since <= now() - 24 * interval '1 hour' order by unconfirmed_since limit 500`,
    );
    await client.query('rollback');
    client.release();
    expect(JSON.stringify(plan)).toContain('outbox_unconfirmed');
  });
});
