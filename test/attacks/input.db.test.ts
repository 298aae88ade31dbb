import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type Shop, type TestApp } from '../support/app.js';
import { signInAs } from '../support/features.js';

let app: TestApp;
let shop: Shop;
let other: Shop;
beforeAll(async () => {
  app = await startTestApp({ LOG_LEVEL: 'silent' });
  shop = await app.openShop();
  other = await app.openShop();
});
afterAll(() => app.close());

const SQL = [
  "' or '1'='1",
  "'; drop table app_user; --",
  '1); delete from tenant; --',
  "\\'; select pg_sleep(9); --",
  '$1',
  '%',
  '_%',
];
const SCRIPTS = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  'javascript:alert(1)',
  '{{7*7}}',
  '</title><svg/onload=alert(1)>',
];

describe('mass assignment', () => {
  it('reaches no field that is not the caller’s to set', async () => {
    const bot = (await shop.call('POST', '/api/bots', { name: 'Uno' })).body;
    const own = {
      tenantId: other.tenantId,
      tenant_id: other.tenantId,
      id: other.tenantId,
      revision: 99,
      createdAt: '2000-01-01',
    };
    for (const [field, value] of Object.entries(own)) {
      const made = await shop.call('POST', '/api/bots', { name: 'Dos', [field]: value });
      const changed = await shop.call('PATCH', `/api/bots/${bot.id}`, { [field]: value });
      const renamed = await shop.call('PATCH', '/api/tenant', { [field]: value });
      for (const { status, body } of [made, changed, renamed]) {
        expect([field, status]).toEqual([field, 400]);
        expect(JSON.stringify(body.errors)).toContain(field);
      }
    }
    expect((await shop.call('GET', `/api/bots/${bot.id}`)).body).toEqual(bot);
    expect((await other.call('GET', '/api/bots')).body.items).toEqual([]);
  });

  it('makes nobody more than they are', async () => {
    const viewer = await signInAs(app, shop, 'viewer');
    const { body: me } = await viewer.call('GET', '/api/auth/me');
    const change = { currentPassword: viewer.password, newPassword: 'una frase larga', role: 'owner' };
    expect((await viewer.call('POST', '/api/auth/password', change)).status).toBe(400);
    expect((await viewer.call('PATCH', `/api/users/${me.id}`, { role: 'owner' })).status).toBe(403);
    const invite = { email: 'x@x.test', name: 'x', role: 'viewer', invitedBy: me.id, tokenHash: 'x', acceptedAt: null };
    expect((await shop.call('POST', '/api/invitations', invite)).status).toBe(400);
    expect((await viewer.call('GET', '/api/auth/me')).body.role).toBe('viewer');
  });

  it('reaches no prototype', async () => {
    const raw = (body: string) =>
      fetch(`${app.url}/api/tenant`, {
        method: 'PATCH',
        headers: { authorization: shop.authorization, 'content-type': 'application/json' },
        body,
      });
    for (const body of ['{"__proto__":{"role":"owner"}}', '{"constructor":{"prototype":{"isAdmin":true}}}'])
      expect((await raw(body)).status).toBe(400);
    expect(({} as Record<string, unknown>)['isAdmin']).toBeUndefined();
  });
});

describe('SQL in the input', () => {
  it.each(SQL)('%s finds nothing more and breaks nothing', async (text) => {
    const encoded = encodeURIComponent(text);
    const asked = [
      `/api/bots/${encoded}`,
      `/api/bots?cursor=${encoded}`,
      `/api/bots?limit=${encoded}`,
      `/api/bots?sort=${encoded}`,
      `/api/contacts?text=${encoded}`,
      `/api/products?text=${encoded}`,
      `/api/orders?state=${encoded}`,
      `/api/audit?action=${encoded}`,
      `/api/audit?subjectId=${encoded}`,
    ];
    for (const path of asked) {
      const { status, body } = await shop.call('GET', path);
      expect([path, status < 500]).toEqual([path, true]);
      if (status === 200) expect(JSON.stringify(body)).not.toContain(other.tenantId);
    }
    const made = await shop.call('POST', '/api/bots', { name: text });
    expect([made.status, made.body.name]).toEqual([201, text]);
    const login = await app.call('POST', '/api/auth/login', { email: `${text}@x.test`, password: text });
    expect([400, 401]).toContain(login.status);
    const { rows } = await app.owner.query('select 1 from app_user where tenant_id = $1', [other.tenantId]);
    expect(rows).toHaveLength(1);
  });
});

