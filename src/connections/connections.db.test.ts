import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Shop, TestApp } from '../../test/support/app.js';
import { signInAs, startFeatures } from '../../test/support/features.js';
import { AuthModule } from '../auth/auth.module.js';
import { DevicesModule } from '../devices/devices.module.js';
import { ConnectionsModule } from './connections.module.js';
import { ConnectionDirectory } from './connection-directory.service.js';

let app: TestApp;
let shop: Shop;
let other: Shop;
let botId: string;

beforeAll(async () => {
  app = await startFeatures([AuthModule, ConnectionsModule, DevicesModule]);
  shop = await app.openShop();
  other = await app.openShop();
  botId = await makeBot(shop);
});
afterAll(() => app.close());

async function makeBot(tenant: Shop): Promise<string> {
  return (await tenant.call('POST', '/api/bots', { name: 'Aurora' })).body.id as string;
}

let numbers = 0;
function official(overrides: object = {}) {
  numbers += 1;
  return {
    phoneNumberId: `10654035224${numbers}`,
    accessToken: 'EAAG-top-secret',
    appSecret: 'app-secret-value',
    verifyToken: 'verify-me',
    ...overrides,
  };
}

async function connect(credentials: object = official(), bot = botId, tenant = shop) {
  const input = { provider: 'official', name: 'Ventas', credentials };
  const { status, body } = await tenant.call('POST', `/api/bots/${bot}/connections`, input);
  expect(status).toBe(201);
  return body as { id: string; externalId: string; revision: number };
}

const pathOf = (id: string, bot = botId) => `/api/bots/${bot}/connections/${id}`;
const fieldsOf = (body: { errors: { field: string }[] }) => body.errors.map(({ field }) => field);

