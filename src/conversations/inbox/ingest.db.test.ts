import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  makeEvent,
  openMessagePath,
  openPathShop,
  type MessagePath,
  type Shop,
} from '../../../test/support/message-path.js';
import { LiveEvents } from '../../platform/live-events.js';
import { IngestService } from './ingest.service.js';

describe('ingest', () => {
  let path: MessagePath;
  let shop: Shop;
  let other: IngestService;

  beforeAll(async () => {
    path = await openMessagePath();
    shop = await openPathShop(path.db);
    other = new IngestService(path.env, path.db.path, path.clock, path.wake, new LiveEvents());
  });
  afterAll(() => path.close());

  const count = async (sql: string, params: unknown[]) =>
    Number((await path.db.owner.query<{ n: string }>(`select count(*) as n ${sql}`, params)).rows[0]?.n);
  const inboxOf = async (from: string) =>
    (
      await path.db.owner.query<{ text: string; seq: string; is_late: boolean; dedupe_key: string }>(
        `select i.body ->> 'text' as text, i.seq, i.is_late, i.dedupe_key from inbox i
           join conversation c on c.id = i.conversation_id where c.address = $1 order by i.seq`,
        [from],
      )
    ).rows;

  it('INV-1: has the message committed when the call resolves', async () => {
    await path.ingest.ingest([makeEvent(shop, { from: '5215500000001', text: 'hola' })]);
    expect(await inboxOf('5215500000001')).toMatchObject([{ text: 'hola', seq: '1', is_late: false }]);
  });

  it('INV-2: stores a message once, however often and in whatever batch it comes', async () => {
    const event = makeEvent(shop, { from: '5215500000002' });
    await path.ingest.ingest([event, event]);
    await Promise.all([path.ingest.ingest([event]), other.ingest([event]), path.ingest.ingest([event])]);
    await other.ingest([event]);
    expect(await inboxOf('5215500000002')).toHaveLength(1);
  });

  it('INV-2: takes the content that follows an empty placeholder, and never the placeholder after it', async () => {
    const event = makeEvent(shop, { from: '5215500000003', text: 'contenido' });
    const shell = { ...event, content: { type: 'unsupported', text: '…', isPlaceholder: true } as const };
    await path.ingest.ingest([shell]);
    await path.ingest.ingest([event]);
    await path.ingest.ingest([shell, event, shell]);
    expect((await inboxOf('5215500000003')).map(({ text }) => text)).toEqual(['…', 'contenido']);
  });

  it('INV-2: takes only the content when both are in one batch', async () => {
    const event = makeEvent(shop, { from: '5215500000004', text: 'contenido' });
    await path.ingest.ingest([{ ...event, content: { type: 'unsupported', text: '…', isPlaceholder: true } }, event]);
    expect((await inboxOf('5215500000004')).map(({ text }) => text)).toEqual(['contenido']);
  });

  it('INV-3: numbers the messages of a conversation in the order they came, two processes at once included', async () => {
    const send = (ingest: IngestService, n: number) =>
      ingest.ingest([makeEvent(shop, { from: '5215500000005', text: String(n) })]);
    for (let n = 0; n < 10; n += 1) await send(n % 2 ? other : path.ingest, n);
    await Promise.all(Array.from({ length: 40 }, (_, n) => send(n % 2 ? other : path.ingest, 10 + n)));
    const rows = await inboxOf('5215500000005');
    expect(rows.map(({ seq }) => Number(seq))).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
    expect(rows.slice(0, 10).map(({ text }) => Number(text))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('makes one contact of a person whom two processes meet at once', async () => {
    const people = Array.from({ length: 20 }, (_, n) => `52156000000${String(n).padStart(2, '0')}`);
    await Promise.all(
      people.flatMap((from) =>
        [path.ingest, other].map((ingest, n) =>
          ingest.ingest([
            makeEvent(shop, { from, identities: n ? [`tel:${from}`] : [`bsuid:${from}`, `tel:${from}`] }),
          ]),
        ),
      ),
    );
    expect(await count(`from contact where phone like '+521560%'`, [])).toBe(20);
    expect(await count(`from conversation where address like '521560%'`, [])).toBe(20);
    expect(await count(`from contact_identity where value like '%521560%'`, [])).toBe(40);
  });

  it('recognises a person by any of their names and writes down the new one', async () => {
    const from = '5215500000007';
    await path.ingest.ingest([makeEvent(shop, { from })]);
    await path.ingest.ingest([makeEvent(shop, { from, identities: ['bsuid:MX.7', `tel:${from}`], text: 'dos' })]);
    await path.ingest.ingest([makeEvent(shop, { from, phone: null, identities: ['bsuid:MX.7'], text: 'tres' })]);
    expect((await inboxOf(from)).map(({ text }) => text)).toEqual(['hola', 'dos', 'tres']);
    expect(await count('from contact_identity where value = $1', ['bsuid:MX.7'])).toBe(1);
  });

  it('remembers the line and address the last message came by', async () => {
    const from = '5215500000008';
    await path.ingest.ingest([makeEvent(shop, { from })]);
    await path.ingest.ingest([makeEvent(shop, { from, address: 'MX.8', profileName: 'Beto' })]);
    const { rows } = await path.db.owner.query(
      'select address, phone, profile_name, last_in_at is not null as has_time from conversation where phone = $1',
      [`+${from}`],
    );
    expect(rows).toEqual([{ address: 'MX.8', phone: `+${from}`, profile_name: 'Beto', has_time: true }]);
  });

  it('marks a message that is older than the bot answers', async () => {
    const from = '5215500000009';
    const at = (minutes: number) => new Date(Date.now() - minutes * 60_000);
    await path.ingest.ingest([
      makeEvent(shop, { from, providerAt: at(11) }),
      makeEvent(shop, { from, providerAt: at(9) }),
    ]);
    expect((await inboxOf(from)).map(({ is_late }) => is_late)).toEqual([true, false]);
  });

  it('waits the bot’s quiet time before the turn', async () => {
    const quiet = await openPathShop(path.db, { quietMs: 5000 });
    await path.ingest.ingest([makeEvent(quiet)]);
    const { rows } = await path.db.owner.query<{ ms: number }>(
      `select extract(epoch from ready_at - now())::float8 * 1000 as ms from conversation where bot_id = $1`,
      [quiet.botId],
    );
    expect(rows[0]?.ms).toBeGreaterThan(3000);
    expect(rows[0]?.ms).toBeLessThanOrEqual(5000);
  });

  it('fails an event that cannot be stored alone: its batch goes through', async () => {
    const good = makeEvent(shop, { from: '5215500000010' });
    const bad = { ...makeEvent(shop, { from: '5215500000011' }), botId: randomUUID() };
    const settled = await Promise.allSettled([path.ingest.ingest([bad]), path.ingest.ingest([good])]);
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(await inboxOf('5215500000010')).toHaveLength(1);
  });

  it('stores text that jsonb cannot hold without the part it cannot', async () => {
    await path.ingest.ingest([makeEvent(shop, { from: '5215500000012', text: 'a\u0000b\ud83d \\u0000' })]);
    expect((await inboxOf('5215500000012'))[0]?.text).toBe('ab\ufffd \\u0000');
  });

  it('INV-8: keeps the same person at two tenants apart', async () => {
    const theirs = await openPathShop(path.db);
    const from = '5215500000013';
    await path.ingest.ingest([makeEvent(shop, { from }), makeEvent(theirs, { from })]);
    const { rows } = await path.db.owner.query(
      `select c.tenant_id, p.tenant_id as contact_tenant from conversation c join contact p on p.id = c.contact_id
        where c.address = $1`,
      [from],
    );
    expect(new Set(rows.map(({ tenant_id }) => tenant_id))).toEqual(new Set([shop.tenantId, theirs.tenantId]));
    expect(rows.every(({ tenant_id, contact_tenant }) => tenant_id === contact_tenant)).toBe(true);
  });
});
