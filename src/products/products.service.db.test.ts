import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCommerce, type Commerce } from '../../test/support/commerce.js';
import { createProductSchema } from './products.dto.js';

let shop: Commerce;
beforeAll(async () => {
  shop = await openCommerce();
});
afterAll(() => shop.db.close());

const by = randomUUID();

describe('the catalogue', () => {
  it('creates a product with its first ledger entry in the currency of the business', async () => {
    const tenantId = await shop.db.makeTenant({ currency: 'BRL' });
    const input = createProductSchema.parse({ sku: 'A-1', name: { es: 'Taza' }, priceMinor: 4500, initialStock: 7 });
    const product = await shop.products.create(tenantId, input, by);
    expect(product).toMatchObject({ priceMinor: 4500, currency: 'BRL', onHand: 7, available: 7, revision: 1 });
    const { ledger } = await shop.inventory.get(tenantId, product.id, { limit: 20 });
    expect(ledger.items).toMatchObject([{ quantity: 7, reason: 'initial', createdBy: by }]);
  });

  it('keeps prices beyond 32 bits exact', async () => {
    const tenantId = await shop.db.makeTenant();
    const id = await shop.makeProduct(tenantId, { priceMinor: 99_999_999_999 });
    expect((await shop.products.get(tenantId, id)).priceMinor).toBe(99_999_999_999);
  });

  it('refuses another currency, and changes nothing', async () => {
    const tenantId = await shop.db.makeTenant({ currency: 'MXN' });
    await expect(shop.makeProduct(tenantId, { currency: 'USD' })).rejects.toMatchObject({ code: 'currency_mismatch' });
    const id = await shop.makeProduct(tenantId);
    await expect(shop.products.change(tenantId, id, { currency: 'USD', priceMinor: 5 })).rejects.toMatchObject({
      code: 'currency_mismatch',
    });
    expect((await shop.products.get(tenantId, id)).priceMinor).toBe(1000);
  });

  it('refuses a SKU twice in one business and allows it in two', async () => {
    const [one, two] = [await shop.db.makeTenant(), await shop.db.makeTenant()];
    await shop.makeProduct(one, { sku: 'SAME' });
    const other = await shop.makeProduct(one, { sku: 'OTHER' });
    await shop.makeProduct(two, { sku: 'SAME' });
    await expect(shop.makeProduct(one, { sku: 'SAME' })).rejects.toMatchObject({ code: 'sku_taken', status: 409 });
    await expect(shop.products.change(one, other, { sku: 'SAME' })).rejects.toMatchObject({ code: 'sku_taken' });
  });

  it('leaves no product behind when its ledger cannot be opened', async () => {
    const tenantId = await shop.db.makeTenant();
    await expect(shop.makeProduct(tenantId, { sku: 'HALF', initialStock: 3_000_000_000 })).rejects.toThrow();
    expect((await shop.products.list(tenantId, { sort: 'sku', limit: 20 })).items).toEqual([]);
  });

  it('finds by words without accents in any language, by category and by whether it is sold', async () => {
    const tenantId = await shop.db.makeTenant();
    const cafe = await shop.makeCategory(tenantId, 'Café');
    const tazas = await shop.makeCategory(tenantId, 'Tazas');
    await shop.makeProduct(tenantId, {
      sku: 'B',
      name: { es: 'Café de Veracruz', en: 'Veracruz coffee' },
      categoryId: cafe,
    });
    await shop.makeProduct(tenantId, { sku: 'A', name: { es: 'Taza azul' }, categoryId: tazas });
    await shop.makeProduct(tenantId, { sku: 'C', name: { es: 'Café viejo' }, categoryId: cafe, isActive: false });
    const skus = async (query: { text?: string; categoryId?: string; active?: boolean }) =>
      (await shop.products.list(tenantId, { sort: 'sku', limit: 20, ...query })).items.map(({ sku }) => sku);
    expect(await skus({})).toEqual(['A', 'B', 'C']);
    expect(await skus({ text: 'CAFE veracrúz' })).toEqual(['B']);
    expect(await skus({ text: 'coffee' })).toEqual(['B']);
    expect(await skus({ text: '%' })).toEqual([]);
    expect(await skus({ categoryId: cafe })).toEqual(['B', 'C']);
    expect(await skus({ categoryId: cafe, active: false })).toEqual(['C']);
  });

  it('pages by SKU without repeating or skipping', async () => {
    const tenantId = await shop.db.makeTenant();
    for (const sku of ['p3', 'p1', 'p2']) await shop.makeProduct(tenantId, { sku });
    const first = await shop.products.list(tenantId, { sort: 'sku', limit: 2 });
    const second = await shop.products.list(tenantId, { sort: 'sku', limit: 2, cursor: first.nextCursor ?? '' });
    expect([...first.items, ...second.items].map(({ sku }) => sku)).toEqual(['p1', 'p2', 'p3']);
    expect(second.nextCursor).toBeNull();
  });

  it('changes what is given, finds it by its new name and refuses a stale revision', async () => {
    const tenantId = await shop.db.makeTenant();
    const id = await shop.makeProduct(tenantId, {
      name: { es: 'Viejo' },
      categoryId: await shop.makeCategory(tenantId, 'X'),
    });
    const changed = await shop.products.change(tenantId, id, { name: { es: 'Jícara' }, categoryId: null }, '"1"');
    expect(changed).toMatchObject({ name: { es: 'Jícara' }, category: null, priceMinor: 1000, revision: 2 });
    expect((await shop.products.list(tenantId, { sort: 'sku', limit: 20, text: 'jicara' })).items).toHaveLength(1);
    expect((await shop.products.list(tenantId, { sort: 'sku', limit: 20, text: 'viejo' })).items).toHaveLength(0);
    await expect(shop.products.change(tenantId, id, { priceMinor: 1 }, '"1"')).rejects.toMatchObject({ status: 412 });
  });

  it('offers customers what is for sale and in stock, in their language, with the categories', async () => {
    const tenantId = await shop.db.makeTenant();
    const bebidas = await shop.makeCategory(tenantId, 'Bebidas');
    const tazas = await shop.makeCategory(tenantId, 'Tazas');
    const oculto = await shop.makeCategory(tenantId, 'Oculto');
    await shop.makeProduct(tenantId, { sku: '1', name: { es: 'Café', en: 'Coffee' }, categoryId: bebidas });
    await shop.makeProduct(tenantId, { sku: '2', initialStock: 0, categoryId: tazas });
    await shop.makeProduct(tenantId, { sku: '3', isActive: false, categoryId: oculto });
    const query = { limit: 10, lang: 'en', now: shop.clock.now() } as const;
    const found = await shop.inTenant(tenantId, (tx) => shop.products.search(tx, tenantId, query));
    expect(found.items).toMatchObject([{ sku: '1', name: 'Coffee', available: 10, description: '' }]);
    expect(found.categories).toEqual(['Bebidas', 'Tazas']);
  });

  it('INV-8: two tenants never see, change or count on each other’s products and stock', async () => {
    const [one, two] = [await shop.db.makeTenant(), await shop.db.makeTenant()];
    const id = await shop.makeProduct(one);
    const missing = { code: 'product_not_found', status: 404 };
    expect((await shop.products.list(two, { sort: 'sku', limit: 20 })).items).toEqual([]);
    await expect(shop.products.get(two, id)).rejects.toMatchObject(missing);
    await expect(shop.products.change(two, id, { priceMinor: 0 })).rejects.toMatchObject(missing);
    await expect(shop.inventory.get(two, id, { limit: 20 })).rejects.toMatchObject(missing);
    await expect(
      shop.inventory.adjust(two, id, { quantity: 1, reason: 'counted', note: null }, { by, key: null }),
    ).rejects.toMatchObject(missing);
    const hold = { holder: 'x', lines: [{ productId: id, quantity: 1 }], ttlMs: 1000, now: shop.clock.now() };
    await expect(shop.inTenant(two, (tx) => shop.stock.hold(tx, two, hold))).rejects.toMatchObject(missing);
    expect(await shop.stockOf(id)).toMatchObject({ level: 10, held: 0 });
  });
});
