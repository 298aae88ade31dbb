import { afterEach, expect, it, vi } from 'vitest';
import { startTestApp, type TestApp } from '../../../test/support/app.js';
import { makeKey } from '../../../test/support/api-keys.js';
import { openCutLine, type CutLine } from '../../../test/support/cut-line.js';
import { AppModule } from '../../app.module.js';

let app: TestApp;
let line: CutLine | undefined;
afterEach(() => app.close());

it('answers 503 with Retry-After while Postgres is away, told once and not per request, and works again after', async () => {
  app = await startTestApp({}, async (options) => {
    line = await openCutLine(options.databaseUrl);
    return AppModule.forRoot({ ...options, databaseUrl: line.url });
  });
  const shop = await app.openShop();
  const key = await makeKey(app, shop, ['bots:read']);
  const log = app.app.getHttpAdapter().getInstance().log;
  const told = { error: vi.spyOn(log, 'error'), warn: vi.spyOn(log, 'warn') };
  const child = vi.spyOn(log, 'child').mockImplementation(() => log);
  await line?.cut();
  const asks = [
    () => shop.call('GET', '/api/bots'),
    () => key.call('GET', '/api/bots'),
    () => shop.call('POST', '/api/bots', { name: 'Bot' }),
    () => app.call('POST', '/api/auth/login', { email: shop.email, password: shop.password }),
  ];
  for (const ask of asks) {
    const { status, body, headers } = await ask();
    expect([status, body.code, headers.get('retry-after')]).toEqual([503, 'database_unavailable', '5']);
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(JSON.stringify(body)).not.toMatch(/ECONN|127\.0\.0\.1/);
  }
  expect(child).toHaveBeenCalled();
  expect(told.warn.mock.calls.filter(([, message]) => String(message).startsWith('Postgres is away'))).toHaveLength(1);
  expect(told.error.mock.calls.filter(([, message]) => message === 'request failed')).toEqual([]);
  await line?.mend();
  await expect.poll(async () => (await shop.call('GET', '/api/bots')).status, { timeout: 10_000 }).toBe(200);
});
