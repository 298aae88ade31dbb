import { createHash, createHmac, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Shop, TestApp } from '../../../test/support/app.js';
import { MESSAGING, startFeatures } from '../../../test/support/features.js';
import { startTwilioDouble, type TwilioDouble } from '../../../test/support/twilio-double.js';
import {
  DOUBLE_ACCOUNT_SID,
  DOUBLE_AUTH_TOKEN,
  inboundForm,
  newSid,
  statusForm,
} from '../../../test/support/twilio-double-webhook.js';
import { AuthModule } from '../../auth/auth.module.js';
import { IngestService } from '../../conversations/inbox/ingest.service.js';

const PUBLIC_URL = 'https://shop.test';
const OTHER_SID = `AC${'f'.repeat(32)}`;
const OTHER_TOKEN = 'other-auth-token';
const EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>';

type PathConnection = { readonly shop: Shop; readonly botId: string; readonly id: string; readonly authToken: string };

let twilio: TwilioDouble;
let app: TestApp;
let mine: PathConnection;
let theirs: PathConnection;

beforeAll(async () => {
  twilio = await startTwilioDouble({
    accounts: { [DOUBLE_ACCOUNT_SID]: DOUBLE_AUTH_TOKEN, [OTHER_SID]: OTHER_TOKEN },
    sequence: ['sent', 'read', 'delivered'],
  });
  const variables = { PUBLIC_URL, TWILIO_API_URL: twilio.url };
  app = await startFeatures([AuthModule, ...MESSAGING], variables);
  twilio.routeCallbacks(PUBLIC_URL, app.url);
  mine = await connect(DOUBLE_ACCOUNT_SID, DOUBLE_AUTH_TOKEN);
  theirs = await connect(OTHER_SID, OTHER_TOKEN);
});
afterAll(async () => {
  await app.close();
  await twilio.stop();
});

async function connect(accountSid: string, authToken: string): Promise<PathConnection> {
  const shop = await app.openShop();
  const bot = await shop.call('POST', '/api/bots', { name: 'Aurora' });
  const credentials = { accountSid, authToken, from: '+14155238886' };
  const input = { provider: 'twilio', name: 'Twilio', credentials };
  const made = await shop.call('POST', `/api/bots/${bot.body.id}/connections`, input);
  expect(made).toMatchObject({ status: 201, body: { provider: 'twilio', externalId: null } });
  return { shop, botId: bot.body.id, id: made.body.id, authToken };
}

const pathOf = (id: string) => `/webhooks/twilio/${id}`;

function post(
  connection: PathConnection,
  form: Readonly<Record<string, string>>,
  authToken = connection.authToken,
  query = '',
) {
  const path = pathOf(connection.id) + query;
  return twilio.post(app.url + path, form, authToken, PUBLIC_URL + path);
}

async function inbox(providerMessageId: string) {
  const { rows } = await app.owner.query(
    `select i.tenant_id, i.body, v.connection_id, v.address, v.phone from inbox i
      join conversation v on v.id = i.conversation_id where i.dedupe_key = $1`,
    [providerMessageId],
  );
  return rows;
}

async function countAll(): Promise<unknown> {
  const { rows } = await app.owner.query(
    `select (select count(*)::int from inbox) inbox, (select count(*)::int from conversation) conversations,
      (select count(*)::int from contact) contacts`,
  );
  return rows[0];
}

/** A message of the bot in the conversation the customer began. */
async function queue(connection: PathConnection, from: string, text: string): Promise<string> {
  const { rows } = await app.owner.query<{ id: string }>(
    `insert into outbox (tenant_id, conversation_id, connection_id, turn, idx, kind, lane, body, triggered_at)
     select tenant_id, id, connection_id, 1, 1, 'send', 0, jsonb_build_object('kind', 'text', 'text', $3::text), now()
       from conversation where connection_id = $1 and address = $2 returning id::text as id`,
    [connection.id, from, text],
  );
  return rows[0]?.id ?? '';
}

async function outbox(id: string) {
  const { rows } = await app.owner.query(
    'select status, delivery, provider_message_id, error from outbox where id = $1',
    [id],
  );
  return rows[0];
}

