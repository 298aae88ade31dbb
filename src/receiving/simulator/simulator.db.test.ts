import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Shop, TestApp } from '../../../test/support/app.js';
import { eventually } from '../../../test/support/delivery.js';
import { MESSAGING, signInAs, startFeatures } from '../../../test/support/features.js';
import { AuthModule } from '../../auth/auth.module.js';

let app: TestApp;
let shop: Shop;
let path: string;

const FROM = '+525511111111';

beforeAll(async () => {
  app = await startFeatures([AuthModule, ...MESSAGING], { SIMULATOR_ALLOWED: 'true' });
  shop = await app.openShop();
  path = `/api/bots/${await makeBot(shop)}/simulator/messages`;
});
afterAll(() => app.close());

/** Patient enough that no turn comes while the test runs: what it would decide is put in the outbox by hand. */
async function makeBot(owner: Shop, withSimulator = true): Promise<string> {
  const bot = await owner.call('POST', '/api/bots', { name: 'Aurora', locale: 'es', quietMs: 10_000 });
  const connection = { provider: 'simulator', name: 'Simulador', credentials: {} };
  if (withSimulator) await owner.call('POST', `/api/bots/${bot.body.id}/connections`, connection);
  return bot.body.id;
}

/** What a turn would have decided. */
async function answerWith(body: object): Promise<void> {
  await app.owner.query(
    `with moved as (update conversation set turn = turn + 1 where phone = $1 returning *)
     insert into outbox (tenant_id, conversation_id, connection_id, turn, idx, kind, body)
     select tenant_id, id, connection_id, turn + 1000, 0, 'send', $2 from moved`,
    [FROM, JSON.stringify(body)],
  );
  await app.owner.query('update inbox set done_at = now() where done_at is null');
}

const read = (query = `from=${encodeURIComponent(FROM)}`) => shop.call('GET', `${path}?${query}`);

describe('the simulated customer', () => {
  test('says something once per id, and it is in the inbox of the bot', async () => {
    const said = await shop.call('POST', path, { from: FROM, text: 'hola', id: 'm1', name: 'Ana' });
    expect(said).toMatchObject({ status: 202, body: { id: 'm1' } });
    await shop.call('POST', path, { from: FROM.slice(1), text: 'hola', id: 'm1' });
    const { rows } = await app.owner.query(`select body, kind from inbox where dedupe_key = 'm1'`);
    expect(rows).toMatchObject([{ kind: 'msg', body: { type: 'text', text: 'hola' } }]);
    expect((await read()).body).toMatchObject({
      items: [{ direction: 'in', type: 'text', text: 'hola' }],
      isTyping: true,
      mode: 'bot',
    });
  });

  test('INV-6 sees the answer climb from sent to read, and is told only what changed', async () => {
    const choices = { kind: 'choices', text: '¿Qué quieres?', options: [{ id: 'menu', title: 'Menú' }] };
    await answerWith(choices);
    await eventually(async () => {
      expect((await read()).body.items.at(-1)).toMatchObject({ direction: 'out', content: choices, delivery: 'read' });
    });
    const { body } = await read();
    expect(body.isTyping).toBe(false);
    const later = new Date(Date.now() + 60_000).toISOString();
    expect((await read(`from=${encodeURIComponent(FROM)}&after=${later}`)).body.items).toEqual([]);
    expect((await read(`from=${encodeURIComponent(FROM)}&after=${body.asOf}`)).body.items.length).toBeGreaterThan(0);
  });

  test('taps a choice', async () => {
    const said = await shop.call('POST', path, { from: FROM, choiceId: 'menu' });
    expect(said.status).toBe(202);
    const { rows } = await app.owner.query('select body from inbox where dedupe_key = $1', [said.body.id]);
    expect(rows).toMatchObject([{ body: { type: 'choice', text: 'menu', choiceId: 'menu' } }]);
  });

  test('a message that fails shows as failed', async () => {
    await shop.call('POST', path, { from: FROM, text: 'otra vez' });
    await answerWith({ kind: 'text', text: '' });
    await eventually(async () => {
      expect((await read()).body.items.at(-1)).toMatchObject({ direction: 'out', delivery: 'failed' });
    });
  });

  test('nobody has said nothing yet', async () => {
    expect((await read('from=525599999999')).body).toMatchObject({ items: [], isTyping: false, mode: null });
  });

  test('input that is wrong names its field', async () => {
    const nothing = await shop.call('POST', path, { from: FROM });
    expect(nothing).toMatchObject({ status: 400, body: { code: 'invalid_input', errors: [{ field: 'text' }] } });
    const stranger = await shop.call('POST', path, { from: 'ana', text: 'hola' });
    expect(stranger.body.errors).toMatchObject([{ field: 'from' }]);
    const long = await shop.call('POST', path, { from: FROM, text: 'x'.repeat(4097) });
    expect(long.body.errors).toMatchObject([{ field: 'text' }]);
    expect((await read('from=1')).status).toBe(400);
  });

  test('a bot without a simulator says so', async () => {
    const botId = await makeBot(shop, false);
    const said = await shop.call('POST', `/api/bots/${botId}/simulator/messages`, { from: FROM, text: 'hola' });
    expect(said).toMatchObject({ status: 409, body: { code: 'no_simulator' } });
  });

  test('INV-8 another tenant’s bot is no bot, and a viewer may not play the customer', async () => {
    const stranger = await app.openShop();
    const said = await stranger.call('POST', path, { from: FROM, text: 'hola' });
    expect(said.status).toBe(404);
    expect((await stranger.call('GET', `${path}?from=525511111111`)).status).toBe(404);
    const viewer = await signInAs(app, shop, 'viewer');
    expect((await viewer.call('POST', path, { from: FROM, text: 'hola' })).status).toBe(403);
    expect((await app.call('POST', path, { from: FROM, text: 'hola' })).status).toBe(401);
  });
});
