import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Shop, TestApp } from '../../test/support/app.js';
import { addEndpoint } from '../../test/support/endpoints.js';
import { signInAs, startFeatures } from '../../test/support/features.js';
import { AuthModule } from '../auth/auth.module.js';
import { OrdersModule } from './orders.module.js';

let app: TestApp;
let shop: Shop;
let coffee: string;
let mug: string;
let contactId: string;
beforeAll(async () => {
  app = await startFeatures([AuthModule, OrdersModule]);
});
beforeEach(async () => {
  shop = await app.openShop();
  const make = async (sku: string, priceMinor: number) =>
    (await shop.call('POST', '/api/products', { sku, name: { es: sku }, priceMinor, initialStock: 10 })).body.id;
  [coffee, mug] = [await make('CAF', 1500), await make('TAZ', 9000)];
  contactId = randomUUID();
  await app.owner.query(
    `insert into contact (id, tenant_id, name, phone) values ($1, $2, 'Rosa Luz', '+525511112222')`,
    [contactId, shop.tenantId],
  );
});
afterAll(() => app.close());

const place = async (quantity = 2, more: object = {}) =>
  (await shop.call('POST', '/api/orders', { contactId, lines: [{ productId: coffee, quantity }], ...more })).body as {
    id: string;
  };
const pathOf = ({ id }: { id: string }) => `/api/orders/${id}`;
const move = (order: { id: string }, to: string, more: object = {}) =>
  shop.call('POST', `${pathOf(order)}/transitions`, { to, ...more });
const onHand = async (id: string) => (await shop.call('GET', `/api/products/${id}`)).body.onHand as number;
const fieldsOf = ({ body }: { body: { errors?: { field: string }[] } }) =>
  (body.errors ?? []).map(({ field }) => field);
const eventsOf = async (order: { id: string }) =>
  (
    await app.owner.query<{ type: string; change: string | null; state: string }>(
      `select type, body ->> 'change' as change, body ->> 'state' as state from outgoing_event
        where tenant_id = $1 and body ->> 'orderId' = $2 order by seq`,
      [shop.tenantId, order.id],
    )
  ).rows;

describe('lines of a placed order', () => {
  it('change as a whole: stock moves with them, and a product that stays keeps its price', async () => {
    const order = await place(4);
    await shop.call('PATCH', `/api/products/${coffee}`, { priceMinor: 9999 });
    const lines = [
      { productId: coffee, quantity: 1 },
      { productId: mug, quantity: 2 },
    ];
    const edited = await shop.call('PATCH', pathOf(order), { lines }, { 'if-match': '"1"' });
    expect([edited.status, edited.headers.get('etag')]).toEqual([200, '"2"']);
    expect(edited.body).toMatchObject({
      totalMinor: 1500 + 18_000,
      lines: [
        { sku: 'CAF', quantity: 1, unitPriceMinor: 1500 },
        { sku: 'TAZ', quantity: 2, unitPriceMinor: 9000 },
      ],
    });
    expect([await onHand(coffee), await onHand(mug)]).toEqual([9, 8]);
    await shop.call('PATCH', pathOf(order), { lines: [{ productId: mug, quantity: 2 }] });
    expect([await onHand(coffee), await onHand(mug)]).toEqual([10, 8]);
    await move(order, 'cancelled');
    expect([await onHand(coffee), await onHand(mug)]).toEqual([10, 10]);
  });

  it('INV-7: change by what there is, or not at all', async () => {
    const order = await place(4);
    const lines = [
      { productId: coffee, quantity: 1 },
      { productId: mug, quantity: 11 },
    ];
    const short = await shop.call('PATCH', pathOf(order), { lines });
    expect([short.status, short.body.code]).toEqual([409, 'out_of_stock']);
    expect([await onHand(coffee), await onHand(mug)]).toEqual([6, 10]);
    const unknown = await shop.call('PATCH', pathOf(order), { lines: [{ productId: randomUUID(), quantity: 1 }] });
    expect([unknown.status, unknown.body.code]).toEqual([422, 'unknown_product']);
    expect(fieldsOf(await shop.call('PATCH', pathOf(order), { lines: [] }))).toEqual(['lines']);
  });

  it('are what they are once the order is confirmed', async () => {
    const order = await place();
    await move(order, 'confirmed');
    const late = await shop.call('PATCH', pathOf(order), { lines: [{ productId: coffee, quantity: 1 }] });
    expect([late.status, late.body.code, fieldsOf(late)]).toEqual([409, 'order_not_editable', ['lines']]);
    expect((await shop.call('PATCH', pathOf(order), {})).body.revision).toBe(2);
  });
});

