import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Shop, TestApp } from '../../test/support/app.js';
import { startFeatures } from '../../test/support/features.js';
import { AuthModule } from '../auth/auth.module.js';
import { ProductsModule } from './products.module.js';

let app: TestApp;
let shop: Shop;
beforeAll(async () => {
  app = await startFeatures([AuthModule, ProductsModule]);
  shop = await app.openShop();
});
afterAll(() => app.close());

let made = 0;
const sku = () => `R-${(made += 1)}`;
const size = (es: string) => ({ sku: sku(), optionValues: [{ es }] });

async function make(path: string, body: object): Promise<{ id: string; sku: string; variants: { id: string }[] }> {
  const answer = await shop.call('POST', path, body);
  expect([path, answer.status, answer.body]).toEqual([path, 201, answer.body]);
  return answer.body;
}
const makeProduct = (more: object = {}) =>
  make('/api/products', { sku: sku(), name: { es: 'Playera' }, priceMinor: 100, ...more });
const makeShirt = (...sizes: string[]) => makeProduct({ optionNames: [{ es: 'Talla' }], variants: sizes.map(size) });
const makeCategory = (es: string, parentId: string | null = null) =>
  make('/api/product-categories', { name: { es }, parentId });

/** Status, code and, where one is to blame, the field. */
async function refusal(method: string, path: string, body?: object): Promise<unknown[]> {
  const answer = await shop.call(method, path, body);
  return [answer.status, answer.body.code, ...(answer.body.errors ?? []).map(({ field }: { field: string }) => field)];
}

describe('a product is refused', () => {
  it('with a price, a category, options or a SKU it cannot have', async () => {
    const { sku: taken } = await makeProduct();
    const { id } = await makeShirt('S');
    const path = `/api/products/${id}`;
    const unknown = { categoryId: randomUUID() };
    expect(await refusal('PATCH', path, { sku: taken })).toEqual([409, 'sku_taken', 'sku']);
    expect(await refusal('PATCH', path, { currency: 'USD' })).toEqual([422, 'currency_mismatch', 'currency']);
    expect(await refusal('PATCH', path, unknown)).toEqual([422, 'unknown_category', 'categoryId']);
    expect(await refusal('PATCH', path, { optionNames: [] })).toEqual([422, 'option_count', 'optionNames']);
    expect(await refusal('PATCH', path, { priceMinor: -1 })).toEqual([400, 'invalid_input', 'priceMinor']);
    expect(await refusal('GET', `/api/products?categoryId=${randomUUID()}`)).toEqual([
      422,
      'unknown_category',
      'categoryId',
    ]);
    const twins = { sku: sku(), name: { es: 'X' }, priceMinor: 1, optionNames: [{ es: 'T' }] };
    expect(await refusal('POST', '/api/products', { ...twins, variants: [size('S'), size('S')] })).toEqual([
      409,
      'variant_taken',
      'optionValues',
    ]);
  });
});

describe('a variant is refused', () => {
  it('where it has no place', async () => {
    const shirt = await makeShirt('S');
    const [variant] = shirt.variants;
    const stocked = await makeProduct({ optionNames: [{ es: 'Talla' }], initialStock: 1 });
    const below = (id = '') => `/api/products/${id}/variants`;
    expect(await refusal('PATCH', `/api/products/${variant?.id}`, { priceMinor: 1 })).toEqual([409, 'is_variant']);
    expect(await refusal('POST', below(variant?.id), size('M'))).toEqual([409, 'is_variant']);
    expect(await refusal('POST', below(stocked.id), size('M'))).toEqual([409, 'has_stock']);
    expect(await refusal('POST', below(shirt.id), {})).toEqual([400, 'invalid_input', 'sku', 'optionValues']);
  });

  it('with the SKU or the options of another, or more options than its product has', async () => {
    const shirt = await makeShirt('S', 'M');
    const [small] = shirt.variants;
    const path = `/api/products/${shirt.id}/variants`;
    for (const [method, at] of [
      ['POST', path],
      ['PATCH', `${path}/${small?.id}`],
    ] as const) {
      const more = (change: object) => refusal(method, at, method === 'POST' ? { ...size('L'), ...change } : change);
      expect(await more({ sku: shirt.sku })).toEqual([409, 'sku_taken', 'sku']);
      expect(await more({ optionValues: [{ es: 'M' }] })).toEqual([409, 'variant_taken', 'optionValues']);
      expect(await more({ optionValues: [{ es: 'L' }, { es: 'X' }] })).toEqual([422, 'option_count', 'optionValues']);
    }
    const stranger = await makeShirt('S');
    expect(await refusal('PATCH', `${path}/${stranger.variants[0]?.id}`, {})).toEqual([404, 'variant_not_found']);
  });

  it('when there are a hundred', async () => {
    const sizes = Array.from({ length: 100 }, (_, index) => String(index));
    const { id } = await makeShirt(...sizes);
    expect(await refusal('POST', `/api/products/${id}/variants`, size('XL'))).toEqual([409, 'variant_limit']);
  });
});

