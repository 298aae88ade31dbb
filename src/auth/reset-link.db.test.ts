import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Shop, startTestApp, type TestApp } from '../../test/support/app.js';
import { ENV } from '../platform/config/env.js';
import { OwnerDatabase } from '../platform/database/owner-database.js';
import { makeResetLink } from './reset-link.js';

let app: TestApp;
let shop: Shop;
beforeAll(async () => {
  app = await startTestApp({ PUBLIC_URL: 'https://api.tienda.test' });
  shop = await app.openShop();
});
afterAll(() => app.close());

const make = (email: string) => makeResetLink(app.app.get(OwnerDatabase, { strict: false }), app.app.get(ENV), email);
const finish = (token: string) =>
  app.call('POST', '/api/auth/password-resets/finish', { token, password: 'otra frase larga' });

it('lets an owner who forgot the password back in, once, and ends what was open', async () => {
  const made = await make(shop.email.toUpperCase());
  expect(made?.link).toBe(`https://api.tienda.test/password-reset#${made?.token}`);
  expect((await finish(made?.token ?? '')).status).toBe(204);
  expect((await finish(made?.token ?? '')).body.code).toBe('invalid_link');
  expect((await shop.call('GET', '/api/auth/me')).status).toBe(401);
  const again = await app.call('POST', '/api/auth/login', { email: shop.email, password: 'otra frase larga' });
  expect(again.status).toBe(200);
});

it('makes none for a stranger, nor for who was switched off', async () => {
  expect(await make('nadie@tienda.test')).toBeNull();
  const other = await app.openShop();
  await app.owner.query('update app_user set is_active = false where email = $1', [other.email]);
  expect(await make(other.email)).toBeNull();
});