describe('scripts in the input', () => {
  it.each(SCRIPTS)('%s is kept as it is and runs nowhere', async (text) => {
    const made = await shop.call('POST', '/api/bots', { name: text });
    const read = await shop.call('GET', `/api/bots/${made.body.id}`);
    expect(read.body.name).toBe(text);
    const echoed = [
      read,
      await shop.call('GET', '/api/bots'),
      await shop.call('GET', `/api/${encodeURIComponent(text)}`),
      await shop.call('GET', `/api/bots?limit=${encodeURIComponent(text)}`),
      await shop.call('POST', '/api/bots', { [text]: 1 }),
    ];
    for (const { headers } of echoed) {
      expect(headers.get('content-type')).toMatch(/^application\/(problem\+)?json/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    }
  });
});

describe('paths and headers', () => {
  it('that wind about reach no route around its guard', async () => {
    const paths = [
      '/api/../api/users',
      '/api//users',
      '//api/users',
      '/api/users/',
      '/API/users',
      '/api/users;x=1',
      '/api/%2e%2e/api/users',
      '/api/users%00',
      '/api/users%2f..',
      '/api/./users',
      '/health/../api/users',
      '/health/live/../../api/users',
      '/webhooks/official/..%2f..%2fapi%2fusers',
    ];
    for (const path of paths) {
      // Not fetch, which would straighten the path itself.
      const { status } = await rawGet(path);
      expect([path, status === 401 || status === 404 || status === 400]).toEqual([path, true]);
    }
  });

  it('that claim to be somebody are not believed', async () => {
    const claims = {
      'x-tenant-id': other.tenantId,
      'x-user-id': other.tenantId,
      'x-role': 'owner',
      'x-forwarded-user': 'admin',
      'x-original-url': '/health/live',
      'x-rewrite-url': '/health/live',
      'x-http-method-override': 'GET',
    };
    expect((await app.call('GET', '/api/users', undefined, claims)).status).toBe(401);
    expect((await shop.call('GET', '/api/tenant', undefined, claims)).body.id).toBe(shop.tenantId);
  });

  it('that claim another address do not escape the count of attempts', async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 21; n += 1) {
      const headers = { 'x-forwarded-for': `10.9.8.${n}`, 'x-real-ip': `10.9.8.${n}`, forwarded: `for=10.9.8.${n}` };
      const guess = { email: 'adivinada@tienda.test', password: 'mal' };
      statuses.push((await app.call('POST', '/api/auth/login', guess, headers)).status);
    }
    expect(statuses).toContain(429);
  });

  it('that name another host do not get into a link', async () => {
    const who = { email: 'enlace@tienda.test', name: 'E', role: 'viewer' };
    const answer = await shop.call('POST', '/api/invitations', who, { 'x-forwarded-host': 'evil.example' });
    expect(answer.body.link).toMatch(/^http:\/\/127\.0\.0\.1:/);
  });

  it('that carry line breaks or nothing readable are put into no answer', async () => {
    const answer = await shop.call('GET', '/api/tenant', undefined, { 'x-request-id': 'a b<script>' });
    expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('a proxy that is trusted', () => {
  it('says who is calling, and only it', async () => {
    const behind = await startTestApp({ TRUSTED_PROXIES: '127.0.0.1', LOG_LEVEL: 'silent' });
    try {
      const owner = await behind.openShop();
      const guess = (from: string, password: string) =>
        behind.call('POST', '/api/auth/login', { email: owner.email, password }, { 'x-forwarded-for': from });
      for (let n = 0; n < 12; n += 1) await guess('203.0.113.1', 'mal');
      expect((await guess('203.0.113.1', owner.password)).status).toBe(429);
      // What the caller itself put in front of the proxy's own word is not believed.
      expect((await guess('198.51.100.7, 203.0.113.1', owner.password)).status).toBe(429);
      expect((await guess('203.0.113.2', owner.password)).status).toBe(200);
    } finally {
      await behind.close();
    }
  });
});

async function rawGet(path: string): Promise<{ status: number }> {
  const { request } = await import('node:http');
  const { hostname, port } = new URL(app.url);
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, method: 'GET' }, (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0 });
    })
      .on('error', reject)
      .end();
  });
}
