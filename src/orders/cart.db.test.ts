import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openCommerce, type Commerce } from '../../test/support/commerce.js';
import { ActionRegistry, type ActionContext } from '../flows/action-registry.service.js';
import { ProductsActions } from '../products/products.actions.js';
import { SellersActions } from '../sellers/sellers.actions.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { CartActions } from './cart.actions.js';
import type { CartView } from './cart.service.js';
import type { OrderStatus } from './customer-orders.service.js';
import type { PlacedOrder } from './order-placement.service.js';
import { OrdersActions } from './orders.actions.js';

let shop: Commerce;
let registry: ActionRegistry;
let tenantId: TenantId;
let customer: ActionContext;
let coffee: string;
let mug: string;
beforeAll(async () => {
  shop = await openCommerce();
  registry = new ActionRegistry();
  new ProductsActions(registry, shop.products).onModuleInit();
  new SellersActions(registry, shop.sellers).onModuleInit();
  new CartActions(registry, shop.cart).onModuleInit();
  new OrdersActions(registry, shop.customers).onModuleInit();
});
beforeEach(async () => {
  shop.notifier.told.length = 0;
  shop.notifier.failWith = null;
  tenantId = await shop.db.makeTenant();
  coffee = await shop.makeProduct(tenantId, {
    sku: 'CAF',
    name: { es: 'Café', en: 'Coffee' },
    priceMinor: 1500,
    initialStock: 5,
  });
  mug = await shop.makeProduct(tenantId, {
    sku: 'TAZ',
    name: { es: 'Taza', en: 'Mug' },
    priceMinor: 9000,
    initialStock: 5,
  });
  customer = await shop.makeCustomer(tenantId);
});
afterAll(() => shop.db.close());

/** As a flow's step does it: input and output checked by the action's own schemas, in one transaction. */
async function act<T>(name: string, input: object, context: Partial<ActionContext> = {}): Promise<T> {
  const action = registry.find(name);
  if (!action) throw new Error(`No action ${name}`);
  const parsed = action.input.parse(input);
  const full = { ...customer, effectKey: randomUUID(), now: shop.clock.now(), ...context };
  const output = await shop.inTenant(full.tenantId, (tx) => action.run(tx, full, parsed));
  return action.output.parse(output) as T;
}
const add = (productId: string, quantity: number, context?: Partial<ActionContext>) => {
  shop.clock.pass(1 / 60);
  return act<CartView>('cart.add', { productId, quantity }, context);
};
/** Somebody else in conversation with the same bot. */
const rival = () => ({ conversationId: randomUUID() });

