import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Shop, TestApp } from '../../test/support/app.js';
import { signInAs, startFeatures } from '../../test/support/features.js';
import { AuthModule } from './auth.module.js';
import { AuthService } from './auth.service.js';
import { EmailTakenError } from './auth.errors.js';

let app: TestApp;
let shop: Shop;
let other: Shop;

beforeAll(async () => {
  app = await startFeatures([AuthModule]);
  shop = await app.openShop();
  other = await app.openShop({ currency: 'BRL', locale: 'pt' });
});
afterAll(() => app.close());

let people = 0;
function newUser(overrides: object = {}) {
  people += 1;
  return {
    email: `persona${people}@tienda.test`,
    name: 'Lucía',
    password: 'una frase larga',
    role: 'manager',
    ...overrides,
  };
}

async function makeUser(overrides: object = {}) {
  const { status, body } = await shop.call('POST', '/api/users', newUser(overrides));
  expect(status).toBe(201);
  return body as { id: string; email: string; role: string; revision: number };
}

async function idOf(person: Shop): Promise<string> {
  return (await person.call('GET', '/api/auth/me')).body.id as string;
}

describe('users', () => {
  it('are made, read and changed; no answer carries the password', async () => {
    const input = newUser();
    const { body: user } = await shop.call('POST', '/api/users', input);
    expect(Object.keys(user).toSorted()).toEqual([
      'createdAt',
      'email',
      'id',
      'isActive',
      'name',
      'revision',
      'role',
      'updatedAt',
    ]);
    const changed = await shop.call('PATCH', `/api/users/${user.id}`, { name: 'Lucía Ramos', role: 'seller' });
    expect(changed.body).toMatchObject({ name: 'Lucía Ramos', role: 'seller', revision: 2 });
    expect((await shop.call('GET', `/api/users/${user.id}`)).body).toEqual(changed.body);
  });

  it('are listed newest first, page by page, each once', async () => {
    const made = [await makeUser(), await makeUser(), await makeUser()].map(({ id }) => id);
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = cursor ? `?limit=2&cursor=${cursor}` : '?limit=2';
      const { body } = await shop.call('GET', `/api/users${query}`);
      seen.push(...body.items.map(({ id }: { id: string }) => id));
      cursor = body.nextCursor;
    }
    expect(seen.slice(0, 3)).toEqual(made.toReversed());
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toContain(await idOf(shop));
  });

  it('a cursor of another list is refused', async () => {
    const cursor = Buffer.from('["x"]').toString('base64url');
    const answer = await shop.call('GET', `/api/users?cursor=${cursor}`);
    expect([answer.status, answer.body.errors[0].field]).toEqual([400, 'cursor']);
  });

  it('are not changed over somebody else’s change', async () => {
    const user = await makeUser();
    const path = `/api/users/${user.id}`;
    const etag = (await shop.call('GET', path)).headers.get('etag') ?? '';
    expect((await shop.call('PATCH', path, { name: 'Uno' }, { 'if-match': etag })).status).toBe(200);
    const late = await shop.call('PATCH', path, { name: 'Dos' }, { 'if-match': etag });
    expect([late.status, late.body.code]).toEqual([412, 'revision_mismatch']);
  });

  it('have an e-mail of their own, over all tenants', async () => {
    const { email } = await makeUser();
    for (const tenant of [shop, other]) {
      const answer = await tenant.call('POST', '/api/users', newUser({ email: email.toUpperCase() }));
      expect([answer.status, answer.body.code]).toEqual([409, 'email_taken']);
    }
  });

  it('need a password of ten characters and a role that exists', async () => {
    const { status, body } = await shop.call('POST', '/api/users', newUser({ password: 'corta', role: 'king' }));
    expect(status).toBe(400);
    expect(body.errors.map(({ field }: { field: string }) => field)).toEqual(['password', 'role']);
  });

  it('sign in with a new password, and not with the old one', async () => {
    const seller = await signInAs(app, shop, 'seller');
    await shop.call('PATCH', `/api/users/${await idOf(seller)}`, { password: 'otra frase larga' });
    const login = (password: string) => app.call('POST', '/api/auth/login', { email: seller.email, password });
    expect((await login(seller.password)).status).toBe(401);
    expect((await login('otra frase larga')).status).toBe(200);
  });

  it('of another tenant do not exist (INV-8)', async () => {
    const { id } = await makeUser();
    expect((await other.call('GET', `/api/users/${id}`)).body.code).toBe('user_not_found');
    expect((await other.call('PATCH', `/api/users/${id}`, { name: 'Mía' })).status).toBe(404);
    const { body } = await other.call('GET', '/api/users?limit=100');
    expect(body.items.map(({ email }: { email: string }) => email)).toEqual([other.email]);
  });
});

