import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Shop, TestApp } from '../../test/support/app.js';
import { type EvolutionDouble, startEvolutionDouble } from '../../test/support/evolution-double.js';
import { signInAs, startFeatures } from '../../test/support/features.js';
import { type GraphDouble, startGraphDouble } from '../../test/support/graph-double.js';
import { startTwilioDouble, type TwilioDouble } from '../../test/support/twilio-double.js';
import { DOUBLE_ACCOUNT_SID, DOUBLE_AUTH_TOKEN } from '../../test/support/twilio-double-webhook.js';
import { AuthModule } from '../auth/auth.module.js';
import { DevicesModule } from '../devices/devices.module.js';
import { ConnectionsModule } from './connections.module.js';

const SERVICE = `MG${'a'.repeat(32)}`;

let app: TestApp;
let graph: GraphDouble;
let twilio: TwilioDouble;
let evolution: EvolutionDouble;
let shop: Shop;
let botId: string;

beforeAll(async () => {
  graph = await startGraphDouble({ accessTokens: ['good-token'], latencyMs: 1 });
  twilio = await startTwilioDouble({ senders: ['whatsapp:+14155238886', SERVICE] });
  evolution = await startEvolutionDouble();
  app = await startFeatures([AuthModule, ConnectionsModule, DevicesModule], {
    META_GRAPH_URL: graph.url,
    TWILIO_API_URL: twilio.url,
    SIMULATOR_ALLOWED: 'true',
  });
  shop = await app.openShop();
});
afterAll(async () => {
  await app.close();
  await Promise.all([graph.stop(), twilio.stop(), evolution.stop()]);
});
beforeEach(async () => {
  botId = (await shop.call('POST', '/api/bots', { name: 'Aurora' })).body.id as string;
});

const pathOf = (id: string) => `/api/bots/${botId}/connections/${id}`;

async function connect(provider: string, credentials: object): Promise<string> {
  const input = { provider, name: provider, credentials };
  const { status, body } = await shop.call('POST', `/api/bots/${botId}/connections`, input);
  expect(status, JSON.stringify(body)).toBe(201);
  return body.id as string;
}

let numbers = 0;
const official = (accessToken = 'good-token') =>
  connect('official', { phoneNumberId: `300${(numbers += 1)}`, accessToken, appSecret: 's', verifyToken: 'v' });
const onTwilio = (given: object) =>
  connect('twilio', { accountSid: DOUBLE_ACCOUNT_SID, authToken: DOUBLE_AUTH_TOKEN, ...given });
const onEvolution = (instanceName: string, apiKey = evolution.apiKey) =>
  connect('evolution', { baseUrl: evolution.url, apiKey, instanceName });

async function test(id: string) {
  const { status, body } = await shop.call('POST', `${pathOf(id)}/test`);
  const { body: view } = await shop.call('GET', pathOf(id));
  const { health, healthReason, number } = view as Record<string, string | null>;
  return { status, body, health, healthReason, number };
}