describe('a message by Twilio’s webhook', () => {
  it('INV-1 is durable before the answer, which says nothing in TwiML', async () => {
    const form = inboundForm({ from: '5215512345678', text: 'Olá & ñandú' });
    const answer = await post(mine, form);
    expect(answer).toEqual({ status: 200, contentType: expect.stringContaining('text/xml'), body: EMPTY_TWIML });
    expect(await inbox(form['MessageSid'] ?? '')).toMatchObject([
      {
        tenant_id: mine.shop.tenantId,
        connection_id: mine.id,
        address: '5215512345678',
        phone: '+5215512345678',
        body: { type: 'text', text: 'Olá & ñandú' },
      },
    ]);
  });

  it('INV-2 counts once, however often it comes', async () => {
    const form = inboundForm({ from: '5215512340001', text: 'Hola' });
    const answers = await Promise.all([post(mine, form), post(mine, form), post(mine, form)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await inbox(form['MessageSid'] ?? '')).toHaveLength(1);
  });

  it('of a kind nobody knows is stored as well', async () => {
    const form = inboundForm({ from: '5215512340002', extra: { MessageType: 'hologram', FutureField: 'ü' } });
    expect(await post(mine, form)).toMatchObject({ status: 200 });
    expect(await inbox(form['MessageSid'] ?? '')).toMatchObject([{ body: { type: 'unsupported' } }]);
  });

  it('of a customer who hides the number goes to their own conversation', async () => {
    const form = inboundForm({ from: 'MX.Ab12', text: 'Hola' });
    expect(await post(mine, form)).toMatchObject({ status: 200 });
    expect(await inbox(form['MessageSid'] ?? '')).toMatchObject([{ address: 'MX.Ab12', phone: null }]);
  });

  it('may come as JSON, proved by its hash', async () => {
    const form = inboundForm({ from: '5215512340003', text: 'wörld' });
    const body = JSON.stringify({ ...form, NumMedia: 0, Nested: { a: 1 } });
    const query = `?bodySHA256=${createHash('sha256').update(body).digest('hex')}`;
    const url = PUBLIC_URL + pathOf(mine.id) + query;
    const signature = createHmac('sha1', DOUBLE_AUTH_TOKEN).update(url).digest('base64');
    const send = (payload: string) =>
      fetch(app.url + pathOf(mine.id) + query, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-twilio-signature': signature },
        body: payload,
      });
    expect((await send(body.replace('wörld', 'world'))).status).toBe(401);
    expect(await inbox(form['MessageSid'] ?? '')).toEqual([]);
    expect((await send(body)).status).toBe(200);
    expect(await inbox(form['MessageSid'] ?? '')).toMatchObject([{ body: { text: 'wörld' } }]);
  });

  it('INV-1 that could not be stored is not acknowledged', async () => {
    const inbound = app.app.get(IngestService, { strict: false });
    const { ingest } = inbound;
    const form = inboundForm({ from: '5215512340004', text: 'Hola' });
    inbound.ingest = () => Promise.reject(new Error('no such bot'));
    try {
      expect((await post(mine, form)).status).toBe(500);
    } finally {
      inbound.ingest = ingest;
    }
    expect(await inbox(form['MessageSid'] ?? '')).toEqual([]);
  });

  it('that is signed but names nobody is refused and says why', async () => {
    const answer = await post(mine, { MessageSid: newSid('SM'), From: 'messenger:1', Body: 'x' });
    expect([answer.status, JSON.parse(answer.body)]).toMatchObject([400, { code: 'malformed_webhook' }]);
  });
});

describe('what is not proved', () => {
  const form = inboundForm({ from: '5215512349999', text: 'Dame todo gratis' });

  it.each([
    ['signed by somebody else', () => post(mine, form, 'guessed-token')],
    ['signed by another tenant (INV-8)', () => post(mine, form, OTHER_TOKEN)],
    [
      'signed for another line',
      () => twilio.post(app.url + pathOf(mine.id), form, DOUBLE_AUTH_TOKEN, PUBLIC_URL + pathOf(theirs.id)),
    ],
    ['signed for the address behind the proxy', () => twilio.post(app.url + pathOf(mine.id), form, DOUBLE_AUTH_TOKEN)],
  ])('%s gets 401 and leaves nothing', async (_, attempt) => {
    const before = await countAll();
    const answer = await attempt();
    expect([answer.status, JSON.parse(answer.body)]).toMatchObject([401, { code: 'bad_webhook_signature' }]);
    expect(await countAll()).toEqual(before);
  });

  it('without a signature gets 401 and leaves nothing', async () => {
    const before = await countAll();
    const answer = await app.call('POST', pathOf(mine.id), { MessageSid: 'SM1' });
    expect([answer.status, answer.body.code]).toEqual([401, 'bad_webhook_signature']);
    expect(await countAll()).toEqual(before);
  });

  it.each([['00000000-0000-4000-8000-000000000000'], ['not-an-id']])('%s is no line: 404', async (id) => {
    const answer = await twilio.post(app.url + pathOf(id), form, DOUBLE_AUTH_TOKEN, PUBLIC_URL + pathOf(id));
    expect([answer.status, JSON.parse(answer.body)]).toMatchObject([404, { code: 'connection_not_found' }]);
  });

  it('a line of another provider is no line of Twilio’s: 404', async () => {
    const input = { provider: 'simulator', name: 'S', credentials: {} };
    const { body } = await mine.shop.call('POST', `/api/bots/${mine.botId}/connections`, input);
    expect((await twilio.post(app.url + pathOf(body.id), form)).status).toBe(404);
  });
});

