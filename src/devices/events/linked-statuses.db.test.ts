import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { linkedText } from '../../../test/support/baileys-double.js';
import { openCutLine, type CutLine } from '../../../test/support/cut-line.js';
import { openLinkedBench, type LinkedShop } from '../../../test/support/linked-events.js';
import { openMessagePath, type MessagePath } from '../../../test/support/message-path.js';
import { openReceiver } from '../../../test/support/receiver.js';
import { PathPool } from '../../platform/database/path-pool.js';
import { messageIdOf } from '../sent-messages.js';

let postgres: CutLine;
let path: MessagePath;
let bench: Awaited<ReturnType<typeof openLinkedBench>>;
let shop: LinkedShop;
let detach: () => Promise<void>;

beforeEach(async () => {
  path = await openMessagePath(async (db) => {
    postgres = await openCutLine(db.url);
    return new PathPool(postgres.url);
  });
  bench = await openLinkedBench(path);
  shop = await bench.openLinkedShop();
  detach = bench.events.attach(shop.session);
  await shop.socket.deliver(linkedText('A1', 'uno'));
});
afterEach(async () => {
  await path.close();
  await postgres.cut();
});

/** Resolves when what the socket delivered so far is stored, the echoes of our own sends among it. */
async function stored(): Promise<void> {
  await detach();
  detach = bench.events.attach(shop.session);
}

/** Left, and not answered: nothing but what was written down before tells whose the id is. */
async function sendUnanswered(text: string): Promise<{ outboxId: string; messageId: string }> {
  const { rows } = await path.db.owner.query<{ id: string; address: string }>(
    `insert into outbox (tenant_id, conversation_id, connection_id, turn, idx, kind, body, status, attempt)
     select c.tenant_id, c.id, c.connection_id, (select count(*) + 1 from outbox), 0, 'send', '{}', 'sending', 1
       from conversation c where c.connection_id = $1
     returning id::text, (select address from conversation where connection_id = $1)`,
    [shop.connectionId],
  );
  const { id: outboxId = '', address = '' } = rows[0] ?? {};
  const message = { outboxId, to: { address, phone: null }, content: { kind: 'text', text } } as const;
  await bench.provider.send({ connectionId: shop.connectionId, credentials: {} }, message, AbortSignal.timeout(10_000));
  return { outboxId, messageId: messageIdOf(shop.connectionId, outboxId) };
}

const deliveries = async () =>
  (
    await path.db.owner.query<{ id: string; delivery: string | null; status: string }>(
      'select id::text, status, delivery from outbox where connection_id = $1 order by id',
      [shop.connectionId],
    )
  ).rows;
const spooled = () => readdir(join(path.env.dataDir, 'spool-statuses'));

it('INV-1: statuses that come while Postgres is away outlive the process, and find their messages after it', async () => {
  await stored();
  const [read, refused, played] = [
    await sendUnanswered('uno'),
    await sendUnanswered('dos'),
    await sendUnanswered('tres'),
  ];
  await stored();
  await postgres.cut();
  void shop.socket.status(read.messageId, 4);
  void shop.socket.status(refused.messageId, 0, '479');
  void shop.socket.status(played.messageId, 5);
  // Resolves when they are durable, not when somebody has given up on Postgres.
  await detach();
  expect(await spooled()).toHaveLength(1);
  await bench.statuses.beforeApplicationShutdown();

  await postgres.mend();
  const next = await openReceiver(path);
  await expect.poll(deliveries, { timeout: 20_000 }).toMatchObject([
    { id: read.outboxId, status: 'sent', delivery: 'read' },
    { id: refused.outboxId, status: 'failed', delivery: 'failed' },
    { id: played.outboxId, status: 'sent', delivery: 'played' },
  ]);
  await expect.poll(spooled, { timeout: 20_000 }).toEqual([]);
  await next.statuses.beforeApplicationShutdown();
});

it('INV-1: what the shop writes on its phone while Postgres is away is in the transcript after it', async () => {
  await stored();
  await postgres.cut();
  const key = { remoteJid: '5215511112222@s.whatsapp.net', fromMe: true, id: '3A0C1B2D3E4F5A6B7C8D' };
  void shop.socket.deliver({ ...linkedText(key.id, 'le atiendo yo'), key }, 'append');
  await detach();
  await postgres.mend();
  const kept = { id: expect.any(String), status: 'sent', delivery: 'sent' };
  await expect.poll(deliveries, { timeout: 20_000 }).toEqual([kept]);
});

it('INV-1: an echo of ours that waited with the shop’s own words for Postgres is not taken for a person’s', async () => {
  await stored();
  const ours = await sendUnanswered('hola');
  await stored();
  await postgres.cut();
  const own = (id: string, text: string) => {
    const key = { remoteJid: '5215511112222@s.whatsapp.net', fromMe: true, id };
    return { ...linkedText(id, text), key };
  };
  const typed = '3EB0A1B2C3D4E5F60718293A';
  void shop.socket.deliver([own(ours.messageId, 'hola'), own(typed, 'le atiendo yo')], 'append');
  await detach();
  // What was spooled is all there is: nothing waits in memory for Postgres any more.
  await postgres.mend();
  await expect.poll(async () => (await deliveries()).length, { timeout: 20_000 }).toBe(2);
  const echoes = await path.db.owner.query(
    `select effect_key from outbox where connection_id = $1 and effect_key like 'echo:%'`,
    [shop.connectionId],
  );
  expect(echoes.rows).toEqual([{ effect_key: `echo:${typed}` }]);
});

it('what a linked device brings is counted as that of any provider, and its lag measured', async () => {
  await stored();
  const { messageId } = await sendUnanswered('hola');
  void shop.socket.status(messageId, 3);
  void shop.socket.status('3EB0NOBODYKNOWSIT', 3);
  await detach();
  const counted = await bench.registry.getSingleMetric('events')?.get();
  const counts = counted?.values.map(({ labels, value }) => [labels['provider'], labels['event'], value]);
  expect(counts).toEqual(
    expect.arrayContaining([
      ['baileys', 'message', 1],
      ['baileys', 'status', 1],
      ['baileys', 'status_unmatched', 1],
    ]),
  );
  // The echo of what we sent is one more, if it came before the count.
  const lag = await bench.registry.getSingleMetricAsString('lag');
  expect(lag).toMatch(new RegExp(`lag_count\\{provider="baileys",connection="${shop.connectionId}"\\} [12]$`, 'm'));
});
