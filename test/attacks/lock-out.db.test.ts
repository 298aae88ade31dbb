import { afterAll, beforeAll, expect, it } from 'vitest';
import { AuthModule } from '../../src/auth/auth.module.js';
import type { Shop, TestApp } from '../support/app.js';
import { openBrowser } from '../support/browser.js';
import { startFeatures } from '../support/features.js';

let app: TestApp;
let shop: Shop;
beforeAll(async () => {
  app = await startFeatures([AuthModule], { TRUSTED_PROXIES: '127.0.0.1' });
  shop = await app.openShop();
});
afterAll(() => app.close());

const from = (address: string) => ({ 'x-forwarded-for': address });

it('a guesser from many addresses slows strangers down, and does not lock the owner out', async () => {
  const browser = openBrowser(app);
  await browser.signIn(shop.email, shop.password);
  const guesses = Array.from({ length: 112 }, (_, n) =>
    app.call('POST', '/api/auth/login', { email: shop.email, password: 'mal' }, from(`203.0.113.${n}`)),
  );
  await Promise.all(guesses);
  const right = { email: shop.email, password: shop.password };
  const stranger = await app.call('POST', '/api/auth/login', right, from('198.51.100.1'));
  expect([stranger.status, Number(stranger.headers.get('retry-after')) <= 30]).toEqual([429, true]);
  const owner = await browser.call('POST', '/api/auth/session', right, from('198.51.100.1'));
  expect(owner.status).toBe(200);
  const neighbour = await app.openShop();
  expect((await neighbour.call('GET', '/api/auth/me')).status).toBe(200);
});

it('a device known to one account is a stranger to another, and a made-up one to all', async () => {
  const other = await app.openShop();
  const browser = openBrowser(app);
  await browser.signIn(other.email, other.password);
  const device = browser.cookies.get('dashoffice_device') ?? '';
  const right = { email: shop.email, password: shop.password };
  for (let n = 0; n < 12; n += 1)
    await app.call('POST', '/api/auth/login', { ...right, password: 'mal' }, from('198.51.100.9'));
  for (const cookie of [`dashoffice_device=${device}`, 'dashoffice_device=nonsense']) {
    const answer = await app.call('POST', '/api/auth/login', right, { ...from('198.51.100.9'), cookie });
    expect(answer.status).toBe(429);
  }
});

it('an account that does not exist is slowed down just as one that does', async () => {
  const statusesOf = async (email: string, address: string) => {
    const statuses: number[] = [];
    for (let n = 0; n < 13; n += 1)
      statuses.push((await app.call('POST', '/api/auth/login', { email, password: 'mal' }, from(address))).status);
    return statuses;
  };
  const known = await app.openShop();
  expect(await statusesOf('nadie@tienda.test', '192.0.2.1')).toEqual(await statusesOf(known.email, '192.0.2.2'));
});