describe('connections', () => {
  it('are made, read and changed, and say which credentials are set', async () => {
    const credentials = official();
    const made = await shop.call('POST', `/api/bots/${botId}/connections`, {
      provider: 'official',
      name: 'Ventas',
      position: 2,
      credentials,
    });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      botId,
      provider: 'official',
      name: 'Ventas',
      position: 2,
      state: 'active',
      health: 'unknown',
      externalId: credentials.phoneNumberId,
      credentialFields: ['phoneNumberId', 'accessToken', 'appSecret', 'verifyToken'],
      revision: 1,
    });
    const changed = await shop.call('PATCH', pathOf(made.body.id), { state: 'paused', position: 0 });
    expect(changed.body).toMatchObject({ state: 'paused', position: 0, name: 'Ventas', revision: 2 });
    expect((await shop.call('GET', pathOf(made.body.id))).body).toEqual(changed.body);
  });

  it('never give a credential back, and keep none readable (INV-11)', async () => {
    const { id } = await connect();
    const answers = [
      await shop.call('GET', pathOf(id)),
      await shop.call('GET', `/api/bots/${botId}/connections`),
      await shop.call('PATCH', pathOf(id), { credentials: official({ accessToken: 'bad token with spaces' }) }),
    ];
    const { rows } = await app.owner.query<{ row: string }>(
      `select to_jsonb(c)::text || encode(credentials, 'escape') as row from connection c where id = $1`,
      [id],
    );
    expect(rows).toHaveLength(1);
    const everything = JSON.stringify([answers.map(({ body }) => body), rows]);
    for (const secret of ['EAAG-top-secret', 'app-secret-value', 'verify-me', 'bad token'])
      expect(everything).not.toContain(secret);
  });

  it('are listed in order of preference', async () => {
    const bot = await makeBot(shop);
    for (const position of [3, 1, 2]) {
      const input = { provider: 'simulator', name: `n${position}`, position, credentials: {} };
      await shop.call('POST', `/api/bots/${bot}/connections`, input);
    }
    const { body } = await shop.call('GET', `/api/bots/${bot}/connections`);
    expect(body.items.map(({ name }: { name: string }) => name)).toEqual(['n1', 'n2', 'n3']);
  });

  it('take new credentials as a whole, and begin their health anew', async () => {
    const { id } = await connect();
    await app.owner.query("update connection set health = 'auth_lost', health_reason = '190', health_at = now()");
    const credentials = official({ wabaId: '77' });
    const { body } = await shop.call('PATCH', pathOf(id), { credentials });
    expect(body).toMatchObject({ externalId: credentials.phoneNumberId, health: 'unknown', healthReason: null });
    expect(body.credentialFields).toContain('wabaId');
    expect(fieldsOf((await shop.call('PATCH', pathOf(id), { credentials: { wabaId: '77' } })).body)).toContain(
      'credentials.accessToken',
    );
  });

  it('are refused when the provider needs something else, field by field', async () => {
    const attempt = async (input: object) => (await shop.call('POST', `/api/bots/${botId}/connections`, input)).body;
    const missing = await attempt({ provider: 'official', name: 'Ventas', credentials: { phoneNumberId: 'a b' } });
    expect(missing.code).toBe('invalid_input');
    expect(fieldsOf(missing)).toEqual([
      'credentials.phoneNumberId',
      'credentials.accessToken',
      'credentials.appSecret',
      'credentials.verifyToken',
    ]);
    expect((await attempt({ provider: 'simulator', name: 'S', credentials: { key: 'x' } })).code).toBe('invalid_input');
    expect(fieldsOf(await attempt({ provider: 'carrier-pigeon', name: '', credentials: {} }))).toEqual(['provider']);
    expect(fieldsOf(await attempt({ provider: 'simulator', name: '', credentials: {} }))).toEqual(['name']);
  });

  it('have one number once in a tenant; another tenant proves it by its signature', async () => {
    const credentials = official();
    await connect(credentials);
    const input = { provider: 'official', name: 'Otra', credentials };
    const again = await shop.call('POST', `/api/bots/${botId}/connections`, input);
    expect([again.status, again.body.code]).toEqual([409, 'connection_exists']);
    await connect(credentials, await makeBot(other), other);
  });

  it('are deleted while no conversation came by them', async () => {
    const unused = await connect();
    expect((await shop.call('DELETE', pathOf(unused.id))).status).toBe(204);
    expect((await shop.call('GET', pathOf(unused.id))).body.code).toBe('connection_not_found');
    const used = await connect();
    const contactId = randomUUID();
    await app.owner.query('insert into contact (id, tenant_id) values ($1, $2)', [contactId, shop.tenantId]);
    await app.owner.query(
      `insert into conversation (id, tenant_id, bot_id, connection_id, contact_id, address) values ($1, $2, $3, $4, $5, 'a')`,
      [randomUUID(), shop.tenantId, botId, used.id, contactId],
    );
    const refused = await shop.call('DELETE', pathOf(used.id));
    expect([refused.status, refused.body.code]).toEqual([409, 'connection_in_use']);
  });

  it('are not changed over somebody else’s change', async () => {
    const { id } = await connect();
    const first = await shop.call('PATCH', pathOf(id), { name: 'Uno' }, { 'if-match': '"1"' });
    expect([first.status, first.headers.get('etag')]).toEqual([200, '"2"']);
    for (const method of ['PATCH', 'DELETE'])
      expect(
        (await shop.call(method, pathOf(id), method === 'PATCH' ? {} : undefined, { 'if-match': '"1"' })).status,
      ).toBe(412);
  });

  it('of another tenant, or of another bot, do not exist (INV-8)', async () => {
    const { id } = await connect();
    const foreignBot = await makeBot(other);
    const siblingBot = await makeBot(shop);
    const answers = [
      await other.call('GET', pathOf(id)),
      await other.call('PATCH', pathOf(id), { name: 'Mía' }),
      await other.call('DELETE', pathOf(id)),
      await other.call('GET', pathOf(id, foreignBot)),
      await other.call('GET', `/api/bots/${botId}/connections`),
      await other.call('POST', `/api/bots/${botId}/connections`, { provider: 'simulator', name: 'S', credentials: {} }),
      await shop.call('GET', pathOf(id, siblingBot)),
    ];
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 404));
  });

  it('are read by owner, admin and manager, and written by the first two', async () => {
    const expected = { admin: [200, 201], manager: [200, 403], seller: [403, 403], viewer: [403, 403] };
    for (const [role, statuses] of Object.entries(expected)) {
      const person = await signInAs(app, shop, role);
      const input = { provider: 'simulator', name: 'S', credentials: {} };
      const read = await person.call('GET', `/api/bots/${botId}/connections`);
      const write = await person.call('POST', `/api/bots/${botId}/connections`, input);
      expect([role, read.status, write.status]).toEqual([role, ...statuses]);
    }
  });
});