describe('paying and giving back', () => {
  const paid = async (quantity = 4) => {
    const order = await place(quantity);
    await move(order, 'confirmed');
    await move(order, 'paid', {
      payment: { method: 'spei', reference: 'BNX-77', paidAt: '2026-03-02T10:00:00-06:00' },
    });
    return order;
  };
  const refund = (order: { id: string }, body: object, headers = {}) =>
    shop.call('POST', `${pathOf(order)}/refunds`, body, headers);

  it('keeps how it was paid, and lets that be corrected', async () => {
    const order = await paid();
    expect((await shop.call('GET', pathOf(order))).body).toMatchObject({
      paymentState: 'paid',
      paymentMethod: 'spei',
      paymentReference: 'BNX-77',
      paidMinor: 6000,
      paidAt: '2026-03-02T16:00:00.000Z',
      refundedMinor: 0,
    });
    expect((await shop.call('PATCH', pathOf(order), { paymentReference: null })).body.paymentReference).toBeNull();
    const wrong = await move(await place(), 'confirmed', { payment: { method: 'x' } });
    expect([wrong.status, fieldsOf(wrong)]).toEqual([400, ['payment']]);
  });

  it('gives back a part with the goods, then the rest, and no more', async () => {
    const order = await paid();
    const part = await refund(order, {
      amountMinor: 1500,
      reason: 'Roto',
      restock: [{ productId: coffee, quantity: 1 }],
    });
    expect(part.status).toBe(201);
    expect(part.body).toMatchObject({
      paymentState: 'partly_refunded',
      refundedMinor: 1500,
      refunds: [{ amountMinor: 1500, reason: 'Roto', restocked: [{ productId: coffee, quantity: 1 }] }],
    });
    expect(await onHand(coffee)).toBe(7);
    const tooMuch = await refund(order, { amountMinor: 4501 });
    expect([tooMuch.status, tooMuch.body.code, fieldsOf(tooMuch)]).toEqual([409, 'refund_too_high', ['amountMinor']]);
    const tooMany = await refund(order, { amountMinor: 1, restock: [{ productId: coffee, quantity: 4 }] });
    expect([tooMany.status, tooMany.body.code]).toEqual([422, 'not_taken']);
    expect((await refund(order, { amountMinor: 4500 })).body.paymentState).toBe('refunded');
    expect(await onHand(coffee)).toBe(7);
    expect((await shop.call('GET', pathOf(order))).body.refunds).toHaveLength(2);
  });

  it('gives back once per Idempotency-Key, also after a crash', async () => {
    const order = await paid();
    const key = { 'idempotency-key': 'refund-1' };
    await refund(order, { amountMinor: 1500 }, key);
    await app.owner.query(
      `update idempotency_key set answer = null, started_at = now() - interval '2 minutes' where tenant_id = $1`,
      [shop.tenantId],
    );
    expect((await refund(order, { amountMinor: 1500 }, key)).body.refundedMinor).toBe(1500);
  });

  it('lets one of two refunds of everything through', async () => {
    const order = await paid();
    const both = await Promise.all([refund(order, { amountMinor: 6000 }), refund(order, { amountMinor: 6000 })]);
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409]);
  });

  it('INV-7: owes back what a cancelled order was paid, until it is given back', async () => {
    const order = await paid();
    expect((await move(order, 'cancelled')).body.paymentState).toBe('refund_due');
    expect(await onHand(coffee)).toBe(10);
    const due = async () => (await shop.call('GET', '/api/orders?paymentState=refund_due')).body.items.length as number;
    expect(await due()).toBe(1);
    expect((await refund(order, { amountMinor: 1000 })).body.paymentState).toBe('refund_due');
    expect((await refund(order, { amountMinor: 5000 })).body.paymentState).toBe('refunded');
    expect(await due()).toBe(0);
    const unpaid = await place();
    expect((await move(unpaid, 'cancelled')).body.paymentState).toBe('unpaid');
    expect((await refund(unpaid, { amountMinor: 1 })).body.code).toBe('refund_too_high');
  });
});

