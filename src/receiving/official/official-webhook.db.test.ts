import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Shop, TestApp } from '../../../test/support/app.js';
import { MESSAGING, startFeatures } from '../../../test/support/features.js';
import { inbound, inboundText, webhookBody } from '../../../test/support/graph-double-webhook.js';
import { openOfficialLine, postAsMeta, textTo, type OfficialLine } from '../../../test/support/official-lines.js';
import { AuthModule } from '../../auth/auth.module.js';
import { getToken } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { DeliveryStatusService } from '../../delivery/statuses/delivery-status.service.js';

let app: TestApp;
let ana: OfficialLine;
let bea: OfficialLine;

beforeAll(async () => {
  app = await startFeatures([AuthModule, ...MESSAGING]);
  ana = await openConnection('ana-secret');
  bea = await openConnection('bea-secret');
});
afterAll(() => app.close());

const openConnection = (appSecret: string, shop?: Shop, phoneNumberId?: string) =>
  openOfficialLine(app, appSecret, shop, phoneNumberId);
const post = (body: unknown, appSecret: string, headers?: Record<string, string>) =>
  postAsMeta(app, body, appSecret, headers);

async function stored(
  connection: OfficialLine,
): Promise<{ dedupe_key: string; body: { text: string }; tenant_id: string }[]> {
  const { rows } = await app.owner.query(
    `select dedupe_key, body, tenant_id from inbox where connection_id = $1 order by id`,
    [connection.connectionId],
  );
  return rows;
}

