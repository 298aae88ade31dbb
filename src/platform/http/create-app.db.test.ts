import { afterEach, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../../test/support/app.js';

let app: TestApp;
afterEach(() => app.close());

describe('the HTTP side of a process', () => {
  it('answers every failure as problem+json with the request id the caller chose', async () => {
    app = await startTestApp();
    const missing = await app.call('GET', '/api/nowhere', undefined, { 'x-request-id': 'from-the-proxy-1' });
    expect([missing.status, missing.headers.get('content-type')]).toEqual([
      404,
      expect.stringContaining('application/problem+json'),
    ]);
    expect(missing.body).toMatchObject({ code: 'not_found', status: 404, requestId: 'from-the-proxy-1' });
    expect(missing.headers.get('x-request-id')).toBe('from-the-proxy-1');
  });

  it('answers an address that cannot be read in the same form', async () => {
    app = await startTestApp();
    const broken = await app.call('GET', '/api/bots/%zz');
    expect([broken.status, broken.body.code, broken.headers.get('content-type')]).toEqual([
      400,
      'bad_request',
      expect.stringContaining('application/problem+json'),
    ]);
    const endless = await app.call('GET', `/api/bots/${'x'.repeat(2000)}`);
    expect([endless.status, endless.body.status]).toEqual([414, 414]);
  });

  it('makes a request id of its own when the caller sends something odd', async () => {
    app = await startTestApp();
    const { headers } = await app.call('GET', '/health/live', undefined, { 'x-request-id': 'a b; c' });
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('refuses a body that is not JSON, and one that is too large', async () => {
    app = await startTestApp();
    const post = (body: string) =>
      fetch(`${app.url}/api/auth/login`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const broken = await post('{"email":');
    expect([broken.status, await broken.json()]).toEqual([400, expect.objectContaining({ status: 400 })]);
    const large = await post(JSON.stringify({ email: 'x'.repeat(4 * 1024 * 1024) }));
    expect([large.status, await large.json()]).toEqual([413, expect.objectContaining({ status: 413 })]);
  });

  it('names every field that is wrong', async () => {
    app = await startTestApp();
    const { status, body } = await app.call('POST', '/api/auth/login', { email: 'no', extra: 1 });
    expect([status, body.code]).toEqual([400, 'invalid_input']);
    expect(body.errors.map(({ field }: { field: string }) => field)).toEqual(
      expect.arrayContaining(['email', 'password', 'extra']),
    );
  });

  it.each([
    ['api', '/api/bots'],
    ['adapter', '/status?bot_id=1'],
    ['analytics', '/api/analytics/metrics'],
  ])('opens as %s with the features that role needs', async (role, path) => {
    app = await startTestApp({ ROLE: role });
    expect((await app.call('GET', '/health/ready')).body.checks).toContainEqual(
      expect.objectContaining({ name: 'postgres', status: 'up' }),
    );
    expect((await app.call('GET', path)).status).toBe(401);
  });

  it('opens as orchestrator with the owners of the actions its turns run', async () => {
    app = await startTestApp({ ROLE: 'orchestrator' });
    const { ActionRegistry } = await import('../../flows/action-registry.service.js');
    const names = app.app
      .get(ActionRegistry, { strict: false })
      .list()
      .map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['cart.add', 'contacts.update', 'orders.place', 'products.search', 'sellers.assign']),
    );
    expect((await app.call('POST', '/message', {})).status).toBe(401);
  });

  it('serves a role its own routes and no others', async () => {
    app = await startTestApp({ ROLE: 'adapter' });
    expect((await app.call('GET', '/health/live')).status).toBe(200);
    expect((await app.call('GET', '/status?bot_id=1')).status).toBe(401);
    const refused = await app.call('GET', '/api/bots');
    expect([refused.status, refused.body.code]).toEqual([404, 'not_served_here']);
  });
});

describe('health and metrics', () => {
  it('says up with a line per dependency and per provider, and down once it is about to stop', async () => {
    app = await startTestApp({ META_GRAPH_URL: 'http://127.0.0.1:9' });
    const { status, body } = await app.call('GET', '/health/ready');
    expect([status, body.status]).toEqual([200, 'degraded']);
    expect(body.checks).toEqual(
      expect.arrayContaining([
        { name: 'postgres', status: 'up', detail: null },
        expect.objectContaining({ name: 'provider-official', status: 'degraded' }),
        expect.objectContaining({ name: 'provider-simulator', status: 'up' }),
      ]),
    );
    const { Drain } = await import('../drain.js');
    app.app.get(Drain, { strict: false }).begin();
    expect(await app.call('GET', '/health/ready')).toMatchObject({ status: 503, body: { status: 'down' } });
    expect((await app.call('GET', '/health/live')).status).toBe(200);
  });

  it('shows metrics to this machine, and hides them from whoever a proxy speaks for', async () => {
    app = await startTestApp();
    await app.call('GET', '/health/live');
    const { status, body } = await app.call('GET', '/metrics');
    expect([status, body]).toEqual([200, expect.stringContaining('dashoffice_http_request_duration_seconds')]);
    expect(body).toContain('route="/health/live"');
    const series = body
      .split('\n')
      .filter((line: string) => line.includes('_bucket{') && line.includes('/health/live'));
    // Seven and the one without a bound.
    expect(series).toHaveLength(8);
    expect(series[0]).toContain('status="2xx"');
    const outside = await app.call('GET', '/metrics', undefined, { 'x-forwarded-for': '203.0.113.9' });
    expect(outside.status).toBe(403);
  });

  it('wants the token when one is set', async () => {
    app = await startTestApp({ METRICS_TOKEN: 'a-token-of-16-chars' });
    expect((await app.call('GET', '/metrics')).status).toBe(403);
    const authorization = 'Bearer a-token-of-16-chars';
    expect((await app.call('GET', '/metrics', undefined, { authorization })).status).toBe(200);
  });
});
