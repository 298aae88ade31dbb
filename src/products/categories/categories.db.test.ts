import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCommerce, type Commerce } from '../../../test/support/commerce.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';

let shop: Commerce;
beforeAll(async () => {
  shop = await openCommerce();
});
afterAll(() => shop.db.close());

const make = async (tenantId: TenantId, es: string, parentId: string | null = null, position = 0) =>
  (await shop.categories.create(tenantId, { name: { es }, parentId, position })).id;

describe('categories', () => {
  it('are a tree in order of position and name, with paths and counts', async () => {
    const tenantId = await shop.db.makeTenant();
    const ropa = await make(tenantId, 'Ropa', null, 1);
    const camisas = await make(tenantId, 'Camisas', ropa);
    await make(tenantId, 'Bebidas', null, 2);
    await make(tenantId, 'Abrigos', ropa);
    await shop.makeProduct(tenantId, { categoryId: camisas });
    const { items } = await shop.categories.list(tenantId);
    expect(items.map(({ path, depth, productCount }) => [path, depth, productCount])).toEqual([
      ['Ropa', 1, 0],
      ['Ropa > Abrigos', 2, 0],
      ['Ropa > Camisas', 2, 1],
      ['Bebidas', 1, 0],
    ]);
    expect(await shop.categories.get(tenantId, camisas)).toMatchObject({ path: 'Ropa > Camisas', parentId: ropa });
  });

  it('stay a tree of three levels in which no name stands twice beside itself', async () => {
    const tenantId = await shop.db.makeTenant();
    const a = await make(tenantId, 'A');
    const b = await make(tenantId, 'B', a);
    const c = await make(tenantId, 'C', b);
    const place = { code: 'category_place', status: 422 };
    await expect(make(tenantId, 'D', c)).rejects.toMatchObject(place);
    await expect(make(tenantId, 'a')).rejects.toMatchObject({ code: 'category_name_taken', status: 409 });
    await expect(make(tenantId, 'X', crypto.randomUUID())).rejects.toMatchObject({ code: 'unknown_category' });
    await expect(shop.categories.change(tenantId, a, { parentId: c })).rejects.toMatchObject(place);
    const x = await make(tenantId, 'X');
    await expect(shop.categories.change(tenantId, a, { parentId: x })).rejects.toMatchObject(place);
    expect(await shop.categories.change(tenantId, b, { parentId: x }, '"1"')).toMatchObject({
      path: 'X > B',
      revision: 2,
    });
    await expect(shop.categories.change(tenantId, b, { position: 1 }, '"1"')).rejects.toMatchObject({ status: 412 });
  });

  it('never become a circle, even when two are moved at once', async () => {
    const tenantId = await shop.db.makeTenant();
    const [a, b] = [await make(tenantId, 'A'), await make(tenantId, 'B')];
    const moved = await Promise.allSettled([
      shop.categories.change(tenantId, a, { parentId: b }),
      shop.categories.change(tenantId, b, { parentId: a }),
    ]);
    expect(moved.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect((await shop.categories.list(tenantId)).items).toHaveLength(2);
  });

  it('hold what stands below them when products are listed or searched, by name in any language', async () => {
    const tenantId = await shop.db.makeTenant();
    const ropa = await make(tenantId, 'Ropa');
    const camisas = await make(tenantId, 'Camisas', ropa);
    await shop.makeProduct(tenantId, { sku: '1', categoryId: camisas });
    await shop.makeProduct(tenantId, { sku: '2', categoryId: ropa });
    await shop.makeProduct(tenantId, { sku: '3' });
    const listed = await shop.products.list(tenantId, { sort: 'sku', limit: 9, categoryId: ropa });
    expect(listed.items.map(({ sku, category }) => [sku, category])).toEqual([
      ['1', 'Ropa > Camisas'],
      ['2', 'Ropa'],
    ]);
    await shop.categories.change(tenantId, ropa, { name: { es: 'Ropa', en: 'Clothes' } });
    const query = { limit: 9, lang: 'en', now: shop.clock.now(), category: 'clothes' } as const;
    const found = await shop.inTenant(tenantId, (tx) => shop.products.search(tx, tenantId, query));
    expect(found).toMatchObject({
      items: [{ sku: '1', category: 'Camisas', categoryIds: [ropa, camisas] }, { sku: '2' }],
      categories: ['Clothes'],
      subcategories: ['Camisas'],
    });
    await expect(
      shop.products.list(tenantId, { sort: 'sku', limit: 9, categoryId: crypto.randomUUID() }),
    ).rejects.toMatchObject({
      code: 'unknown_category',
    });
  });

  it('are found by their new name at once, with all below', async () => {
    const tenantId = await shop.db.makeTenant();
    const ropa = await make(tenantId, 'Ropa');
    await shop.makeProduct(tenantId, { sku: '1', categoryId: await make(tenantId, 'Camisas', ropa) });
    await shop.categories.change(tenantId, ropa, { name: { es: 'Vestimenta' } });
    const skus = async (text: string) =>
      (await shop.products.list(tenantId, { sort: 'sku', limit: 9, text })).items.map(({ sku }) => sku);
    expect([await skus('vestimenta'), await skus('ropa')]).toEqual([['1'], []]);
  });

  it('are removed only when nothing is in them', async () => {
    const tenantId = await shop.db.makeTenant();
    const ropa = await make(tenantId, 'Ropa');
    const camisas = await make(tenantId, 'Camisas', ropa);
    const id = await shop.makeProduct(tenantId, { categoryId: camisas });
    const inUse = { code: 'category_in_use', status: 409 };
    await expect(shop.categories.remove(tenantId, ropa)).rejects.toMatchObject(inUse);
    await expect(shop.categories.remove(tenantId, camisas)).rejects.toMatchObject(inUse);
    await shop.products.change(tenantId, id, { categoryId: null });
    await shop.categories.remove(tenantId, camisas);
    await expect(shop.categories.get(tenantId, camisas)).rejects.toMatchObject({ code: 'category_not_found' });
  });

  it('INV-8: are nobody else’s', async () => {
    const [one, two] = [await shop.db.makeTenant(), await shop.db.makeTenant()];
    const id = await make(one, 'Ropa');
    const missing = { code: 'category_not_found', status: 404 };
    expect((await shop.categories.list(two)).items).toEqual([]);
    await expect(shop.categories.get(two, id)).rejects.toMatchObject(missing);
    await expect(shop.categories.change(two, id, { position: 1 })).rejects.toMatchObject(missing);
    await expect(shop.categories.remove(two, id)).rejects.toMatchObject(missing);
    await expect(make(two, 'X', id)).rejects.toMatchObject({ code: 'unknown_category' });
    await expect(shop.makeProduct(two, { categoryId: id })).rejects.toMatchObject({ code: 'unknown_category' });
  });
});