describe('the list of providers', () => {
  it('says what each needs, so that a form can be drawn from it', async () => {
    const { body } = await shop.call('GET', '/api/providers');
    const byName = Object.fromEntries(body.items.map((item: { name: string }) => [item.name, item]));
    expect(Object.keys(byName)).toEqual(['official', 'twilio', 'evolution', 'baileys', 'simulator']);
    expect(byName.official.credentials.required).toEqual(['phoneNumberId', 'accessToken', 'appSecret', 'verifyToken']);
    expect(byName.official.credentials.properties.appSecret.description).toContain('signs the webhooks');
    expect(byName.official.capabilities.hasServiceWindow).toBe(true);
  });
});

describe('where the simulator is not allowed', () => {
  it('it is neither listed nor connected', async () => {
    const strict = await startFeatures([AuthModule, ConnectionsModule, DevicesModule], { SIMULATOR_ALLOWED: 'false' });
    try {
      const tenant = await strict.openShop();
      const bot = await makeBot(tenant);
      const input = { provider: 'simulator', name: 'S', credentials: {} };
      const answer = await tenant.call('POST', `/api/bots/${bot}/connections`, input);
      expect([answer.status, answer.body.code]).toEqual([422, 'simulator_not_allowed']);
      const { body } = await tenant.call('GET', '/api/providers');
      expect(body.items.map(({ name }: { name: string }) => name)).toEqual([
        'official',
        'twilio',
        'evolution',
        'baileys',
      ]);
    } finally {
      await strict.close();
    }
  });
});

describe('routing', () => {
  it('finds the lines a number belongs to, of every tenant, with their credentials', async () => {
    const connections = app.app.get(ConnectionDirectory, { strict: false });
    const credentials = official();
    expect(await connections.findByExternalId('official', credentials.phoneNumberId)).toEqual([]);
    const mine = await connect(credentials);
    const foreignBot = await makeBot(other);
    const theirs = await connect(credentials, foreignBot, other);
    const found = await connections.findByExternalId('official', credentials.phoneNumberId);
    expect(found).toHaveLength(2);
    expect(found.find(({ connectionId }) => connectionId === mine.id)).toEqual({
      connectionId: mine.id,
      tenantId: shop.tenantId,
      botId,
      provider: 'official',
      isPaused: false,
      isOffline: false,
      health: 'unknown',
      isProbeDue: false,
      number: null,
      restrictedUntil: null,
      bot: { failover: 'same_number', windowTemplate: null },
      account: { connectionId: mine.id, credentials },
    });
    expect(found.find(({ connectionId }) => connectionId === theirs.id)).toMatchObject({
      tenantId: other.tenantId,
      botId: foreignBot,
    });
  });

  it('knows a change made in this process at once', async () => {
    const connections = app.app.get(ConnectionDirectory, { strict: false });
    const { id } = await connect();
    expect(await connections.find(id)).toMatchObject({ isPaused: false });
    await shop.call('PATCH', pathOf(id), { state: 'paused', credentials: official({ appSecret: 'renewed' }) });
    expect(await connections.find(id)).toMatchObject({
      isPaused: true,
      account: { credentials: { appSecret: 'renewed' } },
    });
    await shop.call('DELETE', pathOf(id));
    expect(await connections.find(id)).toBeNull();
  });
});
