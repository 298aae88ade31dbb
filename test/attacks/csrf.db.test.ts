import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuthModule } from '../../src/auth/auth.module.js';
import type { Shop, TestApp } from '../support/app.js';
import { type Browser, openBrowser } from '../support/browser.js';
import { startFeatures } from '../support/features.js';

let app: TestApp;
let shop: Shop;
let browser: Browser;
let csrf: string;
beforeAll(async () => {
  app = await startFeatures([AuthModule], { CORS_ORIGINS: 'https://panel.example' });
  shop = await app.openShop();
  browser = openBrowser(app);
  csrf = await browser.signIn(shop.email, shop.password);
});
afterAll(() => app.close());

const rename = (headers: Record<string, string>) => browser.call('PATCH', '/api/tenant', { name: 'Robada' }, headers);

describe('a page of another site', () => {
  it('changes nothing with its visitor’s cookies', async () => {
    const another = openBrowser(app);
    const foreign = await another.signIn(shop.email, shop.password);
    const tries: Record<string, string>[] = [
      {},
      { 'x-csrf-token': '' },
      { 'x-csrf-token': 'A'.repeat(43) },
      { 'x-csrf-token': 'é'.repeat(43) },
      { 'x-csrf-token': `${csrf}x` },
      { 'x-csrf-token': foreign },
      { 'x-xsrf-token': csrf },
      { 'x-http-method-override': 'GET' },
    ];
    for (const headers of tries) {
      const answer = await rename(headers);
      expect([headers, answer.status, answer.body.code]).toEqual([headers, 403, 'csrf_token_invalid']);
    }
    expect((await shop.call('GET', '/api/tenant')).body.name).not.toBe('Robada');
  });

  it('gains nothing by planting a CSRF cookie of its own', async () => {
    const cookie = `dashoffice_session=${browser.cookies.get('dashoffice_session')}; dashoffice_csrf=${'A'.repeat(43)}`;
    const headers = { cookie, 'x-csrf-token': 'A'.repeat(43) };
    expect((await app.call('PATCH', '/api/tenant', { name: 'Robada' }, headers)).body.code).toBe('csrf_token_invalid');
  });

  it('posts no form: a form cannot carry the header, whatever its encoding', async () => {
    for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x']) {
      const response = await fetch(`${app.url}/api/users`, {
        method: 'POST',
        headers: { cookie: `dashoffice_session=${browser.cookies.get('dashoffice_session')}`, 'content-type': type },
        body: 'email=x@x.test&name=x&password=una+frase+larga&role=owner',
      });
      expect([403, 415]).toContain(response.status);
    }
  });

  it('neither signs its visitor in to an account of its own nor reads an answer', async () => {
    const credentials = { email: shop.email, password: shop.password };
    for (const origin of ['https://evil.example', 'null', `${app.url}.evil.example`]) {
      const answer = await app.call('POST', '/api/auth/session', credentials, { origin });
      expect([origin, answer.body.code]).toEqual([origin, 'cross_site_request']);
      expect(answer.headers.getSetCookie()).toEqual([]);
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    }
    for (const origin of [app.url, 'https://panel.example'])
      expect((await app.call('POST', '/api/auth/session', credentials, { origin })).status).toBe(200);
  });
});

describe('our own page', () => {
  it('changes with cookie and token, reads with the cookie alone, and a program with a token needs neither', async () => {
    expect((await browser.call('GET', '/api/tenant')).status).toBe(200);
    expect((await rename({ 'x-csrf-token': csrf })).status).toBe(200);
    expect((await shop.call('PATCH', '/api/tenant', { name: 'Mía' })).status).toBe(200);
  });

  it('that sends a bad token beside a good cookie is judged by the token', async () => {
    const answer = await browser.call('GET', '/api/tenant', undefined, { authorization: 'Bearer nonsense' });
    expect(answer.status).toBe(401);
  });
});