describe('the webhook of Meta', () => {
  test('INV-1 a signed message is stored before the 200, non-ASCII text included', async () => {
    const message = inboundText({
      phoneNumberId: ana.phoneNumberId,
      from: '5215512345678',
      text: '¡Olá, señor! 🌱',
      id: 'w.1',
    });
    expect(await post(webhookBody({ messages: [message] }), ana.appSecret)).toEqual({
      status: 200,
      body: { received: true },
    });
    expect(await stored(ana)).toMatchObject([
      { dedupe_key: 'w.1', body: { text: '¡Olá, señor! 🌱' }, tenant_id: ana.shop.tenantId },
    ]);
  });

  test('INV-2 the same body again stores nothing new', async () => {
    const body = webhookBody({ messages: [textTo(ana, 'w.twice')] });
    const answers = await Promise.all([1, 2, 3].map(() => post(body, ana.appSecret)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await stored(ana)).filter(({ dedupe_key: key }) => key === 'w.twice')).toHaveLength(1);
  });

  test('a wrong, foreign or missing signature gets 401 and stores nothing', async () => {
    const before = await app.owner.query('select count(*)::int as count from inbox');
    const body = webhookBody({ messages: [textTo(ana, 'w.forged')] });
    const wrong = await post(body, 'not-the-secret');
    expect(wrong).toMatchObject({ status: 401, body: { code: 'bad_webhook_signature' } });
    expect((await post(body, bea.appSecret)).status).toBe(401);
    expect((await post(body, ana.appSecret, { 'x-hub-signature-256': 'sha256=00' })).status).toBe(401);
    const unsigned = await app.call('POST', '/webhooks/official', body);
    expect(unsigned).toMatchObject({ status: 401, body: { code: 'bad_webhook_signature' } });
    const after = await app.owner.query('select count(*)::int as count from inbox');
    expect(after.rows).toEqual(before.rows);
  });

  test('INV-8 one part that its secret does not prove refuses the whole batch', async () => {
    const body = webhookBody({ messages: [textTo(ana, 'w.mixed-a'), textTo(bea, 'w.mixed-b')] });
    expect((await post(body, ana.appSecret)).status).toBe(401);
    const keys = [...(await stored(ana)), ...(await stored(bea))].map(({ dedupe_key: key }) => key);
    expect(keys).not.toContain('w.mixed-a');
    expect(keys).not.toContain('w.mixed-b');
  });

  test('numbers of one app come in one batch, each to its own bot', async () => {
    const second = await openConnection(ana.appSecret, ana.shop);
    const messages = [textTo(ana, 'w.b1'), textTo(second, 'w.b2'), textTo(ana, 'w.b3', '5215500000001')];
    expect((await post(webhookBody({ messages }), ana.appSecret)).status).toBe(200);
    expect((await stored(second)).map(({ dedupe_key: key }) => key)).toEqual(['w.b2']);
    const keys = (await stored(ana)).map(({ dedupe_key: key }) => key);
    expect(keys).toEqual(expect.arrayContaining(['w.b1', 'w.b3']));
  });

  test('INV-8 a tenant that enters another’s number id gets nothing of it', async () => {
    const thief = await openConnection('thief-secret', undefined, bea.phoneNumberId);
    expect((await post(webhookBody({ messages: [textTo(bea, 'w.mine')] }), bea.appSecret)).status).toBe(200);
    expect((await stored(bea)).map(({ dedupe_key: key }) => key)).toContain('w.mine');
    expect(await stored(thief)).toEqual([]);
  });

  test('parts for a number that is not ours are acknowledged and not stored', async () => {
    const stranger = inboundText({ phoneNumberId: '999', from: '5215512345678', text: 'hola', id: 'w.stranger' });
    const answer = await post(webhookBody({ messages: [textTo(ana, 'w.known'), stranger] }), ana.appSecret);
    expect(answer.status).toBe(200);
    const { rows } = await app.owner.query(
      `select dedupe_key from inbox where dedupe_key in ('w.known', 'w.stranger')`,
    );
    expect(rows).toEqual([{ dedupe_key: 'w.known' }]);
  });

  test('INV-8 nothing is stored of a number we do not know, whatever it is signed with', async () => {
    const tables = ['inbox', 'seen', 'contact', 'contact_identity', 'conversation', 'outbox', 'log_event'];
    const count = async () => {
      const counts = tables.map((table) => `(select count(*)::int from ${table}) as ${table}`).join(', ');
      return (await app.owner.query(`select ${counts}`)).rows[0] as Record<string, number>;
    };
    const before = await count();
    const phoneNumberId = '998';
    const messages = [inboundText({ phoneNumberId, from: '5215512345678', text: 'hola', id: 'w.forged' })];
    const statuses = [{ phoneNumberId, status: { id: 'wamid.1', status: 'read', timestamp: '1764000000' } }];
    expect((await post(webhookBody({ messages, statuses }), 'a secret of nobody')).status).toBe(200);
    expect(await count()).toEqual(before);
  });

  test('a message to a group opens no private chat, is kept once and counted', async () => {
    const { message, ...rest } = textTo(ana, 'w.group', '5215500000077');
    const toGroup = { ...rest, message: { ...message, group_id: 'G1' } };
    const events = app.app.get<Counter>(getToken('dashoffice_provider_webhook_events_total'), { strict: false });
    const counted = async () =>
      (await events.get()).values.find(({ labels }) => labels.event === 'group_message')?.value ?? 0;
    const before = await counted();
    const answer = await post(webhookBody({ messages: [toGroup, textTo(ana, 'w.beside')] }), ana.appSecret);
    expect(answer.status).toBe(200);
    const keys = (await stored(ana)).map(({ dedupe_key: key }) => key);
    expect(keys).toContain('w.beside');
    expect(keys).not.toContain('w.group');
    const talks = await app.owner.query(`select 1 from conversation where address = '5215500000077'`);
    expect(talks.rows).toEqual([]);
    expect(await counted()).toBe(before + 1);
    await post(webhookBody({ messages: [toGroup] }), ana.appSecret);
    const kept = await app.owner.query(
      `select group_id, author_phone, body->>'type' as type from group_message where dedupe_key = 'w.group'`,
    );
    expect(kept.rows).toEqual([{ group_id: 'G1', author_phone: '+5215500000077', type: 'text' }]);
  });

  test('types the flow does not know are stored with a readable text', async () => {
    const sticker = inbound({
      phoneNumberId: ana.phoneNumberId,
      from: '5215512345678',
      id: 'w.sticker',
      type: 'sticker',
      content: { id: 'm1', mime_type: 'image/webp', sha256: 'x' },
    });
    expect((await post(webhookBody({ messages: [sticker] }), ana.appSecret)).status).toBe(200);
    const row = (await stored(ana)).find(({ dedupe_key: key }) => key === 'w.sticker');
    expect(row?.body.text.length).toBeGreaterThan(0);
  });

  test('what makes no sense gets 400 and the field at fault', async () => {
    const wrongObject = await post({ object: 'page', entry: [] }, ana.appSecret);
    expect(wrongObject).toMatchObject({ status: 400, body: { errors: [{ field: 'object' }] } });
    const noEntry = await post({ object: 'whatsapp_business_account' }, ana.appSecret);
    expect(noEntry).toMatchObject({ status: 400, body: { errors: [{ field: 'entry' }] } });
    const notJson = await fetch(`${app.url}/webhooks/official`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-hub-signature-256': 'sha256=00' },
      body: '{"object":',
    });
    expect(notJson.status).toBe(400);
  });

  test('a number’s account notice is taken without being stored as a message', async () => {
    const body = {
      object: 'whatsapp_business_account',
      entry: [{ id: 'waba', changes: [{ field: 'account_update', value: { event: 'ACCOUNT_RESTRICTION' } }] }],
    };
    expect((await post(body, ana.appSecret)).status).toBe(200);
  });

  test('INV-6 statuses settle the message our id names, with the reason of a failure', async () => {
    await post(webhookBody({ messages: [textTo(ana, 'w.first', '5215500000002')] }), ana.appSecret);
    const { rows } = await app.owner.query<{ id: string; status: string }>(
      `insert into outbox (tenant_id, conversation_id, connection_id, turn, idx, kind, body, status, attempt)
       select tenant_id, id, connection_id, 9000, n, 'send', '{"kind":"text","text":"x"}', 'unknown', 1
         from conversation, generate_series(0, 1) n where connection_id = $1 and address = '5215500000002'
       returning id::text as id`,
      [ana.connectionId],
    );
    const [read, failed] = rows.map(({ id }) => id);
    const status = (outboxId: string | undefined, name: string, more = {}) => ({
      phoneNumberId: ana.phoneNumberId,
      status: {
        id: `wamid.${outboxId}`,
        status: name,
        timestamp: '1764000000',
        biz_opaque_callback_data: outboxId,
        ...more,
      },
    });
    const statuses = [
      status(read, 'read'),
      status(read, 'delivered'),
      status(failed, 'failed', { errors: [{ code: 131047, title: 'Re-engagement message' }] }),
    ];
    expect((await post(webhookBody({ statuses }), ana.appSecret)).status).toBe(200);
    const after = await app.owner.query('select status, delivery, error from outbox where id = any($1) order by id', [
      [read, failed],
    ]);
    expect(after.rows).toMatchObject([
      { status: 'sent', delivery: 'read', error: null },
      { status: 'failed', delivery: 'failed', error: { code: 'window_closed', class: 'template' } },
    ]);
  });

  test('INV-1 when statuses cannot be stored the answer is 500, so that Meta repeats them', async () => {
    const statuses = app.app.get(DeliveryStatusService, { strict: false });
    const apply = statuses.apply.bind(statuses);
    statuses.apply = () => Promise.reject(new Error('Postgres is away'));
    const body = webhookBody({
      statuses: [{ phoneNumberId: ana.phoneNumberId, status: { id: 'w', status: 'read', timestamp: '1764000000' } }],
    });
    expect((await post(body, ana.appSecret)).status).toBe(500);
    statuses.apply = apply;
    expect((await post(body, ana.appSecret)).status).toBe(200);
  });

  test('the verification gets its challenge for a token of ours and 403 for any other', async () => {
    const ask = (token: string) =>
      fetch(`${app.url}/webhooks/official?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=${token}`);
    const ours = await ask('verify-ana-secret');
    expect([ours.status, await ours.text()]).toEqual([200, '1158201444']);
    expect((await ask('someone-elses')).status).toBe(403);
    expect((await fetch(`${app.url}/webhooks/official`)).status).toBe(403);
  });
});