describe('a test of a connection', () => {
  it('of Meta tells the name and number behind a token that works, and keeps the number', async () => {
    expect(await test(await official())).toEqual({
      status: 200,
      body: { ok: true, displayName: 'Café Aurora', number: '+5215512345678', problem: null },
      health: 'up',
      healthReason: null,
      number: '+5215512345678',
    });
  });

  it('of Meta with a token that is none is a lost line', async () => {
    const tested = await test(await official('revoked'));
    expect(tested.body).toMatchObject({ ok: false, displayName: null, problem: { class: 'auth', code: '190' } });
    expect(tested).toMatchObject({ health: 'auth_lost', healthReason: expect.stringContaining('190') });
  });

  it('leaves a number that was entered as it is', async () => {
    const id = await official();
    await shop.call('PATCH', pathOf(id), { number: '+525500000000' });
    expect(await test(id)).toMatchObject({ body: { number: '+5215512345678' }, number: '+525500000000' });
  });

  it('of Twilio asks for the account and for its Messaging Service', async () => {
    const byNumber = await test(await onTwilio({ from: '+14155238886' }));
    expect(byNumber.body).toEqual({ ok: true, displayName: 'Café', number: '+14155238886', problem: null });
    expect((await test(await onTwilio({ messagingServiceSid: SERVICE }))).body).toMatchObject({
      ok: true,
      displayName: 'Ventas',
    });
    const missing = await test(await onTwilio({ messagingServiceSid: `MG${'b'.repeat(32)}` }));
    expect(missing).toMatchObject({ body: { problem: { class: 'auth', code: '20404' } }, health: 'auth_lost' });
    const wrong = await test(await onTwilio({ authToken: 'wrong', from: '+14155238886' }));
    expect(wrong).toMatchObject({ body: { problem: { class: 'auth', code: '20003' } }, health: 'auth_lost' });
  });

  it('of Twilio says when the account was suspended', async () => {
    twilio.accountStatus = 'suspended';
    const tested = await test(await onTwilio({ from: '+14155238886' }));
    twilio.accountStatus = 'active';
    expect(tested.body.problem).toMatchObject({ class: 'auth', code: 'ACCOUNT_SUSPENDED' });
  });

  it('of Evolution tells the state of the instance, a wrong key, and a server without a licence', async () => {
    evolution.addInstance('abierta');
    evolution.addInstance('cerrada', 'close');
    expect(await test(await onEvolution('abierta'))).toMatchObject({ body: { ok: true }, health: 'up' });
    expect(await test(await onEvolution('cerrada'))).toMatchObject({
      body: { problem: { class: 'failover', code: 'INSTANCE_NOT_OPEN' } },
      health: 'degraded',
    });
    expect(await test(await onEvolution('abierta', 'wrong'))).toMatchObject({ health: 'auth_lost' });
    expect(await test(await onEvolution('ninguna'))).toMatchObject({ body: { problem: { code: 'HTTP_404' } } });
    evolution.isLicensed = false;
    const unlicensed = await test(await onEvolution('abierta'));
    evolution.isLicensed = true;
    expect(unlicensed.body.problem).toMatchObject({ class: 'auth', code: 'LICENSE_REQUIRED' });
    expect(unlicensed).toMatchObject({
      health: 'auth_lost',
      healthReason: expect.stringContaining('LICENSE_REQUIRED'),
    });
  });

  it('that nobody answers proves nothing', async () => {
    const silent = await startEvolutionDouble();
    const id = await connect('evolution', { baseUrl: silent.url, apiKey: 'k', instanceName: 'x' });
    await silent.stop();
    expect(await test(id)).toMatchObject({ body: { ok: false, problem: { class: 'retry' } }, health: 'unknown' });
  });

  it('of the simulator always works', async () => {
    expect(await test(await connect('simulator', {}))).toMatchObject({ body: { ok: true }, health: 'up' });
  });

  it('says when the credentials cannot be opened', async () => {
    const id = await connect('simulator', {});
    await app.owner.query(`update connection set credentials_key_id = 'lost' where id = $1`, [id]);
    const { body } = await shop.call('POST', `${pathOf(id)}/test`);
    expect(body.problem).toMatchObject({ class: 'auth', code: 'CREDENTIALS_UNREADABLE' });
  });

  it('is for whoever may change connections of this bot and tenant (INV-8)', async () => {
    const id = await connect('simulator', {});
    const other = await app.openShop();
    expect((await other.call('POST', `${pathOf(id)}/test`)).body.code).toBe('connection_not_found');
    const elsewhere = (await shop.call('POST', '/api/bots', { name: 'Otro' })).body.id as string;
    expect((await shop.call('POST', `/api/bots/${elsewhere}/connections/${id}/test`)).status).toBe(404);
    const manager = await signInAs(app, shop, 'manager');
    expect((await manager.call('POST', `${pathOf(id)}/test`)).status).toBe(403);
    expect((await app.call('POST', `${pathOf(id)}/test`)).status).toBe(401);
    expect((await shop.call('POST', `/api/bots/${botId}/connections/7/test`)).body.errors[0].field).toBe('id');
  });
});

describe('the order of preference', () => {
  const order = (ids: string[], by = shop) => by.call('PUT', `/api/bots/${botId}/connections/order`, { ids });
  const idsOf = (body: { items: { id: string }[] }) => body.items.map(({ id }) => id);

  it('is set for all connections at once', async () => {
    const [a, b, c] = [await connect('simulator', {}), await official(), await official()];
    const set = await order([c, a, b]);
    expect([set.status, idsOf(set.body)]).toEqual([200, [c, a, b]]);
    const listed = (await shop.call('GET', `/api/bots/${botId}/connections`)).body;
    expect(idsOf(listed)).toEqual([c, a, b]);
    expect(listed.items.map(({ position }: { position: number }) => position)).toEqual([0, 1, 2]);
    const revisions = listed.items.map(({ revision }: { revision: number }) => revision);
    expect(revisions).toEqual([1, 2, 2]);
  });

  it('names every connection of the bot once', async () => {
    const [a, b] = [await connect('simulator', {}), await official()];
    for (const ids of [[a], [a, a], [a, b, crypto.randomUUID()], []]) {
      const { status, body } = await order(ids);
      expect([status, body.errors[0].field]).toEqual([400, 'ids']);
    }
    expect((await order(['7'])).body.errors[0].field).toBe('ids.0');
    const other = await app.openShop();
    expect((await order([a, b], other)).body.code).toBe('bot_not_found');
    const manager = await signInAs(app, shop, 'manager');
    expect((await order([a, b], manager)).status).toBe(403);
    expect((await app.call('PUT', `/api/bots/${botId}/connections/order`, { ids: [a, b] })).status).toBe(401);
  });
});

describe('deleting', () => {
  it('waits for what is still to go by the connection', async () => {
    const id = await connect('simulator', {});
    await app.owner.query(
      `insert into outbox (tenant_id, conversation_id, connection_id, turn, idx, kind, body)
       values ($1, gen_random_uuid(), $2, 1, 0, 'send', '{"kind": "text", "text": "hola"}')`,
      [shop.tenantId, id],
    );
    const refused = await shop.call('DELETE', pathOf(id));
    expect([refused.status, refused.body.code]).toEqual([409, 'connection_sending']);
    await app.owner.query(`update outbox set status = 'sent' where connection_id = $1`, [id]);
    expect((await shop.call('DELETE', pathOf(id))).status).toBe(204);
  });
});
