import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Shop, TestApp } from '../../test/support/app.js';
import { signInAs, startFeatures } from '../../test/support/features.js';
import { AuthModule } from '../auth/auth.module.js';
import { OrdersModule } from './orders.module.js';

let app: TestApp;
let shop: Shop;
let productId: string;
let contactId: string;
beforeAll(async () => {
  app = await startFeatures([AuthModule, OrdersModule]);
});
beforeEach(async () => {
  shop = await app.openShop();
  const product = { sku: 'CAF', name: { es: 'Café de olla' }, priceMinor: 1500, initialStock: 10 };
  productId = (await shop.call('POST', '/api/products', product)).body.id;
  contactId = randomUUID();
  await app.owner.query(`insert into contact (id, tenant_id, name) values ($1, $2, 'Rosa')`, [
    contactId,
    shop.tenantId,
  ]);
});
afterAll(() => app.close());

const lines = (quantity = 1) => [{ productId, quantity }];
const fieldsOf = ({ body }: { body: { errors?: { field: string }[] } }) =>
  (body.errors ?? []).map(({ field }) => field);

describe('/api/products', () => {
  it('creates, reads with an ETag, changes with If-Match and lists', async () => {
    const made = await shop.call('POST', '/api/products', {
      sku: 'TAZ',
      name: { es: 'Taza', en: 'Mug' },
      priceMinor: 9000,
    });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ sku: 'TAZ', currency: 'MXN', available: 0, isActive: true, revision: 1 });
    const path = `/api/products/${made.body.id}`;
    expect((await shop.call('GET', path)).headers.get('etag')).toBe('"1"');
    const changed = await shop.call('PATCH', path, { isActive: false }, { 'if-match': '"1"' });
    expect([changed.status, changed.headers.get('etag')]).toEqual([200, '"2"']);
    expect((await shop.call('PATCH', path, { isActive: true }, { 'if-match': '"1"' })).status).toBe(412);
    const list = await shop.call('GET', '/api/products?active=true&text=OLLA&limit=5');
    expect(list.body).toMatchObject({ items: [{ sku: 'CAF', onHand: 10 }], nextCursor: null });
  });

  it('shows the stock and adjusts it, once per Idempotency-Key', async () => {
    const path = `/api/products/${productId}/stock`;
    const adjust = () =>
      shop.call('POST', `${path}/adjustments`, { quantity: -3, note: 'Rotas' }, { 'idempotency-key': 'broken-3' });
    expect([(await adjust()).body.onHand, (await adjust()).body.onHand]).toEqual([7, 7]);
    const stock = await shop.call('GET', `${path}?limit=1`);
    expect(stock.body).toMatchObject({
      onHand: 7,
      held: 0,
      available: 7,
      holds: [],
      ledger: { items: [{ note: 'Rotas' }] },
    });
    const short = await shop.call('POST', `${path}/adjustments`, { quantity: -8 });
    expect([short.status, short.body.code]).toEqual([409, 'out_of_stock']);
  });

  it('names every field that does not fit', async () => {
    const bad = await shop.call('POST', '/api/products', { sku: '', name: { en: 'x' }, priceMinor: 1.5, extra: 1 });
    expect(bad.status).toBe(400);
    expect(bad.headers.get('content-type')).toContain('application/problem+json');
    expect(fieldsOf(bad)).toEqual(expect.arrayContaining(['sku', 'name.es', 'priceMinor']));
    const zero = await shop.call('POST', `/api/products/${productId}/stock/adjustments`, { quantity: 0 });
    expect(fieldsOf(zero)).toEqual(['quantity']);
    expect(fieldsOf(await shop.call('GET', '/api/products/nope'))).toEqual(['id']);
    expect(fieldsOf(await shop.call('GET', '/api/products?active=maybe'))).toEqual(['active']);
  });
});

describe('/api/sellers', () => {
  it('creates, reads, pauses and lists', async () => {
    const made = await shop.call('POST', '/api/sellers', { name: 'Eva', phone: '+5215512345678' });
    expect(made.status).toBe(201);
    const path = `/api/sellers/${made.body.id}`;
    expect((await shop.call('PATCH', path, { isActive: false }, { 'if-match': '"1"' })).body).toMatchObject({
      isActive: false,
    });
    expect((await shop.call('GET', path)).headers.get('etag')).toBe('"2"');
    expect((await shop.call('GET', '/api/sellers?active=true')).body.items).toEqual([]);
    expect((await shop.call('GET', '/api/sellers')).body.items).toHaveLength(1);
    expect(fieldsOf(await shop.call('POST', '/api/sellers', { name: 'Eva', phone: '5512' }))).toEqual(['phone']);
  });
});

