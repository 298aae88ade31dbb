import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openCommerce, type Commerce } from '../../test/support/commerce.js';
import type { Caller } from '../auth/tenant.decorator.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';

let shop: Commerce;
let tenantId: TenantId;
let owner: Caller;
let contactId: string;
let productId: string;
beforeAll(async () => {
  shop = await openCommerce();
});
beforeEach(async () => {
  shop.notifier.told.length = 0;
  shop.notifier.failWith = null;
  shop.clock.pass(1);
  tenantId = await shop.db.makeTenant();
  owner = await shop.makeUser(tenantId);
  contactId = await shop.makeContact(tenantId);
  productId = await shop.makeProduct(tenantId, {
    priceMinor: 1500,
    initialStock: 10,
    name: { es: 'Café', pt: 'Café BR' },
  });
});
afterAll(() => shop.db.close());

const place = (quantity = 2, extra: { botId?: string; note?: string; key?: string; caller?: Caller } = {}) =>
  shop.orders.create(
    tenantId,
    extra.caller ?? owner,
    { contactId, lines: [{ productId, quantity }], note: extra.note ?? null, botId: extra.botId ?? null },
    extra.key,
  );
const hire = async (name: string, userId: string | null = null) => {
  shop.clock.pass(1);
  const phone = `+52155${String(Math.trunc(Math.random() * 1e8)).padStart(8, '0')}`;
  return shop.sellers.create(tenantId, { name, phone, userId, isActive: true });
};
const page = { limit: 20, sort: '-placedAt' } as const;

describe('placing an order', () => {
  it('takes the stock, counts from one and tells the seller whose turn it is', async () => {
    const eva = await hire('Eva');
    const botId = await shop.makeBot(tenantId);
    const order = await place(2, { botId, note: 'Sin azúcar' });
    expect(order).toMatchObject({
      number: 1,
      state: 'placed',
      totalMinor: 3000,
      currency: 'MXN',
      note: 'Sin azúcar',
      revision: 1,
      contactName: 'Rosa',
      sellerId: eva.id,
      sellerName: 'Eva',
      botId,
      conversationId: null,
      lines: [{ productId, name: 'Café', quantity: 2, unitPriceMinor: 1500, totalMinor: 3000 }],
      history: [{ from: null, to: 'placed', actor: `user:${owner.userId}` }],
    });
    const { ledger, onHand } = await shop.inventory.get(tenantId, productId, page);
    expect(onHand).toBe(8);
    expect(ledger.items[0]).toMatchObject({ quantity: -2, reason: 'sale', orderId: order.id, createdBy: owner.userId });
    expect(shop.notifier.told).toMatchObject([
      {
        order: { number: 1, lines: [{ name: 'Café', quantity: 2 }] },
        seller: { name: 'Eva' },
        contact: { name: 'Rosa' },
        botId,
      },
    ]);
    const { rows } = await shop.db.owner.query('select kind, body from log_event where tenant_id = $1', [tenantId]);
    expect(rows).toEqual([
      { kind: 'order.placed', body: { orderId: order.id, totalMinor: 3000, currency: 'MXN', conversationId: null } },
    ]);
  });

  it('goes through without a seller', async () => {
    expect(await place()).toMatchObject({ sellerId: null, sellerName: null });
    expect(shop.notifier.told).toEqual([]);
  });

  it('keeps the price and name of the moment, in the contact’s language', async () => {
    contactId = await shop.makeContact(tenantId, 'pt');
    const order = await place();
    await shop.products.change(tenantId, productId, { priceMinor: 9900, name: { es: 'Otro' } });
    expect((await shop.orders.get(tenantId, owner, order.id)).lines).toMatchObject([
      { name: 'Café BR', unitPriceMinor: 1500 },
    ]);
    expect((await place()).totalMinor).toBe(19_800);
  });

  it('answers the first order when it is placed again under the same key', async () => {
    const first = await place(2, { key: 'k1' });
    const [again, other] = [await place(2, { key: 'k1' }), await place(2, { key: 'k2' })];
    expect(again.id).toBe(first.id);
    expect(other.number).toBe(2);
    expect(await shop.stockOf(productId)).toMatchObject({ level: 6, ledger: 6 });
  });

  it('makes one order of ten simultaneous tries under one key', async () => {
    const tries = await Promise.all(Array.from({ length: 10 }, () => place(1, { key: 'same' })));
    expect(new Set(tries.map(({ id }) => id)).size).toBe(1);
    expect((await shop.stockOf(productId)).level).toBe(9);
  });

  it('refuses unknown things by name', async () => {
    const lines = [{ productId, quantity: 1 }];
    const create = (over: object) =>
      shop.orders.create(tenantId, owner, { contactId, lines, note: null, botId: null, ...over });
    const gone = await shop.makeProduct(tenantId, { isActive: false });
    await expect(create({ contactId: randomUUID() })).rejects.toMatchObject({ code: 'unknown_contact', status: 422 });
    await expect(create({ botId: randomUUID() })).rejects.toMatchObject({ code: 'unknown_bot' });
    await expect(create({ lines: [{ productId: gone, quantity: 1 }] })).rejects.toMatchObject({
      code: 'unknown_product',
    });
    await expect(place(11)).rejects.toMatchObject({ code: 'out_of_stock', available: 10 });
    expect((await shop.orders.list(tenantId, owner, page)).items).toEqual([]);
  });

  it('INV-4: leaves nothing when telling the seller fails: no order, movement, number, turn or event', async () => {
    await hire('Ana');
    await hire('Eva');
    shop.notifier.failWith = new Error('no notice');
    await expect(place()).rejects.toThrow('no notice');
    expect(await shop.stockOf(productId)).toMatchObject({ level: 10, ledger: 10 });
    const { rows } = await shop.db.owner.query(
      `select (select count(*) from sales_order where tenant_id = $1) + (select count(*) from order_line where tenant_id = $1)
         + (select count(*) from order_event where tenant_id = $1) + (select count(*) from order_counter where tenant_id = $1)
         + (select count(*) from log_event where tenant_id = $1) as left`,
      [tenantId],
    );
    expect(rows).toEqual([{ left: '0' }]);
    shop.notifier.failWith = null;
    expect(await place()).toMatchObject({ number: 1, sellerName: 'Ana' });
  });
});