describe('a cart', () => {
  it('adds up lines in the order they came, in the language of the conversation, and holds them', async () => {
    await add(coffee, 1);
    await add(mug, 1);
    const cart = await add(coffee, 2, { lang: 'en' });
    expect(cart.lines).toMatchObject([
      { productId: coffee, sku: 'CAF', name: 'Coffee', quantity: 3, unitPriceMinor: 1500, totalMinor: 4500 },
      { productId: mug, sku: 'TAZ', name: 'Mug', quantity: 1, unitPriceMinor: 9000, totalMinor: 9000, currency: 'MXN' },
    ]);
    expect(cart).toMatchObject({ count: 4, totalMinor: 13_500, currency: 'MXN' });
    expect(cart.changed).toBeUndefined();
    expect(await shop.stockOf(coffee)).toMatchObject({ level: 5, held: 3, available: 2 });
  });

  it('refuses what is not there with how many are, and stays as it was', async () => {
    await add(coffee, 2);
    await add(mug, 4, rival());
    await expect(add(mug, 2)).rejects.toMatchObject({
      code: 'out_of_stock',
      details: { available: 1, items: [{ productId: mug, requested: 2, available: 1 }] },
    });
    await expect(add(randomUUID(), 1)).rejects.toMatchObject({ code: 'unknown_product' });
    expect(await act<CartView>('cart.view', {})).toMatchObject({ count: 2 });
  });

  it('has a limit per product and in products', async () => {
    await shop.inventory.adjust(
      tenantId,
      coffee,
      { quantity: 2000, reason: 'adjustment', note: null },
      { by: randomUUID(), key: null },
    );
    await add(coffee, 999);
    await expect(add(coffee, 1)).rejects.toMatchObject({ code: 'cart_limit' });
    await shop.db.owner.query(
      `with p as (insert into product (id, tenant_id, sku, name, price_minor, currency)
         select gen_random_uuid(), $1, 'X' || n, '{"es":"x"}', 1, 'MXN' from generate_series(1, 49) n returning id),
       l as (insert into stock_level (product_id, tenant_id, on_hand) select id, $1, 5 from p)
       insert into cart_line (tenant_id, conversation_id, product_id, quantity) select $1, $2, id, 1 from p`,
      [tenantId, customer.conversationId],
    );
    await expect(add(mug, 1)).rejects.toMatchObject({ code: 'cart_limit' });
  });

  it('gives back what is taken out, and everything when it is cleared', async () => {
    await add(coffee, 2);
    await add(mug, 2);
    expect((await act<CartView>('cart.remove', { productId: coffee })).lines.map(({ sku }) => sku)).toEqual(['TAZ']);
    expect((await act<CartView>('cart.remove', { productId: coffee })).count).toBe(2);
    expect((await shop.stockOf(coffee)).held).toBe(0);
    expect(await act<CartView>('cart.clear', {})).toEqual({ lines: [], count: 0, totalMinor: 0, currency: 'MXN' });
    expect((await shop.stockOf(mug)).held).toBe(0);
  });

  it('keeps its units for half an hour after it was last touched', async () => {
    await add(coffee, 5);
    shop.clock.pass(20);
    await add(mug, 1);
    shop.clock.pass(20);
    await expect(add(coffee, 1, rival())).rejects.toMatchObject({ code: 'out_of_stock' });
    shop.clock.pass(10);
    expect((await add(coffee, 1, rival())).count).toBe(1);
  });

  it('says what it lost when its hold ran out and others bought, and holds the rest again', async () => {
    await add(coffee, 4);
    await add(mug, 1);
    shop.clock.pass(31);
    await add(coffee, 3, rival());
    const cart = await act<CartView>('cart.view', {});
    expect(cart.changed).toEqual([{ productId: coffee, name: 'Café', wanted: 4, quantity: 2 }]);
    expect(cart.lines.map(({ sku, quantity }) => [sku, quantity])).toEqual([
      ['CAF', 2],
      ['TAZ', 1],
    ]);
    expect((await shop.stockOf(coffee)).available).toBe(0);
    expect((await act<CartView>('cart.view', {})).changed).toBeUndefined();
  });

  it('drops a product that is no longer sold, and says so', async () => {
    await add(coffee, 2);
    await shop.products.change(tenantId, coffee, { isActive: false });
    const cart = await act<CartView>('cart.view', {});
    expect(cart).toMatchObject({ lines: [], changed: [{ productId: coffee, wanted: 2, quantity: 0 }] });
    expect((await shop.stockOf(coffee)).held).toBe(0);
  });

  it('INV-8: two tenants have two carts, even under one conversation id', async () => {
    await add(coffee, 1);
    const other = await shop.db.makeTenant();
    const foreign = await shop.makeCustomer(other, { conversationId: customer.conversationId });
    expect(await act<CartView>('cart.view', {}, foreign)).toMatchObject({ lines: [] });
    await act<CartView>('cart.clear', {}, foreign);
    await expect(add(coffee, 1, foreign)).rejects.toMatchObject({ code: 'unknown_product' });
    expect((await act<CartView>('cart.view', {})).count).toBe(1);
  });
});