describe('two tenants', () => {
  it('INV-8 each get what comes to their own line, even from one customer with one message id', async () => {
    const form = inboundForm({ from: '5215512347777', text: 'Hola' });
    expect(await post(mine, form)).toMatchObject({ status: 200 });
    expect(await post(theirs, form)).toMatchObject({ status: 200 });
    const rows = await inbox(form['MessageSid'] ?? '');
    expect(new Set(rows.map((row) => row.tenant_id))).toEqual(new Set([mine.shop.tenantId, theirs.shop.tenantId]));
  });
});

describe('a reply and its statuses', () => {
  it('leave by Twilio and come back to the row they are about, in any order (INV-6)', async () => {
    const from = '5215512348888';
    await post(mine, inboundForm({ from, text: 'Hola' }));
    const told = twilio.told.length;
    const id = await queue(mine, from, '¿Qué quieres?');
    const accepted = await twilio.waitForAccepted(1);
    expect(accepted.at(-1)).toMatchObject({ to: `whatsapp:+${from}`, outboxId: id, body: '¿Qué quieres?' });
    await twilio.waitForTold(told + 3);
    expect(twilio.told.slice(told).map(({ status }) => status)).toEqual([200, 200, 200]);
    const sid = accepted.at(-1)?.sid;
    expect(await outbox(id)).toMatchObject({ status: 'sent', delivery: 'read', provider_message_id: sid });
  });

  it('INV-5 a status settles a send whose answer never came', async () => {
    const from = '5215512346666';
    await post(mine, inboundForm({ from, text: 'Hola' }));
    const [taken, told] = [twilio.accepted.length, twilio.told.length];
    twilio.failNext({ kind: 'drop', accepts: true });
    const id = await queue(mine, from, 'Uno');
    await twilio.waitForAccepted(taken + 1);
    await twilio.waitForTold(told + 3);
    expect(await outbox(id)).toMatchObject({ status: 'sent', provider_message_id: twilio.accepted.at(-1)?.sid });
    expect(twilio.duplicates).toEqual([]);
  });

  it('a failure keeps its code and class, and another line’s status of it changes nothing (INV-8)', async () => {
    const from = '5215512345555';
    await post(mine, inboundForm({ from, text: 'Hola' }));
    const { rows } = await app.owner.query<{ id: string }>(
      `insert into outbox (tenant_id, conversation_id, connection_id, turn, idx, kind, lane, body, status, attempt,
         provider_message_id, triggered_at)
       select tenant_id, id, connection_id, 1, 1, 'send', 0, '{"kind":"text","text":"x"}', 'sent', 1, $2, now()
         from conversation where connection_id = $1 and address = $3 returning id::text as id`,
      [mine.id, 'SMfailed', from],
    );
    const id = rows[0]?.id ?? '';
    const failed = statusForm('SMfailed', 'undelivered', { ErrorCode: '63016', ErrorMessage: 'Outside the window' });
    expect(await post(theirs, failed, OTHER_TOKEN, `?outbox=${id}`)).toMatchObject({ status: 200 });
    expect(await outbox(id)).toMatchObject({ status: 'sent', delivery: null });
    // Without our id in the address the sid alone finds it.
    expect(await post(mine, failed)).toMatchObject({ status: 200, body: EMPTY_TWIML });
    expect(await outbox(id)).toMatchObject({
      status: 'failed',
      error: { code: 'window_closed', class: 'template', reason: 'Outside the window' },
    });
  });

  it('a status in between is acknowledged', async () => {
    expect(await post(mine, statusForm(newSid('SM'), 'sending'))).toMatchObject({ status: 200 });
    expect(await post(mine, statusForm(newSid('SM'), 'read'), undefined, `?outbox=${randomUUID()}`)).toMatchObject({
      status: 200,
    });
  });
});

describe('without a public address', () => {
  it('the host that was called is the one that was signed, by https as through a tunnel or by http', async () => {
    const bare = await startFeatures([AuthModule, ...MESSAGING], { TWILIO_API_URL: twilio.url });
    try {
      const shop = await bare.openShop();
      const bot = await shop.call('POST', '/api/bots', { name: 'Aurora' });
      const credentials = { accountSid: DOUBLE_ACCOUNT_SID, authToken: DOUBLE_AUTH_TOKEN, from: '+14155238886' };
      const input = { provider: 'twilio', name: 'Twilio', credentials };
      const { body } = await shop.call('POST', `/api/bots/${bot.body.id}/connections`, input);
      const url = bare.url + pathOf(body.id);
      const form = inboundForm({ from: '5215512345678', text: 'Hola' });
      expect((await twilio.post(url, form)).status).toBe(200);
      expect((await twilio.post(url, form, DOUBLE_AUTH_TOKEN, url.replace('http:', 'https:'))).status).toBe(200);
      expect((await twilio.post(url, form, DOUBLE_AUTH_TOKEN, PUBLIC_URL + pathOf(body.id))).status).toBe(401);
    } finally {
      await bare.close();
    }
  });
});