describe('owners', () => {
  it('are neither made nor changed by an admin', async () => {
    const admin = await signInAs(app, shop, 'admin');
    const { id } = await makeUser();
    const refused = [
      await admin.call('POST', '/api/users', newUser({ role: 'owner' })),
      await admin.call('PATCH', `/api/users/${id}`, { role: 'owner' }),
      await admin.call('PATCH', `/api/users/${await idOf(shop)}`, { password: 'robada, pero larga' }),
    ];
    expect(refused.map(({ status, body }) => [status, body.code])).toEqual(refused.map(() => [403, 'owner_only']));
    expect((await admin.call('PATCH', `/api/users/${id}`, { role: 'seller' })).status).toBe(200);
  });

  it('leave one behind, also when two demote each other at once', async () => {
    const lonely = await app.openShop();
    const path = `/api/users/${await idOf(lonely)}`;
    for (const change of [{ role: 'admin' }, { isActive: false }])
      expect((await lonely.call('PATCH', path, change)).body.code).toBe('last_owner');
    const second = await signInAs(app, lonely, 'owner');
    const answers = await Promise.all([
      lonely.call('PATCH', `/api/users/${await idOf(second)}`, { role: 'viewer' }),
      second.call('PATCH', path, { role: 'viewer' }),
    ]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
  });
});

describe('roles', () => {
  it('decide who may keep users and the tenant', async () => {
    const may = async (role: string) => {
      const person = await signInAs(app, shop, role);
      const answers = [
        await person.call('GET', '/api/users'),
        await person.call('PATCH', '/api/tenant', {}),
        await person.call('GET', '/api/tenant'),
      ];
      return answers.map(({ status }) => status);
    };
    expect(await may('owner')).toEqual([200, 200, 200]);
    expect(await may('admin')).toEqual([200, 403, 200]);
    for (const role of ['manager', 'seller', 'viewer']) expect(await may(role)).toEqual([403, 403, 200]);
  });
});

describe('the tenant', () => {
  it('is read and changed by its owner, and no other is touched (INV-8)', async () => {
    const changed = await shop.call('PATCH', '/api/tenant', { name: 'Café Aurora', timezone: 'America/Bogota' });
    expect(changed.body).toEqual({
      id: shop.tenantId,
      name: 'Café Aurora',
      locale: 'es',
      currency: 'MXN',
      timezone: 'America/Bogota',
      unpaidOrderExpiryMinutes: 2880,
      unpaidOrderReminderMinutes: 1500,
    });
    expect((await shop.call('GET', '/api/tenant')).body).toEqual(changed.body);
    expect((await other.call('GET', '/api/tenant')).body).toMatchObject({ id: other.tenantId, currency: 'BRL' });
    expect((await other.call('GET', '/api/tenant')).body.name).not.toBe('Café Aurora');
  });

  it('keeps its currency and takes real time zones only', async () => {
    const { status, body } = await shop.call('PATCH', '/api/tenant', { currency: 'USD', timezone: 'Mars/Base' });
    expect(status).toBe(400);
    expect(JSON.stringify(body.errors)).toMatch(/currency/);
    expect(body.errors.map(({ field }: { field: string }) => field)).toContain('timezone');
  });

  it('is not made when its owner’s e-mail is taken', async () => {
    const auth = app.app.get(AuthService, { strict: false });
    const again = {
      name: 'Copia',
      currency: 'MXN',
      owner: { email: shop.email, name: 'Ana', password: 'una frase larga' },
    };
    await expect(auth.createTenantWithOwner(again)).rejects.toThrow(EmailTakenError);
    const { rows } = await app.owner.query("select 1 from tenant where name = 'Copia'");
    expect(rows).toEqual([]);
  });
});
