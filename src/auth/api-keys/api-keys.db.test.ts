import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeKey } from '../../../test/support/api-keys.js';
import type { Shop, TestApp } from '../../../test/support/app.js';
import { signInAs, startFeatures } from '../../../test/support/features.js';
import { BotsModule } from '../../bots/bots.module.js';
import { AuthModule } from '../auth.module.js';
import { KEY_PERMISSIONS } from '../permissions.js';
import { ApiKeysService } from './api-keys.service.js';

const DAY_MS = 86_400_000;
const NOBODYS_ID = '00000000-0000-4000-8000-000000000000';

let app: TestApp;
let shop: Shop;
let other: Shop;

beforeAll(async () => {
  app = await startFeatures([AuthModule, BotsModule]);
  shop = await app.openShop();
  other = await app.openShop();
});
afterAll(() => app.close());

async function keyRow(id: string): Promise<Record<string, unknown>> {
  const { rows } = await app.owner.query('select * from api_key where id = $1', [id]);
  return rows[0];
}

describe('making an API key', () => {
  it('answers with the key once, good for ninety days unless told otherwise', async () => {
    const { body } = await shop.call('POST', '/api/api-keys', {
      name: ' Tienda en línea ',
      permissions: ['orders:read', 'messages:send', 'orders:read'],
    });
    const { key, ...view } = body;
    expect(key).toMatch(new RegExp(`^dok_${shop.tenantId.replaceAll('-', '')}_[\\w-]{43}$`));
    expect(view).toEqual({
      id: expect.any(String),
      name: 'Tienda en línea',
      prefix: key.slice(0, 43),
      permissions: ['messages:send', 'orders:read'],
      expiresAt: new Date(Date.parse(view.createdAt) + 90 * DAY_MS).toISOString(),
      revokedAt: null,
      lastUsedAt: null,
      createdBy: (await shop.call('GET', '/api/auth/me')).body.id,
      createdAt: expect.any(String),
    });
    const { body: list } = await shop.call('GET', '/api/api-keys?limit=1');
    expect(list.items).toEqual([view]);
  });

  it('keeps a hash and no more than the beginning (INV-11)', async () => {
    const { id, key, call } = await makeKey(app, shop, ['bots:read']);
    await call('GET', '/api/bots');
    const secret = key.slice(37);
    const stored = JSON.stringify(await keyRow(id));
    expect(stored).not.toContain(secret.slice(6));
    expect(stored).toContain(key.slice(0, 43));
    const { body } = await shop.call('GET', '/api/api-keys?limit=100');
    expect(JSON.stringify(body)).not.toContain(secret.slice(6));
    expect(Object.keys(body.items[0])).not.toContain('secretHash');
  });

  it('refuses unknown permissions, none at all, and a life outside 1 to 365 days', async () => {
    const make = async (input: object) => {
      const { status, body } = await shop.call('POST', '/api/api-keys', {
        name: 'x',
        permissions: ['bots:read'],
        ...input,
      });
      return [status, body.errors?.[0]?.field];
    };
    expect(await make({ permissions: ['bots:fly'] })).toEqual([400, 'permissions.0']);
    expect(await make({ permissions: [] })).toEqual([400, 'permissions']);
    expect(await make({ name: '  ' })).toEqual([400, 'name']);
    for (const expiresInDays of [0, 366, 1.5]) expect(await make({ expiresInDays })).toEqual([400, 'expiresInDays']);
    expect((await make({ expiresInDays: 365 }))[0]).toBe(201);
  });

  it('never gives a key users, keys or the tenant, not even to an owner', async () => {
    for (const permission of ['users:write', 'api-keys:read', 'api-keys:write', 'tenant:write']) {
      const { status } = await shop.call('POST', '/api/api-keys', { name: 'x', permissions: [permission] });
      expect([permission, status]).toEqual([permission, 400]);
    }
    await makeKey(app, shop, KEY_PERMISSIONS);
  });

  it('grants nothing its maker may not do', async () => {
    const keys = app.app.get(ApiKeysService, { strict: false });
    const input = { name: 'x', permissions: ['orders:read' as const, 'bots:write' as const], expiresInDays: 1 };
    const viewer = { tenantId: shop.tenantId, userId: NOBODYS_ID, role: 'viewer' as const };
    for (const caller of [viewer, { ...viewer, role: null }])
      await expect(keys.create(caller, input)).rejects.toMatchObject({ code: 'permission_not_yours', status: 403 });
  });

  it('is for owners and admins', async () => {
    const may = async (role: string) => {
      const person = await signInAs(app, shop, role);
      const input = { name: role, permissions: ['bots:read'] };
      const answers = [
        await person.call('GET', '/api/api-keys'),
        await person.call('POST', '/api/api-keys', input),
        await person.call('DELETE', `/api/api-keys/${(await makeKey(app, shop, ['bots:read'])).id}`),
      ];
      return answers.map(({ status }) => status);
    };
    for (const role of ['owner', 'admin']) expect(await may(role)).toEqual([200, 201, 204]);
    for (const role of ['manager', 'seller', 'viewer']) expect(await may(role)).toEqual([403, 403, 403]);
  });
});

describe('revoking', () => {
  it('may be repeated, and keeps the first time', async () => {
    const { id } = await makeKey(app, shop, ['bots:read']);
    const revoke = () => shop.call('DELETE', `/api/api-keys/${id}`);
    expect((await revoke()).status).toBe(204);
    const first = (await keyRow(id))['revoked_at'];
    expect((await revoke()).status).toBe(204);
    expect((await keyRow(id))['revoked_at']).toEqual(first);
    const { body } = await shop.call('GET', '/api/api-keys?limit=1');
    expect(body.items[0]).toMatchObject({ id, revokedAt: (first as Date).toISOString() });
  });

  it('and listing touch no other tenant’s keys (INV-8)', async () => {
    const { id, call } = await makeKey(app, shop, ['bots:read']);
    for (const wanted of [id, NOBODYS_ID]) {
      const answer = await other.call('DELETE', `/api/api-keys/${wanted}`);
      expect([answer.status, answer.body.code]).toEqual([404, 'api_key_not_found']);
    }
    expect((await call('GET', '/api/bots')).status).toBe(200);
    const { body } = await other.call('GET', '/api/api-keys?limit=100');
    expect(body.items.map((item: { id: string }) => item.id)).not.toContain(id);
  });
});

describe('the list', () => {
  it('comes newest first, page by page, each key once', async () => {
    const quiet = await app.openShop();
    const made = [];
    for (let n = 0; n < 3; n += 1) made.push((await makeKey(app, quiet, ['bots:read'])).id);
    const first = await quiet.call('GET', '/api/api-keys?limit=2');
    const second = await quiet.call('GET', `/api/api-keys?limit=2&cursor=${first.body.nextCursor}`);
    const seen = [...first.body.items, ...second.body.items].map(({ id }: { id: string }) => id);
    expect(seen).toEqual(made.toReversed());
    expect(second.body.nextCursor).toBeNull();
  });
});