describe('/api/orders', () => {
  it('goes from placed to delivered with notes and a seller', async () => {
    const made = await shop.call('POST', '/api/orders', { contactId, lines: lines(2) });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ number: 1, state: 'placed', totalMinor: 3000, contactName: 'Rosa' });
    const path = `/api/orders/${made.body.id}`;
    expect((await shop.call('PATCH', path, { note: 'Timbre roto' }, { 'if-match': '"1"' })).body.revision).toBe(2);
    const eva = await shop.call('POST', '/api/sellers', { name: 'Eva', phone: '+5215512345678' });
    const assigned = await shop.call('POST', `${path}/assign`, { sellerId: eva.body.id }, { 'if-match': '"2"' });
    expect([assigned.status, assigned.body.sellerName]).toEqual([200, 'Eva']);
    for (const to of ['confirmed', 'paid', 'shipped', 'delivered'])
      expect((await shop.call('POST', `${path}/transitions`, { to })).body.state).toBe(to);
    const wrong = await shop.call('POST', `${path}/transitions`, { to: 'cancelled' });
    expect([wrong.status, wrong.body.code, fieldsOf(wrong)]).toEqual([409, 'order_move_not_allowed', ['to']]);
    const read = await shop.call('GET', path);
    expect(read.body.history.map(({ kind, to }: { kind: string; to: string }) => `${kind} ${to}`)).toEqual([
      'state placed',
      'edit placed',
      'assign placed',
      'state confirmed',
      'state paid',
      'state shipped',
      'state delivered',
    ]);
    expect(read.headers.get('etag')).toBe('"7"');
    const list = await shop.call('GET', '/api/orders?state=delivered&limit=1');
    expect(list.body).toMatchObject({ items: [{ number: 1, sellerName: 'Eva' }], nextCursor: null });
  });

  it('answers the first order to the same Idempotency-Key and body, and 422 to another body', async () => {
    const key = { 'idempotency-key': 'order-77' };
    const first = await shop.call('POST', '/api/orders', { contactId, lines: lines(2) }, key);
    const again = await shop.call('POST', '/api/orders', { contactId, lines: lines(2) }, key);
    expect(again.status).toBe(201);
    expect(again.body).toEqual(first.body);
    expect([again.headers.get('idempotency-replayed'), again.headers.get('etag')]).toEqual(['true', '"1"']);
    const other = await shop.call('POST', '/api/orders', { contactId, lines: lines(3) }, key);
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused']);
    expect((await shop.call('GET', `/api/products/${productId}`)).body.onHand).toBe(8);
  });

  it('makes one order of a request that is sent again after its answer was lost in a crash', async () => {
    const key = { 'idempotency-key': 'crashed' };
    const first = await shop.call('POST', '/api/orders', { contactId, lines: lines() }, key);
    await app.owner.query(
      `update idempotency_key set answer = null, started_at = now() - interval '2 minutes' where tenant_id = $1`,
      [shop.tenantId],
    );
    const again = await shop.call('POST', '/api/orders', { contactId, lines: lines() }, key);
    expect([again.status, again.body.id]).toEqual([201, first.body.id]);
    expect((await shop.call('GET', '/api/orders')).body.items).toHaveLength(1);
  });

  it('tells how much is left of each short line', async () => {
    const short = await shop.call('POST', '/api/orders', { contactId, lines: lines(11) });
    expect(short.status).toBe(409);
    expect(short.body).toMatchObject({ code: 'out_of_stock', problems: [{ productId, requested: 11, available: 10 }] });
    const twice = await shop.call('POST', '/api/orders', { contactId, lines: [...lines(), ...lines()] });
    expect(fieldsOf(twice)).toEqual(['lines']);
  });

  it('INV-8: shows a seller their own orders, a viewer no way to write, and another shop nothing', async () => {
    const { body } = await shop.call('POST', '/api/orders', { contactId, lines: lines() });
    const [seller, viewer] = [await signInAs(app, shop, 'seller'), await signInAs(app, shop, 'viewer')];
    const other = await app.openShop();
    expect((await seller.call('GET', `/api/orders/${body.id}`)).status).toBe(404);
    expect((await seller.call('GET', '/api/orders')).body.items).toEqual([]);
    expect((await viewer.call('GET', `/api/orders/${body.id}`)).status).toBe(200);
    expect((await viewer.call('POST', `/api/orders/${body.id}/transitions`, { to: 'confirmed' })).status).toBe(403);
    expect((await other.call('GET', `/api/orders/${body.id}`)).body.code).toBe('order_not_found');
    expect((await other.call('GET', `/api/products/${productId}`)).body.code).toBe('product_not_found');
    expect((await app.call('GET', '/api/orders')).status).toBe(401);
  });
});