describe('ordering from the conversation', () => {
  it('makes an order of the cart once per effect, empties it and tells the seller', async () => {
    await shop.sellers.create(tenantId, { name: 'Eva', phone: '+5215511111111', userId: null, isActive: true });
    await add(coffee, 2);
    await add(mug, 1);
    const effectKey = randomUUID();
    const placed = await act<PlacedOrder>('orders.place', { note: 'Puerta azul' }, { effectKey, lang: 'en' });
    expect(placed).toMatchObject({ number: 1, totalMinor: 12_000, currency: 'MXN', sellerName: 'Eva' });
    expect(await act<PlacedOrder>('orders.place', {}, { effectKey })).toEqual(placed);
    expect(await act<CartView>('cart.view', {})).toMatchObject({ lines: [] });
    expect(await shop.stockOf(coffee)).toEqual({ level: 3, ledger: 3, held: 0, available: 3 });
    expect(shop.notifier.told).toMatchObject([
      {
        order: {
          number: 1,
          totalMinor: 12_000,
          note: 'Puerta azul',
          lines: [{ name: 'Coffee', quantity: 2 }, { name: 'Mug' }],
        },
        seller: { name: 'Eva' },
        contact: { id: customer.contactId },
        botId: customer.botId,
        conversationId: customer.conversationId,
      },
    ]);
    const { rows } = await shop.db.owner.query(`select bot_id, body from log_event where tenant_id = $1`, [tenantId]);
    expect(rows).toMatchObject([
      { bot_id: customer.botId, body: { orderId: placed.id, conversationId: customer.conversationId } },
    ]);
  });

  it('refuses an empty cart', async () => {
    await expect(act('orders.place', {})).rejects.toMatchObject({ code: 'empty_cart' });
  });

  it('says out of stock when the hold ran out and others bought, and keeps the cart for another look', async () => {
    await add(coffee, 4);
    shop.clock.pass(31);
    await add(coffee, 2, rival());
    await expect(act('orders.place', {})).rejects.toMatchObject({ code: 'out_of_stock', details: { available: 3 } });
    expect((await act<CartView>('cart.view', {})).changed).toMatchObject([{ wanted: 4, quantity: 3 }]);
    expect(await act<PlacedOrder>('orders.place', {})).toMatchObject({ totalMinor: 4500 });
  });

  it('says out of stock when a product stopped being sold since the cart was seen', async () => {
    await add(coffee, 1);
    await shop.products.change(tenantId, coffee, { isActive: false });
    await expect(act('orders.place', {})).rejects.toMatchObject({
      code: 'out_of_stock',
      details: { available: 0, items: [{ productId: coffee, available: 0 }] },
    });
  });

  it('INV-4: keeps cart and holds when placing fails half way', async () => {
    await shop.sellers.create(tenantId, { name: 'Eva', phone: '+5215511111111', userId: null, isActive: true });
    await add(coffee, 2);
    shop.notifier.failWith = new Error('no notice');
    await expect(act('orders.place', {})).rejects.toThrow('no notice');
    expect(await shop.stockOf(coffee)).toEqual({ level: 5, ledger: 5, held: 2, available: 3 });
    expect((await act<CartView>('cart.view', {})).count).toBe(2);
  });

  it('tells a customer about their own orders only, in their language', async () => {
    await expect(act('orders.status', {})).rejects.toMatchObject({ code: 'no_order' });
    await add(coffee, 1);
    await act('orders.place', {});
    await add(mug, 1);
    const second = await act<PlacedOrder>('orders.place', {});
    expect(await act<OrderStatus>('orders.status', {}, { lang: 'pt' })).toMatchObject({
      id: second.id,
      number: 2,
      state: 'placed',
      stateLabel: 'Recebido',
      totalMinor: 9000,
    });
    expect(await act<OrderStatus>('orders.status', { number: 1 })).toMatchObject({ number: 1, totalMinor: 1500 });
    const contactId = await shop.makeContact(tenantId);
    await expect(act('orders.status', { number: 1 }, { contactId })).rejects.toMatchObject({ code: 'no_order' });
    await expect(act('orders.cancel', { number: 1 }, { contactId })).rejects.toMatchObject({ code: 'no_order' });
    await expect(act('orders.cancel', {})).rejects.toThrow(/orderId or number/);
  });

  it('cancels by number or id while no money was taken, and puts the stock back', async () => {
    const owner = await shop.makeUser(tenantId);
    await add(coffee, 2);
    const { id } = await act<PlacedOrder>('orders.place', {});
    expect(await act<OrderStatus>('orders.cancel', { number: 1 })).toMatchObject({
      id,
      state: 'cancelled',
      stateLabel: 'Cancelado',
    });
    expect(await shop.stockOf(coffee)).toMatchObject({ level: 5, ledger: 5 });
    await expect(act('orders.cancel', { orderId: id })).rejects.toMatchObject({ code: 'not_cancellable' });
    await add(coffee, 1);
    const paid = await act<PlacedOrder>('orders.place', {});
    for (const to of ['confirmed', 'paid'] as const)
      await shop.orders.move(tenantId, owner, paid.id, { to, note: null });
    await expect(act('orders.cancel', { orderId: paid.id })).rejects.toMatchObject({ code: 'not_cancellable' });
  });

  it('searches the catalogue and finds a seller for a hand-over', async () => {
    await expect(act('sellers.assign', {})).rejects.toMatchObject({ code: 'no_seller' });
    const eva = await shop.sellers.create(tenantId, {
      name: 'Eva',
      phone: '+5215511111111',
      userId: null,
      isActive: true,
    });
    expect(await act('sellers.assign', {})).toEqual({ id: eva.id, name: 'Eva' });
    const found = await act<{ items: object[] }>('products.search', { text: 'coffee', limit: 1 }, { lang: 'en' });
    expect(found.items).toMatchObject([{ id: coffee, sku: 'CAF', name: 'Coffee', priceMinor: 1500, available: 5 }]);
    const all = await act<{ items: object[] }>('products.search', { text: '', category: null });
    expect(all.items).toHaveLength(2);
    await expect(act('products.search', { limit: 11 })).rejects.toThrow(/limit/);
  });
});
