import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Shop, TestApp } from '../../test/support/app.js';
import { signInAs, startFeatures } from '../../test/support/features.js';
import { AuthModule } from '../auth/auth.module.js';
import { ProductsModule } from './products.module.js';

let app: TestApp;
let shop: Shop;
let stranger: Shop;
let viewer: Shop;
beforeAll(async () => {
  app = await startFeatures([AuthModule, ProductsModule]);
  [shop, stranger] = [await app.openShop(), await app.openShop()];
  viewer = await signInAs(app, shop, 'viewer');
});
afterAll(() => app.close());

/** What a route must refuse, whatever it does: no token, no permission, another business's id. */
async function guards(method: string, path: string, body?: object): Promise<(number | string)[]> {
  const answers = [
    await app.call(method, path, body),
    await viewer.call(method, path, body),
    await stranger.call(method, path, body),
  ];
  return answers.map(({ status }) => status);
}

const shirt = {
  sku: 'CAM',
  name: { es: 'Camiseta' },
  priceMinor: 1000,
  optionNames: [{ es: 'Talla' }],
  variants: [{ sku: 'CAM-S', optionValues: [{ es: 'S' }], initialStock: 3 }],
};

describe('the catalogue over HTTP', () => {
  it('makes, lists, reads and changes products with their revision', async () => {
    const made = await shop.call('POST', '/api/products', shirt);
    expect([made.status, made.headers.get('etag'), made.body.onHand]).toEqual([201, '"1"', 3]);
    const path = `/api/products/${made.body.id}`;
    expect((await viewer.call('GET', path)).body).toEqual(made.body);
    expect((await viewer.call('GET', '/api/products?text=camiseta')).body.items).toEqual([made.body]);
    const changed = await shop.call('PATCH', path, { priceMinor: 1200 }, { 'if-match': '"1"' });
    expect([changed.status, changed.body.priceMinor, changed.headers.get('etag')]).toEqual([200, 1200, '"2"']);
    expect((await shop.call('PATCH', path, { priceMinor: 1 }, { 'if-match': '"1"' })).status).toBe(412);
    expect(await guards('PATCH', path, { priceMinor: 1 })).toEqual([401, 403, 404]);
    expect(await guards('GET', path)).toEqual([401, 200, 404]);
    const twice = await shop.call('POST', '/api/products', shirt);
    expect([twice.status, twice.body.code, twice.body.errors[0].field]).toEqual([409, 'sku_taken', 'sku']);
  });

  it('names the field of a product that is wrong', async () => {
    const wrong = async (more: object) => {
      const { status, body } = await shop.call('POST', '/api/products', { ...shirt, sku: 'X', ...more });
      return [status, body.errors[0].field];
    };
    expect(await wrong({ initialStock: 1 })).toEqual([400, 'initialStock']);
    expect(await wrong({ images: [{ url: 'https://x.test/a b.jpg' }] })).toEqual([400, 'images.0.url']);
    expect(await wrong({ optionNames: [{ es: 'a;b' }] })).toEqual([400, 'optionNames.0']);
    expect(await wrong({ optionNames: [] })).toEqual([422, 'optionValues']);
    expect(await wrong({ currency: 'USD' })).toEqual([422, 'currency']);
    expect(await wrong({ categoryId: '00000000-0000-4000-8000-000000000000' })).toEqual([422, 'categoryId']);
  });

  it('adds and changes variants', async () => {
    const { body } = await shop.call('POST', '/api/products', { ...shirt, sku: 'V', variants: [] });
    const path = `/api/products/${body.id}/variants`;
    const input = { sku: 'V-M', optionValues: [{ es: 'M' }], initialStock: 2 };
    const added = await shop.call('POST', path, input);
    expect([added.status, added.headers.get('etag'), added.body.onHand]).toEqual([201, '"1"', 2]);
    expect((await viewer.call('GET', path)).body.items).toEqual([added.body]);
    const one = `${path}/${added.body.id}`;
    const changed = await shop.call('PATCH', one, { priceMinor: 900 }, { 'if-match': '"1"' });
    expect([changed.status, changed.body.ownPriceMinor, changed.headers.get('etag')]).toEqual([200, 900, '"2"']);
    expect((await shop.call('PATCH', one, { priceMinor: -1 })).body.errors).toMatchObject([{ field: 'priceMinor' }]);
    expect(await guards('GET', path)).toEqual([401, 200, 404]);
    expect(await guards('POST', path, input)).toEqual([401, 403, 404]);
    expect(await guards('PATCH', one, { priceMinor: 1 })).toEqual([401, 403, 404]);
  });

  it('adjusts the stock once by one key, and shows movements and holds', async () => {
    const { body } = await shop.call('POST', '/api/products', { sku: 'S', name: { es: 'S' }, priceMinor: 1 });
    const path = `/api/products/${body.id}/stock`;
    const input = { quantity: 4, reason: 'received' };
    const key = { 'idempotency-key': 'llegada-1' };
    const [first, again] = [
      await shop.call('POST', `${path}/adjustments`, input, key),
      await shop.call('POST', `${path}/adjustments`, input, key),
    ];
    expect([first.status, first.body.onHand]).toEqual([200, 4]);
    expect(again.body).toEqual(first.body);
    // As after a crash between the work and the keeping of its answer.
    await app.owner.query('delete from idempotency_key where tenant_id = $1', [shop.tenantId]);
    expect((await shop.call('POST', `${path}/adjustments`, input, key)).body.onHand).toBe(4);
    const movements = await viewer.call('GET', `${path}/movements?reason=received`);
    expect(movements.body).toMatchObject({ items: [{ quantity: 4, reason: 'received' }], nextCursor: null });
    expect((await viewer.call('GET', `${path}/holds`)).body).toEqual({ items: [], nextCursor: null });
    expect((await viewer.call('GET', path)).body.ledger.items).toHaveLength(1);
    const wrong = await shop.call('POST', `${path}/adjustments`, { quantity: 0, reason: 'stolen' });
    expect(wrong.body.errors.map(({ field }: { field: string }) => field)).toEqual(['quantity', 'reason']);
    expect(await guards('POST', `${path}/adjustments`, input)).toEqual([401, 403, 404]);
    for (const part of ['', '/movements', '/holds']) expect(await guards('GET', path + part)).toEqual([401, 200, 404]);
  });

  it('keeps categories', async () => {
    const made = await shop.call('POST', '/api/product-categories', { name: { es: 'Ropa' } });
    expect([made.status, made.headers.get('etag'), made.body.path]).toEqual([201, '"1"', 'Ropa']);
    const path = `/api/product-categories/${made.body.id}`;
    expect((await viewer.call('GET', path)).body).toEqual(made.body);
    expect((await viewer.call('GET', '/api/product-categories')).body.items).toEqual([made.body]);
    const changed = await shop.call('PATCH', path, { name: { es: 'Moda' } }, { 'if-match': '"1"' });
    expect([changed.status, changed.body.path]).toEqual([200, 'Moda']);
    const odd = await shop.call('PATCH', path, { name: { es: 'A > B' } });
    expect([odd.status, odd.body.errors[0].field]).toEqual([400, 'name.es']);
    expect(await guards('GET', path)).toEqual([401, 200, 404]);
    expect(await guards('PATCH', path, { position: 1 })).toEqual([401, 403, 404]);
    expect(await guards('DELETE', path)).toEqual([401, 403, 404]);
    expect((await shop.call('DELETE', path)).status).toBe(204);
    expect((await shop.call('GET', path)).status).toBe(404);
  });
});
