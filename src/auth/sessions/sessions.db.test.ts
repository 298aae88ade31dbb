import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Shop, TestApp } from '../../../test/support/app.js';
import { openBrowser } from '../../../test/support/browser.js';
import { signInAs, startFeatures } from '../../../test/support/features.js';
import { AuthModule } from '../auth.module.js';
import { SessionVerifier } from './session-verifier.js';

let app: TestApp;
let shop: Shop;
let other: Shop;
beforeAll(async () => {
  app = await startFeatures([AuthModule]);
  shop = await app.openShop();
  other = await app.openShop();
});
afterAll(() => app.close());

const NOBODY = '00000000-0000-4000-8000-000000000000';
const idOf = async (person: Shop) => (await person.call('GET', '/api/auth/me')).body.id as string;

describe('sessions', () => {
  it('are listed with where they began, and ended one by one', async () => {
    const person = await signInAs(app, shop, 'seller');
    const browser = openBrowser(app);
    await browser.signIn(person.email, person.password);
    const { body } = await person.call('GET', '/api/auth/sessions');
    expect(body.items).toMatchObject([
      { kind: 'cookie', isCurrent: false, address: '127.0.0.1', userAgent: 'node' },
      { kind: 'token', isCurrent: true, address: '127.0.0.1', userAgent: 'node' },
    ]);
    expect((await person.call('DELETE', `/api/auth/sessions/${body.items[0].id}`)).status).toBe(204);
    expect((await browser.call('GET', '/api/auth/me')).status).toBe(401);
    expect((await person.call('DELETE', `/api/auth/sessions/${body.items[0].id}`)).body.code).toBe('session_not_found');
    expect((await person.call('GET', '/api/auth/sessions')).body.items).toHaveLength(1);
  });

  it('end everywhere else at once, and their tokens with them', async () => {
    const person = await signInAs(app, shop, 'viewer');
    const { body: elsewhere } = await app.call('POST', '/api/auth/login', person);
    const again = { email: person.email, password: person.password };
    const { body } = await app.call('POST', '/api/auth/login', again);
    expect(elsewhere.code).toBe('invalid_input');
    expect((await person.call('DELETE', '/api/auth/sessions')).status).toBe(204);
    const authorization = `Bearer ${body.accessToken}`;
    expect((await app.call('GET', '/api/auth/me', undefined, { authorization })).status).toBe(401);
    expect((await app.call('POST', '/api/auth/refresh', { refreshToken: body.refreshToken })).status).toBe(401);
    expect((await person.call('GET', '/api/auth/me')).status).toBe(200);
  });

  it('of others are seen and ended by who keeps users; an owner’s by an owner only', async () => {
    const [admin, seller] = [await signInAs(app, shop, 'admin'), await signInAs(app, shop, 'seller')];
    const path = `/api/users/${await idOf(seller)}/sessions`;
    const [session] = (await admin.call('GET', path)).body.items;
    expect((await admin.call('DELETE', `${path}/${session.id}`)).status).toBe(204);
    expect((await seller.call('GET', '/api/auth/me')).status).toBe(401);
    const ofOwner = `/api/users/${await idOf(shop)}/sessions`;
    const [owners] = (await admin.call('GET', ofOwner)).body.items;
    expect((await admin.call('DELETE', `${ofOwner}/${owners.id}`)).body.code).toBe('owner_only');
    expect((await admin.call('DELETE', `${path}/${NOBODY}`)).body.code).toBe('session_not_found');
  });

  it('of another tenant do not exist (INV-8)', async () => {
    const mine = (await shop.call('GET', '/api/auth/sessions')).body.items[0].id as string;
    const path = `/api/users/${await idOf(shop)}/sessions`;
    expect((await other.call('GET', path)).body.code).toBe('user_not_found');
    expect((await other.call('DELETE', `${path}/${mine}`)).status).toBe(404);
    expect((await other.call('DELETE', `/api/auth/sessions/${mine}`)).status).toBe(404);
    expect((await shop.call('GET', '/api/auth/me')).status).toBe(200);
  });

  it('are no business of a key', async () => {
    const { body } = await shop.call('POST', '/api/api-keys', { name: 'k', permissions: ['bots:read'] });
    const headers = { authorization: `Bearer ${body.key}` };
    const asked = [
      ['GET', '/api/auth/sessions'],
      ['DELETE', '/api/auth/sessions'],
      ['DELETE', '/api/auth/session'],
      ['POST', '/api/auth/password', { currentPassword: 'x', newPassword: 'una frase larga' }],
    ] as const;
    for (const [method, path, input] of asked)
      expect((await app.call(method, path, input, headers)).body.code).toBe('people_only');
  });

  it('follow a changed role without a new sign-in', async () => {
    const person = await signInAs(app, shop, 'viewer');
    const id = await idOf(person);
    await shop.call('PATCH', `/api/users/${id}`, { name: 'Otra' });
    await app.owner.query("update app_user set role = 'admin' where id = $1", [id]);
    app.app.get(SessionVerifier, { strict: false }).forget();
    expect((await person.call('GET', '/api/users')).status).toBe(200);
  });
});

