import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../../test/support/app.js';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ CORS_ORIGINS: 'https://shop.example.com' });
});
afterAll(() => app.close());

it.each([
  ['PUT', '/api/bots', 'GET, HEAD, POST'],
  ['DELETE', '/api/auth/login', 'POST'],
  ['POST', '/api/bots/8d5e2f14-90ab-4c3d-8e7f-1a2b3c4d5e6f?x=1', 'DELETE, GET, HEAD, PATCH'],
  ['GET', '/send', 'POST'],
  ['POST', '/api/sellers/settings', 'GET, HEAD, PATCH, PUT'],
])('%s %s is 405 with what the path does have', async (method, path, allowed) => {
  const { status, body, headers } = await app.call(method, path);
  expect([status, body.code, headers.get('allow')]).toEqual([405, 'method_not_allowed', allowed]);
  expect(headers.get('content-type')).toContain('application/problem+json');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
});

it('a path that nobody knows stays 404, whatever the method', async () => {
  for (const method of ['GET', 'POST', 'DELETE'])
    expect([method, (await app.call(method, '/api/nowhere')).status]).toEqual([method, 404]);
  expect((await app.call('POST', '/api/bots/')).status).toBe(404);
});