describe('working with orders', () => {
  it('changes and clears the note, hands over to an active seller, and refuses a stale revision', async () => {
    const { id } = await place();
    const luz = await hire('Luz');
    expect(await shop.edits.change(tenantId, owner, id, { note: 'Tarde' }, '"1"')).toMatchObject({
      note: 'Tarde',
      revision: 2,
    });
    expect(await shop.edits.change(tenantId, owner, id, { note: null }, '"2"')).toMatchObject({
      note: null,
      revision: 3,
    });
    expect(await shop.assignment.assign(tenantId, owner, id, { sellerId: luz.id }, '"3"')).toMatchObject({
      sellerName: 'Luz',
    });
    const stale = { status: 412, code: 'revision_mismatch' };
    await expect(shop.edits.change(tenantId, owner, id, { note: 'x' }, '"1"')).rejects.toMatchObject(stale);
    await expect(shop.assignment.assign(tenantId, owner, id, { sellerId: luz.id }, '"1"')).rejects.toMatchObject(stale);
    await expect(shop.orders.move(tenantId, owner, id, { to: 'confirmed', note: null }, '"1"')).rejects.toMatchObject(
      stale,
    );
    await shop.sellers.change(tenantId, luz.id, { isActive: false });
    await expect(shop.assignment.assign(tenantId, owner, id, { sellerId: luz.id })).rejects.toMatchObject({
      code: 'unknown_seller',
    });
  });

  it('lists newest first, page by page, by state, seller, bot, contact and half-open time range', async () => {
    const botId = await shop.makeBot(tenantId);
    const one = await place(1, { botId });
    const luz = await hire('Luz');
    shop.clock.pass(10);
    const two = await place(1);
    const three = await place(1);
    await shop.orders.move(tenantId, owner, one.id, { to: 'confirmed', note: null });
    const numbers = async (query: object) =>
      (await shop.orders.list(tenantId, owner, { ...page, ...query })).items.map(({ number }) => number);
    const first = await shop.orders.list(tenantId, owner, { sort: '-placedAt', limit: 2 });
    const rest = await shop.orders.list(tenantId, owner, {
      sort: '-placedAt',
      limit: 2,
      cursor: first.nextCursor ?? '',
    });
    expect(new Set(first.items.map(({ id }) => id))).toEqual(new Set([two.id, three.id]));
    expect(rest.items.map(({ id }) => id)).toEqual([one.id]);
    expect(await numbers({ state: 'confirmed' })).toEqual([1]);
    expect(await numbers({ sellerId: luz.id, state: 'confirmed' })).toEqual([]);
    expect(new Set(await numbers({ sellerId: luz.id }))).toEqual(new Set([2, 3]));
    expect(await numbers({ botId })).toEqual([1]);
    expect(await numbers({ contactId: randomUUID() })).toEqual([]);
    expect(await numbers({ to: two.placedAt })).toEqual([1]);
    expect(new Set(await numbers({ from: two.placedAt }))).toEqual(new Set([2, 3]));
    const forged = Buffer.from('["now()","x"]').toString('base64url');
    await expect(numbers({ cursor: forged })).rejects.toMatchObject({ code: 'invalid_input' });
  });

  it('shows a user who is a seller their own orders only, and gives them those they take', async () => {
    const evaUser = await shop.makeUser(tenantId, 'seller');
    const outsider = await shop.makeUser(tenantId, 'seller');
    await hire('Ana');
    const eva = await hire('Eva', evaUser.userId);
    const anas = await place();
    const evas = await place(1, { caller: evaUser });
    expect(evas.sellerId).toBe(eva.id);
    const missing = { code: 'order_not_found', status: 404 };
    expect((await shop.orders.list(tenantId, evaUser, page)).items.map(({ id }) => id)).toEqual([evas.id]);
    expect((await shop.orders.list(tenantId, outsider, page)).items).toEqual([]);
    await expect(shop.orders.get(tenantId, evaUser, anas.id)).rejects.toMatchObject(missing);
    await expect(shop.edits.change(tenantId, evaUser, anas.id, { note: 'x' })).rejects.toMatchObject(missing);
    await expect(shop.assignment.assign(tenantId, evaUser, anas.id, { sellerId: eva.id })).rejects.toMatchObject(
      missing,
    );
    await expect(shop.orders.move(tenantId, evaUser, anas.id, { to: 'confirmed', note: null })).rejects.toMatchObject(
      missing,
    );
    expect(await shop.orders.move(tenantId, evaUser, evas.id, { to: 'confirmed', note: null })).toMatchObject({
      state: 'confirmed',
    });
  });

  it('INV-8: two tenants never see, change or order from each other', async () => {
    const { id } = await place();
    const other = await shop.db.makeTenant();
    const stranger = await shop.makeUser(other);
    const strangersContact = await shop.makeContact(other);
    const strangersBot = await shop.makeBot(other);
    const missing = { code: 'order_not_found' };
    expect((await shop.orders.list(other, stranger, page)).items).toEqual([]);
    await expect(shop.orders.get(other, stranger, id)).rejects.toMatchObject(missing);
    await expect(shop.edits.change(other, stranger, id, { note: 'x' })).rejects.toMatchObject(missing);
    await expect(shop.orders.move(other, stranger, id, { to: 'cancelled', note: null })).rejects.toMatchObject(missing);
    const lines = [{ productId, quantity: 1 }];
    await expect(
      shop.orders.create(other, stranger, { contactId: strangersContact, lines, note: null, botId: null }),
    ).rejects.toMatchObject({ code: 'unknown_product' });
    await expect(
      shop.orders.create(tenantId, owner, { contactId: strangersContact, lines, note: null, botId: null }),
    ).rejects.toMatchObject({ code: 'unknown_contact' });
    await expect(
      shop.orders.create(tenantId, owner, { contactId, lines, note: null, botId: strangersBot }),
    ).rejects.toMatchObject({ code: 'unknown_bot' });
    const theirs = await shop.makeProduct(other);
    const first = await shop.orders.create(other, stranger, {
      contactId: strangersContact,
      lines: [{ productId: theirs, quantity: 1 }],
      note: null,
      botId: null,
    });
    expect(first.number).toBe(1);
  });
});
