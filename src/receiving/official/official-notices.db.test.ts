import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestApp } from '../../../test/support/app.js';
import { MESSAGING, startFeatures } from '../../../test/support/features.js';
import { webhookBody } from '../../../test/support/graph-double-webhook.js';
import { openOfficialLine, postAsMeta, textTo, type OfficialLine } from '../../../test/support/official-lines.js';
import { AuthModule } from '../../auth/auth.module.js';

let app: TestApp;
let ana: OfficialLine;

beforeAll(async () => {
  app = await startFeatures([AuthModule, ...MESSAGING]);
  ana = await openOfficialLine(app, 'ana-secret');
});
afterAll(() => app.close());

function notice(connection: OfficialLine, field: string, value: object): object {
  const metadata = { display_phone_number: '15550000000', phone_number_id: connection.phoneNumberId };
  const changes = [{ field, value: { messaging_product: 'whatsapp', metadata, ...value } }];
  return { object: 'whatsapp_business_account', entry: [{ id: 'waba', changes }] };
}

describe('what Meta tells besides messages and statuses', () => {
  test('a person who answers from the Business app has the conversation from then on', async () => {
    const messages = [textTo(ana, 'w.echo', '5215500000055'), textTo(ana, 'w.other', '5215500000056')];
    await postAsMeta(app, webhookBody({ messages }), ana.appSecret);
    const modes = async () => {
      const { rows } = await app.owner.query<{ mode: string }>(
        `select mode from conversation where connection_id = $1 order by address`,
        [ana.connectionId],
      );
      return rows.map(({ mode }) => mode);
    };
    expect(await modes()).toEqual(['bot', 'bot']);
    // The same person by the other spelling of a Mexican number, and somebody the bot never spoke with.
    const echoes = ['525500000055', '5215500009999'].map((to) => ({
      to,
      id: `w.echo.${to}`,
      timestamp: String(Math.floor(Date.now() / 1000)),
      type: 'text',
      text: { body: 'le atiendo yo' },
    }));
    const body = notice(ana, 'smb_message_echoes', { message_echoes: echoes });
    expect((await postAsMeta(app, body, 'a secret of nobody')).status).toBe(401);
    expect(await modes()).toEqual(['bot', 'bot']);
    expect((await postAsMeta(app, body, ana.appSecret)).status).toBe(200);
    expect((await postAsMeta(app, body, ana.appSecret)).status).toBe(200);
    expect(await modes()).toEqual(['human', 'bot', 'human']);
    const { rows } = await app.owner.query(`select body from log_event where kind = 'handoff' and bot_id = $1`, [
      ana.botId,
    ]);
    expect(rows).toMatchObject([{ body: { by: 'echo', team: null } }, { body: { by: 'echo', team: null } }]);
    const { body: page } = await ana.shop.call('GET', '/api/conversations?mode=human');
    const handoff = { team: null, note: null, by: 'echo' };
    expect(page.items).toMatchObject([{ handoff }, { handoff }]);
    for (const { id } of page.items) {
      const { body: transcript } = await ana.shop.call('GET', `/api/conversations/${id}/messages`);
      const [said] = transcript.items;
      expect(said).toMatchObject({ direction: 'out', author: 'person', text: 'le atiendo yo', delivery: 'sent' });
    }
  });

  test('an echo of days ago is recorded and takes the bot from nobody, nor does any where the bot ignores them', async () => {
    const echo = (to: string, agoMs: number) => ({
      to,
      id: `w.old.${to}`,
      timestamp: String(Math.floor((Date.now() - agoMs) / 1000)),
      type: 'text',
      text: { body: 'hola' },
    });
    const connection = await openOfficialLine(app, 'luz-secret');
    const say = (one: object) =>
      postAsMeta(app, notice(connection, 'smb_message_echoes', { message_echoes: [one] }), connection.appSecret);
    await say(echo('5215500000101', 3 * 86_400_000));
    await app.owner.query('update bot set echo_hands_over = false where id = $1', [connection.botId]);
    await say(echo('5215500000102', 0));
    const { rows } = await app.owner.query(
      `select c.mode, o.status, o.body from conversation c join outbox o on o.conversation_id = c.id
        where c.connection_id = $1`,
      [connection.connectionId],
    );
    const recorded = { mode: 'bot', status: 'sent', body: { kind: 'text', text: 'hola' } };
    expect(rows).toEqual([recorded, recorded]);
  });

  test('a customer with a new number or id is the same customer, whichever of them writes next', async () => {
    const connection = await openOfficialLine(app, 'eva-secret');
    const system = (from: string, to: object, id: string) => ({
      phoneNumberId: connection.phoneNumberId,
      message: { from, id, timestamp: '1764000000', type: 'system', system: { body: 'changed', ...to } },
    });
    const moved = system('5215500000201', { type: 'user_changed_number', wa_id: '5215500000202' }, 'w.moved');
    await postAsMeta(
      app,
      webhookBody({ messages: [textTo(connection, 'w.before', '5215500000201')] }),
      connection.appSecret,
    );
    await postAsMeta(
      app,
      webhookBody({ messages: [textTo(connection, 'w.early', '5215500000202')] }),
      connection.appSecret,
    );
    for (const _ of [1, 2]) {
      expect((await postAsMeta(app, webhookBody({ messages: [moved] }), connection.appSecret)).status).toBe(200);
    }
    await postAsMeta(
      app,
      webhookBody({ messages: [textTo(connection, 'w.after', '5215500000202')] }),
      connection.appSecret,
    );
    await postAsMeta(
      app,
      webhookBody({ messages: [textTo(connection, 'w.late', '5215500000201')] }),
      connection.appSecret,
    );
    const { body } = await connection.shop.call('GET', '/api/contacts');
    expect(body.items).toMatchObject([{ phone: '+5215500000202' }]);
    const talks = (await connection.shop.call('GET', '/api/conversations')).body.items;
    expect(talks).toHaveLength(1);
    const { rows } = await app.owner.query('select dedupe_key from inbox where conversation_id = $1 order by seq', [
      talks[0].id,
    ]);
    expect(rows.map((row) => row.dedupe_key)).toEqual(['w.before', 'w.early', 'w.moved', 'w.after', 'w.late']);
  });

  test('a customer who wants no marketing carries a tag until they change their mind', async () => {
    await postAsMeta(app, webhookBody({ messages: [textTo(ana, 'w.stop', '5215500000066')] }), ana.appSecret);
    const tags = async () => {
      const { body } = await ana.shop.call('GET', '/api/contacts?search=0000066');
      return body.items.map((contact: { tags: string[] }) => contact.tags);
    };
    const say = (value: string, waId: string) => {
      const preference = { wa_id: waId, category: 'marketing_messages', value, timestamp: '1764000000' };
      return postAsMeta(app, notice(ana, 'user_preferences', { user_preferences: [preference] }), ana.appSecret);
    };
    expect(await tags()).toEqual([[]]);
    for (const person of ['525500000066', '5215500000066', '5215500008888']) {
      expect((await say('stop', person)).status).toBe(200);
      expect(await tags()).toEqual([['marketing-stop']]);
    }
    const { body } = await ana.shop.call('GET', '/api/contacts?tag=marketing-stop');
    expect(body.items).toHaveLength(1);
    expect((await say('resume', '5215500000066')).status).toBe(200);
    expect(await tags()).toEqual([[]]);
  });
});
