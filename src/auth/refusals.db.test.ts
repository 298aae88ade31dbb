import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeKey } from '../../test/support/api-keys.js';
import type { Shop, TestApp } from '../../test/support/app.js';
import { startFeatures } from '../../test/support/features.js';
import { AuthModule } from './auth.module.js';

let app: TestApp;
let shop: Shop;
beforeAll(async () => {
  app = await startFeatures([AuthModule]);
  shop = await app.openShop();
});
afterAll(() => app.close());

/** Asks until the answer is another than `expected`; gives up after `times`. */
async function firstOther(times: number, expected: number, ask: () => ReturnType<TestApp['call']>) {
  for (let count = 1; count <= times; count += 1) {
    const { status, body, headers } = await ask();
    if (status !== expected) return [count, status, body.code, Number(headers.get('retry-after')) > 0];
  }
  return null;
}

describe('guessing is slowed down', () => {
  it('at the sign-in of browsers, after ten failures', async () => {
    const { email } = await app.openShop();
    const ask = () => app.call('POST', '/api/auth/session', { email, password: 'no es esta' });
    expect(await ask()).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } });
    expect(await firstOther(12, 401, ask)).toEqual([11, 429, 'too_many_attempts', true]);
  });

  it('where somebody found a browser open, after as many', async () => {
    const { call } = await app.openShop();
    const wrong = { currentPassword: 'no es esta', newPassword: 'una frase larga' };
    const ask = () => call('POST', '/api/auth/password', wrong);
    expect(await firstOther(13, 422, ask)).toEqual([12, 429, 'too_many_attempts', true]);
  });

  it('where links are asked for: sixty an hour from one address', async () => {
    const ask = () => app.call('POST', '/api/auth/password-resets', { email: 'nadie@tienda.test' });
    expect(await firstOther(62, 204, ask)).toEqual([61, 429, 'too_many_attempts', true]);
  });
});

describe('a program', () => {
  it('has no sessions to look at or to end', async () => {
    const { call } = await makeKey(app, shop, ['bots:read']);
    const refused = [
      await call('GET', '/api/auth/sessions'),
      await call('DELETE', '/api/auth/sessions'),
      await call('DELETE', '/api/auth/sessions/00000000-0000-4000-8000-000000000000'),
    ];
    expect(refused.map(({ status, body }) => [status, body.code])).toEqual(refused.map(() => [403, 'people_only']));
  });
});