describe('an adjustment is refused', () => {
  it('of a product with variants, and beyond what can be counted', async () => {
    const shirt = await makeShirt('S');
    const { id } = await makeProduct();
    const adjust = (product: string) => refusal('POST', `/api/products/${product}/stock/adjustments`, { quantity: 2 });
    expect(await adjust(shirt.id)).toEqual([409, 'has_variants']);
    await app.owner.query('update stock_level set on_hand = 999999999 where product_id = $1', [id]);
    expect(await adjust(id)).toEqual([409, 'stock_limit', 'quantity']);
  });
});

describe('a category is refused', () => {
  it('with the name of its neighbour, too deep, below itself or below nothing', async () => {
    const clothes = await makeCategory('Ropa');
    const shirts = await makeCategory('Playeras', clothes.id);
    const sport = await makeCategory('Deporte', shirts.id);
    const shoes = await makeCategory('Zapatos');
    const path = '/api/product-categories';
    const named = (es: string, parentId: string | null = null) => ({ name: { es }, parentId });
    expect(await refusal('POST', path, named('Ropa'))).toEqual([409, 'category_name_taken', 'name.es']);
    expect(await refusal('POST', path, named('Azul', sport.id))).toEqual([422, 'category_place', 'parentId']);
    expect(await refusal('POST', path, named('Azul', randomUUID()))).toEqual([422, 'unknown_category', 'parentId']);
    expect(await refusal('POST', path, {})).toEqual([400, 'invalid_input', 'name']);
    const change = (body: object) => refusal('PATCH', `${path}/${clothes.id}`, body);
    expect(await change({ name: { es: 'Zapatos' } })).toEqual([409, 'category_name_taken', 'name.es']);
    expect(await change({ parentId: sport.id })).toEqual([422, 'category_place', 'parentId']);
    expect(await change({ parentId: shoes.id })).toEqual([422, 'category_place', 'parentId']);
    expect(await change({ parentId: randomUUID() })).toEqual([422, 'unknown_category', 'parentId']);
    expect(await refusal('DELETE', `${path}/${clothes.id}`)).toEqual([409, 'category_in_use']);
  });

  it('when there are five hundred', async () => {
    const full = await app.openShop();
    await app.owner.query(
      `insert into product_category (id, tenant_id, name, position, created_at, updated_at)
       select gen_random_uuid(), $1, jsonb_build_object('es', n::text), 0, now(), now() from generate_series(1, 500) n`,
      [full.tenantId],
    );
    const { status, body } = await full.call('POST', '/api/product-categories', { name: { es: 'Una más' } });
    expect([status, body.code]).toEqual([409, 'category_limit']);
  });
});

describe('an import is refused', () => {
  it('with more lines than a file may have', async () => {
    const lines = Array.from({ length: 50_001 }, (_, index) => `S${index}\n`).join('');
    const response = await fetch(`${app.url}/api/products/imports?dryRun=true`, {
      method: 'POST',
      headers: { authorization: shop.authorization, 'content-type': 'text/csv' },
      body: `sku\n${lines}`,
    });
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([413, 'too_many_rows']);
    expect((await shop.call('GET', '/api/products/imports')).body.items).toEqual([]);
  }, 60_000);
});

describe('an id that is none', () => {
  it.each([
    ['GET', '/api/products/x', 'id'],
    ['GET', '/api/products/x/variants', 'id'],
    ['GET', '/api/products/x/stock', 'id'],
    ['GET', '/api/products/imports/x', 'id'],
    ['GET', '/api/products/imports/x/problems', 'id'],
    ['GET', '/api/product-categories/x', 'id'],
    ['DELETE', '/api/product-categories/x', 'id'],
  ])('%s %s is refused', async (method, path, field) => {
    expect(await refusal(method, path)).toEqual([400, 'invalid_input', field]);
  });
});
