import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  makeEvent,
  openMessagePath,
  openPathShop,
  type MessagePath,
  type Shop,
} from '../../../test/support/message-path.js';

const LONG = Array.from({ length: 350 }, (_, index) => `palabra${index}`).join(' ');

let path: MessagePath;
let shop: Shop;

beforeAll(async () => {
  path = await openMessagePath();
});
beforeEach(async () => {
  path.reset();
  shop = await openPathShop(path.db);
  path.engine.script = () => ({
    effects: [
      { kind: 'send', content: { kind: 'text', text: LONG }, resend: 'auto' },
      { kind: 'send', content: { kind: 'text', text: 'y nada más' }, resend: 'auto' },
    ],
  });
});
afterAll(() => path.close());

async function addLine(provider: string): Promise<void> {
  await path.db.owner.query(
    `insert into connection (id, tenant_id, bot_id, provider, name, credentials, credentials_key_id)
     values ($1, $2, $3, $4, $4, '', 'k1')`,
    [randomUUID(), shop.tenantId, shop.botId, provider],
  );
}

async function said(): Promise<{ idx: number; text: string; isTimed: boolean }[]> {
  await path.ingest.ingest([makeEvent(shop)]);
  await path.runTurns();
  const { rows } = await path.db.owner.query(
    `select idx, body ->> 'text' as text, triggered_at is not null as "isTimed" from outbox
      where tenant_id = $1 order by id`,
    [shop.tenantId],
  );
  return rows;
}

it('INV-3 INV-4 takes a text apart that one of the bot’s lines could not take whole, in order', async () => {
  await addLine('twilio');
  const rows = await said();
  expect(rows.map(({ idx }) => idx)).toEqual([0, 1, 2, 3]);
  for (const { text } of rows) expect(text.length).toBeLessThanOrEqual(1600);
  expect(rows.map(({ text }) => text).join(' ')).toBe(`${LONG} y nada más`);
  expect(rows.map(({ isTimed }) => isTimed)).toEqual([true, false, false, false]);
});

it('leaves it whole where every line takes it', async () => {
  await addLine('official');
  expect(await said()).toMatchObject([{ text: LONG }, { text: 'y nada más' }]);
});