describe('notes', () => {
  it('are written, listed newest first, and deleted', async () => {
    const order = await place();
    const path = `${pathOf(order)}/notes`;
    const first = await shop.call('POST', path, { text: 'Llamar antes' });
    expect(first.status).toBe(201);
    await shop.call('POST', path, { text: 'Ya pagó' });
    const texts = async () => (await shop.call('GET', path)).body.items.map(({ text }: { text: string }) => text);
    expect(await texts()).toEqual(['Ya pagó', 'Llamar antes']);
    expect((await shop.call('DELETE', `${path}/${first.body.id}`)).status).toBe(204);
    expect((await shop.call('DELETE', `${path}/${first.body.id}`)).body.code).toBe('order_note_not_found');
    expect(await texts()).toEqual(['Ya pagó']);
    expect(fieldsOf(await shop.call('POST', path, { text: ' ' }))).toEqual(['text']);
  });
});

describe('finding and adding up', () => {
  it('finds by number, customer, phone and note', async () => {
    const order = await place(1, { note: 'Sin azúcar' });
    await place(2);
    const found = async (text: string) =>
      (await shop.call('GET', `/api/orders?text=${encodeURIComponent(text)}`)).body.items.length as number;
    expect(await found('#1')).toBe(1);
    expect(await found('rosa l')).toBe(2);
    expect(await found('1111222')).toBe(2);
    expect(await found('AZÚCAR')).toBe(1);
    expect(await found('%')).toBe(0);
    expect(order.id).toBeTruthy();
  });

  it('adds up what a filter finds, by state', async () => {
    await move(await place(1), 'cancelled');
    const kept = await place(2);
    await move(kept, 'confirmed');
    await move(kept, 'paid');
    await shop.call('POST', `${pathOf(kept)}/refunds`, { amountMinor: 500 });
    const totals = await shop.call('GET', '/api/orders/totals');
    expect(totals.body).toEqual({
      currency: 'MXN',
      count: 2,
      totalMinor: 4500,
      paidMinor: 3000,
      refundedMinor: 500,
      byState: [
        { state: 'paid', count: 1, totalMinor: 3000, paidMinor: 3000, refundedMinor: 500 },
        { state: 'cancelled', count: 1, totalMinor: 1500, paidMinor: 0, refundedMinor: 0 },
      ],
    });
    expect((await shop.call('GET', '/api/orders/totals?state=paid')).body.count).toBe(1);
    const seller = await signInAs(app, shop, 'seller');
    expect((await seller.call('GET', '/api/orders/totals')).body.count).toBe(0);
    expect(fieldsOf(await shop.call('GET', '/api/orders/totals?from=today'))).toEqual(['from']);
  });
});

describe('integrators', () => {
  it('are told of everything that happens to an order, in order', async () => {
    await addEndpoint(app.owner, shop.tenantId);
    const order = await place();
    await shop.call('PATCH', pathOf(order), { note: 'x' });
    await shop.call('POST', `${pathOf(order)}/assign`, { sellerId: null });
    await move(order, 'confirmed');
    expect(await eventsOf(order)).toEqual([
      { type: 'order.placed', change: null, state: 'placed' },
      { type: 'order.changed', change: 'edit', state: 'placed' },
      { type: 'order.changed', change: 'assign', state: 'placed' },
      { type: 'order.changed', change: 'state', state: 'confirmed' },
    ]);
  });
});

describe('another shop, another seller, a viewer', () => {
  it('INV-8: see, change, refund and note nothing', async () => {
    const order = await place();
    const viewer = await signInAs(app, shop, 'viewer');
    const strangers = [await app.openShop(), await signInAs(app, shop, 'seller')];
    const calls = [
      ['PATCH', pathOf(order), { note: 'x' }],
      ['POST', `${pathOf(order)}/assign`, { sellerId: null }],
      ['POST', `${pathOf(order)}/refunds`, { amountMinor: 1 }],
      ['GET', `${pathOf(order)}/notes`],
      ['POST', `${pathOf(order)}/notes`, { text: 'x' }],
      ['DELETE', `${pathOf(order)}/notes/${randomUUID()}`],
    ] as const;
    for (const [method, path, body] of calls) {
      for (const stranger of strangers)
        expect([method, path, (await stranger.call(method, path, body)).body.code]).toEqual([
          method,
          path,
          'order_not_found',
        ]);
      expect((await viewer.call(method, path, body)).status).toBe(method === 'GET' ? 200 : 403);
      expect((await app.call(method, path, body)).status).toBe(401);
    }
  });
});
