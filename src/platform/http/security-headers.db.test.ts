import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../../test/support/app.js';

const PANEL = 'https://panel.tienda.test';
const HOSTILE = 'https://evil.test';

let app: TestApp;
let plain: TestApp;
beforeAll(async () => {
  app = await startTestApp({ PUBLIC_URL: 'https://api.tienda.test', CORS_ORIGINS: `${PANEL}, http://localhost:5173` });
  plain = await startTestApp({ PUBLIC_URL: 'http://api.tienda.test' });
});
afterAll(async () => {
  await app.close();
  await plain.close();
});

const preflight = (to: TestApp, origin: string) =>
  fetch(`${to.url}/api/bots`, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization, content-type',
    },
  });
const corsHeadersOf = (headers: Headers) => [...headers.keys()].filter((name) => name.startsWith('access-control-'));

describe('security headers', () => {
  it('are on every answer, refusals and preflights too', async () => {
    const shop = await app.openShop();
    const answers = [
      await shop.call('GET', '/api/bots'),
      await shop.call('POST', '/api/bots', { nope: 1 }),
      await app.call('GET', '/api/bots'),
      await app.call('GET', '/api/nowhere'),
      await app.call('GET', '/api/%zz'),
      await app.call('GET', '/health/live'),
      await app.call('GET', '/metrics'),
      await app.call('POST', '/webhooks/nobody', {}),
      await preflight(app, PANEL),
    ];
    for (const { headers } of answers) {
      expect(Object.fromEntries(headers)).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'x-frame-options': 'DENY',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'strict-transport-security': 'max-age=31536000',
        'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      });
    }
  });

  it('promise https only where it is served', async () => {
    expect((await plain.call('GET', '/health/live')).headers.get('strict-transport-security')).toBeNull();
  });

  it('let Swagger UI run its own scripts and nothing from elsewhere', async () => {
    const page = await app.call('GET', '/api/docs');
    const policy = page.headers.get('content-security-policy') ?? '';
    expect([page.status, policy]).toEqual([200, expect.stringContaining("script-src 'self';")]);
    expect(policy).toContain("frame-ancestors 'none'");
    // What the policy forbids must not be needed: scripts in the page, or from another host.
    const scripts = [...String(page.body).matchAll(/<script([^>]*)>([^<]*)/g)];
    expect(scripts.length).toBeGreaterThan(0);
    for (const [, attributes, inline] of scripts) {
      expect(attributes).toMatch(/src="\.?\/?[\w./-]+"/);
      expect(inline?.trim()).toBe('');
    }
    const sources = scripts.map(([, attributes]) => /src="([^"]+)"/.exec(attributes ?? '')?.[1] ?? '');
    for (const source of sources) {
      const script = await fetch(new URL(source, `${app.url}/api/docs`));
      expect([source, script.status, script.headers.get('x-content-type-options')]).toEqual([source, 200, 'nosniff']);
      expect(script.headers.get('content-type')).toContain('javascript');
    }
    expect((await app.call('GET', '/api/docsx')).headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; f/,
    );
  });
});

describe('the CORS allow-list', () => {
  it('lets a listed origin ask, and read the headers that clients need', async () => {
    const asked = await preflight(app, PANEL);
    expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([204, PANEL]);
    expect(asked.headers.get('access-control-allow-methods')).toContain('POST');
    expect(asked.headers.get('access-control-allow-headers')).toContain('authorization');
    const shop = await app.openShop();
    const { status, headers } = await shop.call('GET', '/api/bots', undefined, { origin: PANEL });
    expect([status, headers.get('access-control-allow-origin')]).toEqual([200, PANEL]);
    expect(headers.get('access-control-expose-headers')).toContain('ratelimit-remaining');
    expect(headers.get('vary')?.toLowerCase()).toContain('origin');
    const refused = await app.call('GET', '/api/bots', undefined, { origin: PANEL });
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, PANEL]);
  });

  it('says nothing to a hostile origin, one that only looks alike, and a page without origin', async () => {
    const shop = await app.openShop();
    const liars = [
      HOSTILE,
      `${PANEL}.evil.test`,
      'http://panel.tienda.test',
      `${PANEL}:8443`,
      'null',
      PANEL.toUpperCase(),
    ];
    for (const origin of liars) {
      const asked = await preflight(app, origin);
      expect([origin, asked.status, corsHeadersOf(asked.headers)]).toEqual([origin, 404, []]);
      const { headers } = await shop.call('GET', '/api/bots', undefined, { origin });
      expect([origin, corsHeadersOf(headers)]).toEqual([origin, []]);
    }
  });

  it('never lets credentials of the browser travel', async () => {
    expect((await preflight(app, PANEL)).headers.get('access-control-allow-credentials')).toBeNull();
  });

  it('is empty unless it is set', async () => {
    const asked = await preflight(plain, PANEL);
    expect([asked.status, corsHeadersOf(asked.headers)]).toEqual([405, []]);
  });
});
