import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCommerce, type Commerce } from '../../test/support/commerce.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';

let shop: Commerce;
beforeAll(async () => {
  shop = await openCommerce();
});
afterAll(() => shop.db.close());

const skus = async (tenantId: TenantId, text: string, limit = 20) =>
  (await shop.products.list(tenantId, { sort: 'sku', limit, text })).items.map(({ sku }) => sku);

describe('search', () => {
  it('forgives a slip in a short word and two in a long one, but only when nothing fits as typed', async () => {
    const tenantId = await shop.db.makeTenant();
    await shop.makeProduct(tenantId, { sku: 'T', name: { es: 'Taza esmaltada' } });
    await shop.makeProduct(tenantId, { sku: 'C', name: { es: 'Camiseta de algodón' } });
    await shop.makeProduct(tenantId, { sku: 'M', name: { es: 'Mesa de pino' } });
    expect(await skus(tenantId, 'tasa')).toEqual(['T']);
    expect(await skus(tenantId, 'CAMIZTEA algodon')).toEqual(['C']);
    expect(await skus(tenantId, 'esmaltda tasa')).toEqual(['T']);
    expect(await skus(tenantId, 'mesa')).toEqual(['M']);
    expect(await skus(tenantId, 'bicicleta')).toEqual([]);
    await shop.makeProduct(tenantId, { sku: 'X', name: { es: 'Tasa de interés' } });
    expect(await skus(tenantId, 'tasa')).toEqual(['X']);
  });

  it('puts first the very SKU, then the words at the start of one, then the rest', async () => {
    const tenantId = await shop.db.makeTenant();
    await shop.makeProduct(tenantId, { sku: 'A', name: { es: 'Descafeinado' } });
    await shop.makeProduct(tenantId, { sku: 'B', name: { es: 'Molino de mano para café' } });
    await shop.makeProduct(tenantId, { sku: 'CAF', name: { es: 'Otra cosa' } });
    expect(await skus(tenantId, 'caf')).toEqual(['CAF', 'B', 'A']);
    expect(await skus(tenantId, 'café mano')).toEqual(['B']);
  });

  it('pages in that order, also when the words were corrected', async () => {
    const tenantId = await shop.db.makeTenant();
    for (const sku of ['3', '1', '2']) await shop.makeProduct(tenantId, { sku, name: { es: `Cafetera ${sku}` } });
    for (const text of ['cafetera', 'cafetrea']) {
      const first = await shop.products.list(tenantId, { sort: 'sku', limit: 2, text });
      const second = await shop.products.list(tenantId, {
        sort: 'sku',
        limit: 2,
        text,
        cursor: first.nextCursor ?? '',
      });
      expect([...first.items, ...second.items].map(({ sku }) => sku)).toEqual(['1', '2', '3']);
      expect(second.nextCursor).toBeNull();
    }
    const cursor = Buffer.from('["x"]').toString('base64url');
    await expect(shop.products.list(tenantId, { sort: 'sku', limit: 2, cursor })).rejects.toMatchObject({
      code: 'invalid_input',
    });
  });

  it('INV-8: never corrects by the words of another business', async () => {
    const [one, two] = [await shop.db.makeTenant(), await shop.db.makeTenant()];
    await shop.makeProduct(one, { name: { es: 'Quesillo' } });
    expect(await skus(two, 'quesilo')).toEqual([]);
    expect(await skus(one, 'quesilo')).toHaveLength(1);
  });

  it('looks through 10,000 products', { timeout: 60_000 }, async () => {
    const tenantId = await shop.db.makeTenant();
    await shop.db.owner.query(
      `with made as (
         insert into product (id, tenant_id, sku, name, price_minor, currency, search_text)
         select gen_random_uuid(), $1, 'SKU-' || n, '{"es": "x"}', 100, 'MXN',
           (array['camiseta', 'cafe', 'taza', 'pantalon', 'zapato', 'cafetera', 'molino', 'bolsa'])[1 + n % 8] || ' '
           || (array['azul', 'rojo', 'verde', 'negra', 'blanca'])[1 + n % 5] || ' modelo ' || n || ' sku-' || n
         from generate_series(1, 10000) n returning id)
       insert into stock_level (product_id, tenant_id, on_hand) select id, $1, 5 from made`,
      [tenantId],
    );
    await shop.db.owner.query('analyze product, stock_level');
    const timed = async (what: string, work: () => Promise<unknown>) => {
      const begun = performance.now();
      await work();
      return `${what} ${Math.round(performance.now() - begun)} ms`;
    };
    const query = { limit: 10, lang: 'es', now: shop.clock.now() } as const;
    const offered = (text: string) =>
      shop.inTenant(tenantId, (tx) => shop.products.search(tx, tenantId, { ...query, text }));
    expect((await offered('camiseta azul')).items).toHaveLength(10);
    expect((await offered('camizeta asul')).items).toHaveLength(10);
    expect(await skus(tenantId, 'sku-777', 1)).toEqual(['SKU-777']);
    console.log(
      [
        await timed('first page', () => skus(tenantId, '')),
        await timed('two words', () => offered('camiseta azul')),
        await timed('two slips', () => offered('camizeta asul')),
        await timed('one SKU', () => skus(tenantId, 'sku-777', 1)),
      ].join(', '),
    );
  });
});