describe('a session in cookies', () => {
  it('signs in, is used, renews itself with use, and signs out', async () => {
    const browser = openBrowser(app);
    const csrf = await browser.signIn(shop.email, shop.password);
    expect(browser.lastSet.map((line) => line.replace(/=[^;]+/, ''))).toEqual([
      expect.stringMatching(/^dashoffice_session; Max-Age=1209600; Path=\/; HttpOnly; SameSite=Strict$/),
      expect.stringMatching(/^dashoffice_csrf; Max-Age=1209600; Path=\/; SameSite=Strict$/),
      expect.stringMatching(/^dashoffice_device; Max-Age=15552000; Path=\/; HttpOnly; SameSite=Strict$/),
    ]);
    expect(browser.cookies.get('dashoffice_csrf')).toBe(csrf);
    await app.owner.query(
      `update user_session set last_used_at = now() - interval '1 day', expires_at = now() + interval '1 hour' where kind = 'cookie'`,
    );
    expect((await browser.call('GET', '/api/auth/me')).body.email).toBe(shop.email);
    const { rows } = await app.owner.query(
      `select 1 from user_session where kind = 'cookie' and expires_at > now() + interval '13 days'`,
    );
    expect(rows).toHaveLength(1);
    const changed = await browser.call('PATCH', '/api/tenant', { name: 'Con cookie' }, { 'x-csrf-token': csrf });
    expect(changed.body.name).toBe('Con cookie');
    const stolen = browser.cookies.get('dashoffice_session') ?? '';
    expect((await browser.call('DELETE', '/api/auth/session', undefined, { 'x-csrf-token': csrf })).status).toBe(204);
    expect([...browser.cookies.keys()]).toEqual(['dashoffice_device']);
    const cookie = `dashoffice_session=${stolen}`;
    expect((await app.call('GET', '/api/auth/me', undefined, { cookie })).status).toBe(401);
  });

  it('expires', async () => {
    const browser = openBrowser(app);
    await browser.signIn(shop.email, shop.password);
    await app.owner.query("update user_session set expires_at = now() - interval '1 s' where kind = 'cookie'");
    expect((await browser.call('GET', '/api/auth/me')).status).toBe(401);
  });

  it('is __Host- and Secure where https is served', async () => {
    const secure = await startFeatures([AuthModule], { PUBLIC_URL: 'https://tienda.example' });
    try {
      const owner = await secure.openShop();
      const browser = openBrowser(secure);
      await browser.signIn(owner.email, owner.password);
      for (const line of browser.lastSet)
        expect(line).toMatch(/^__Host-dashoffice_\w+=\S+; Max-Age=\d+; Path=\/; (HttpOnly; )?Secure; SameSite=Strict$/);
      expect((await browser.call('GET', '/api/auth/me')).status).toBe(200);
    } finally {
      await secure.close();
    }
  });
});
