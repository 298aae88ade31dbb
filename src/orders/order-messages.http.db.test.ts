import { afterAll, beforeAll, expect, it } from 'vitest';
import type { TestApp } from '../../test/support/app.js';
import { signInAs, startFeatures } from '../../test/support/features.js';
import { AuthModule } from '../auth/auth.module.js';
import { OrdersModule } from './orders.module.js';

let app: TestApp;
beforeAll(async () => {
  app = await startFeatures([AuthModule, OrdersModule]);
});
afterAll(() => app.close());

it('/api/order-messages lists, changes and resets', async () => {
  const shop = await app.openShop();
  expect((await shop.call('GET', '/api/order-messages')).body.items).toHaveLength(7);
  const path = '/api/order-messages/paid';
  expect((await shop.call('PATCH', path, { texts: { pt: 'Pago #{number}' } })).body.texts.pt).toBe('Pago #{number}');
  expect((await shop.call('DELETE', path)).body.isDefault).toBe(true);
});

it('/api/order-messages refuses a word it does not know and a state there is not', async () => {
  const shop = await app.openShop();
  const bad = await shop.call('PATCH', '/api/order-messages/paid', { texts: { es: 'Hola {nombre}' } });
  expect([bad.status, bad.body.errors[0].field]).toEqual([400, 'texts.es']);
  expect((await shop.call('PATCH', '/api/order-messages/eaten', {})).body.errors[0].field).toBe('state');
});

it('/api/order-messages is written by managers, read by sellers', async () => {
  const shop = await app.openShop();
  const [seller, manager] = [await signInAs(app, shop, 'seller'), await signInAs(app, shop, 'manager')];
  expect((await seller.call('GET', '/api/order-messages')).status).toBe(200);
  expect((await seller.call('PATCH', '/api/order-messages/paid', { isOn: false })).status).toBe(403);
  expect((await manager.call('PATCH', '/api/order-messages/paid', { isOn: false })).status).toBe(200);
  expect((await app.call('GET', '/api/order-messages')).status).toBe(401);
});
