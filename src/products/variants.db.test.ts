import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCommerce, type Commerce } from '../../test/support/commerce.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { createVariantSchema } from './products.dto.js';

let shop: Commerce;
beforeAll(async () => {
  shop = await openCommerce();
});
afterAll(() => shop.db.close());

const by = randomUUID();
const variant = (sku: string, size: string, more: object = {}) =>
  createVariantSchema.parse({ sku, optionValues: [{ es: size }, { es: 'Azul', en: 'Blue' }], ...more });

/** A shirt in two sizes: 3 and 4 units, the large one dearer. */
async function makeShirt(tenantId: TenantId): Promise<{ id: string; small: string; large: string }> {
  const id = await shop.makeProduct(tenantId, {
    sku: 'CAM',
    name: { es: 'Camiseta', en: 'T-shirt' },
    initialStock: 0,
    optionNames: [{ es: 'Talla' }, { es: 'Color' }],
    variants: [
      variant('CAM-S', 'S', { initialStock: 3 }),
      variant('CAM-L', 'L', { initialStock: 4, priceMinor: 1500 }),
    ],
  });
  const [large, small] = (await shop.products.get(tenantId, id)).variants;
  return { id, small: small?.id ?? '', large: large?.id ?? '' };
}

describe('variants', () => {
  it('have a SKU, a stock and a price of their own, and what they lack from their product', async () => {
    const tenantId = await shop.db.makeTenant();
    const { id, small } = await makeShirt(tenantId);
    expect(await shop.products.get(tenantId, id)).toMatchObject({ onHand: 7, available: 7, priceMinor: 1000 });
    expect(await shop.variants.list(tenantId, id)).toMatchObject([
      { sku: 'CAM-L', priceMinor: 1500, ownPriceMinor: 1500, onHand: 4 },
      { sku: 'CAM-S', priceMinor: 1000, ownPriceMinor: null, onHand: 3, optionValues: [{ es: 'S' }, { es: 'Azul' }] },
    ]);
    await shop.products.change(tenantId, id, { priceMinor: 1100, images: [{ url: 'https://fotos.test/c.jpg' }] });
    expect(await shop.products.get(tenantId, small)).toMatchObject({
      parentId: id,
      name: { es: 'Camiseta' },
      priceMinor: 1100,
      images: [{ url: 'https://fotos.test/c.jpg', link: 'https://fotos.test/c.jpg' }],
      variants: [],
    });
  });

  it('are what is sold: each is an offer with its options in its name, the product is none', async () => {
    const tenantId = await shop.db.makeTenant();
    const { id, small, large } = await makeShirt(tenantId);
    const query = { limit: 10, lang: 'en', now: shop.clock.now() } as const;
    const search = (more: object) =>
      shop.inTenant(tenantId, (tx) => shop.products.search(tx, tenantId, { ...query, ...more }));
    expect((await search({ text: 'camiseta azul' })).items).toMatchObject([
      { id: large, name: 'T-shirt (L, Blue)', priceMinor: 1500, hasVariants: false },
      { id: small, name: 'T-shirt (S, Blue)', priceMinor: 1000 },
    ]);
    expect((await search({ isGrouped: true })).items).toMatchObject([
      { id, name: 'T-shirt', hasVariants: true, available: 7 },
    ]);
    const lang = { lang: 'es', now: shop.clock.now() } as const;
    const of = (productId: string) =>
      shop.inTenant(tenantId, (tx) => shop.products.listVariants(tx, tenantId, { productId, ...lang }));
    expect((await of(id)).map((offer) => offer.id)).toEqual([large, small]);
    expect((await of(small)).map((offer) => offer.id)).toEqual([small]);
  });

  it('go through cart and order like any product', async () => {
    const tenantId = await shop.db.makeTenant();
    const { id, small } = await makeShirt(tenantId);
    const customer = await shop.makeCustomer(tenantId);
    const add = (productId: string, quantity: number) =>
      shop.inTenant(tenantId, (tx) => shop.cart.add(tx, customer, { productId, quantity }));
    await expect(add(id, 1)).rejects.toMatchObject({ code: 'unknown_product' });
    await expect(add(small, 4)).rejects.toMatchObject({ code: 'out_of_stock', available: 3 });
    expect(await add(small, 2)).toMatchObject({ lines: [{ name: 'Camiseta (S, Azul)' }], totalMinor: 2000 });
    await shop.inTenant(tenantId, (tx) => shop.customers.place(tx, customer, null));
    expect(await shop.stockOf(small)).toMatchObject({ level: 1, ledger: 1, held: 0 });
    expect(await shop.products.get(tenantId, id)).toMatchObject({ onHand: 5 });
  });

  it('are added to a product without stock only, up to what its options allow, each once', async () => {
    const tenantId = await shop.db.makeTenant();
    const { id, small } = await makeShirt(tenantId);
    const add = (productId: string, input: ReturnType<typeof variant>) =>
      shop.variants.add(tenantId, productId, input, by);
    expect(await add(id, variant('CAM-M', 'M', { initialStock: 2 }))).toMatchObject({ sku: 'CAM-M', onHand: 2 });
    await expect(add(id, variant('CAM-M', 'XL'))).rejects.toMatchObject({ code: 'sku_taken' });
    await expect(add(id, variant('OTRA', 'M'))).rejects.toMatchObject({ code: 'variant_taken' });
    await expect(add(small, variant('OTRA', 'M'))).rejects.toMatchObject({ code: 'is_variant' });
    const one = createVariantSchema.parse({ sku: 'UNA', optionValues: [{ es: 'M' }] });
    await expect(add(id, one)).rejects.toMatchObject({ code: 'option_count', status: 422 });
    const stocked = await shop.makeProduct(tenantId, { optionNames: [{ es: 'A' }, { es: 'B' }] });
    await expect(add(stocked, variant('OTRA', 'M'))).rejects.toMatchObject({ code: 'has_stock' });
    const adjust = { quantity: -10, reason: 'counted', note: null } as const;
    await shop.inventory.adjust(tenantId, stocked, adjust, { by, key: null });
    await add(stocked, variant('OTRA', 'M'));
    await expect(
      shop.inventory.adjust(tenantId, stocked, { ...adjust, quantity: 1 }, { by, key: null }),
    ).rejects.toMatchObject({ code: 'has_variants' });
    expect(await shop.stockOf(stocked)).toMatchObject({ level: 0, ledger: 0 });
  });

  it('are changed where they belong, and their product keeps the number of its options', async () => {
    const tenantId = await shop.db.makeTenant();
    const { id, small, large } = await makeShirt(tenantId);
    const change = (variantId: string, patch: object, ifMatch?: string, productId = id) =>
      shop.variants.change(tenantId, { productId, variantId }, patch, ifMatch);
    expect(await change(large, { priceMinor: null, isActive: false })).toMatchObject({ priceMinor: 1000, revision: 2 });
    await expect(change(large, { sku: 'X' }, '"1"')).rejects.toMatchObject({ status: 412 });
    await expect(change(large, { sku: 'CAM-S' })).rejects.toMatchObject({ code: 'sku_taken' });
    await expect(change(large, { optionValues: [{ es: 'S' }, { es: 'Azul', en: 'Blue' }] })).rejects.toMatchObject({
      code: 'variant_taken',
    });
    await expect(change(large, { optionValues: [{ es: 'S' }] })).rejects.toMatchObject({ code: 'option_count' });
    await expect(change(id, { sku: 'X' })).rejects.toMatchObject({ code: 'variant_not_found', status: 404 });
    await expect(shop.products.change(tenantId, small, { priceMinor: 1 })).rejects.toMatchObject({
      code: 'is_variant',
    });
    await expect(shop.products.change(tenantId, id, { optionNames: [{ es: 'Talla' }] })).rejects.toMatchObject({
      code: 'option_count',
      details: { field: 'optionNames' },
    });
    const renamed = await shop.products.change(tenantId, id, { optionNames: [{ es: 'Medida' }, { es: 'Tono' }] });
    expect(renamed.optionNames).toEqual([{ es: 'Medida' }, { es: 'Tono' }]);
    const found = await shop.products.list(tenantId, { sort: 'sku', limit: 5, text: 'cam-s' });
    expect(found.items.map(({ sku }) => sku)).toEqual(['CAM']);
  });

  it('INV-8: are nobody else’s', async () => {
    const [one, two] = [await shop.db.makeTenant(), await shop.db.makeTenant()];
    const { id, small } = await makeShirt(one);
    const missing = { code: 'product_not_found', status: 404 };
    await expect(shop.variants.list(two, id)).rejects.toMatchObject(missing);
    await expect(shop.variants.add(two, id, variant('X', 'X'), by)).rejects.toMatchObject(missing);
    await expect(shop.variants.change(two, { productId: id, variantId: small }, { sku: 'X' })).rejects.toMatchObject(
      missing,
    );
  });
});
