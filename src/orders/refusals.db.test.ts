import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Shop, TestApp } from '../../test/support/app.js';
import { startFeatures } from '../../test/support/features.js';
import { AuthModule } from '../auth/auth.module.js';
import { ContactsModule } from '../contacts/contacts.module.js';
import { OrdersModule } from './orders.module.js';

let app: TestApp;
let shop: Shop;
let order: { contactId: string; lines: object[] };
let path: string;
beforeAll(async () => {
  app = await startFeatures([AuthModule, ContactsModule, OrdersModule]);
  shop = await app.openShop();
  const product = { sku: 'CAF', name: { es: 'Café de olla' }, priceMinor: 1500, initialStock: 10 };
  const productId = await make('/api/products', product);
  const contactId = await make('/api/contacts', { phone: '+525512345678' });
  order = { contactId, lines: [{ productId, quantity: 1 }] };
  path = `/api/orders/${await make('/api/orders', order)}`;
});
afterAll(() => app.close());

async function make(at: string, body: object): Promise<string> {
  const answer = await shop.call('POST', at, body);
  expect([at, answer.status, answer.body]).toEqual([at, 201, answer.body]);
  return answer.body.id;
}

async function refusal(method: string, at: string, body?: object): Promise<unknown[]> {
  const answer = await shop.call(method, at, body);
  return [answer.status, answer.body.code, ...(answer.body.errors ?? []).map(({ field }: { field: string }) => field)];
}

describe('an order is refused', () => {
  it('of a contact, by a bot or with a product that is not there', async () => {
    const place = (more: object) => refusal('POST', '/api/orders', { ...order, ...more });
    const lines = [{ productId: randomUUID(), quantity: 1 }];
    expect(await place({ contactId: randomUUID() })).toEqual([422, 'unknown_contact', 'contactId']);
    expect(await place({ botId: randomUUID() })).toEqual([422, 'unknown_bot', 'botId']);
    expect(await place({ lines })).toEqual([422, 'unknown_product', 'productId']);
    expect(await refusal('PATCH', path, { lines })).toEqual([422, 'unknown_product', 'productId']);
  });

  it('to a seller who is not there or is paused', async () => {
    const eva = await make('/api/sellers', { name: 'Eva', phone: '+5215512345678', isActive: false });
    const assign = (sellerId: string) => refusal('POST', `${path}/assign`, { sellerId });
    expect(await assign(randomUUID())).toEqual([422, 'unknown_seller', 'sellerId']);
    expect(await assign(eva)).toEqual([422, 'unknown_seller', 'sellerId']);
    expect(await assign('x')).toEqual([400, 'invalid_input', 'sellerId']);
  });

  it('money and moves that say nothing, or where there is no order', async () => {
    expect(await refusal('POST', `${path}/refunds`, { amountMinor: 0 })).toEqual([400, 'invalid_input', 'amountMinor']);
    const nowhere = `/api/orders/${randomUUID()}`;
    expect(await refusal('POST', `${nowhere}/transitions`, { to: 'paid' })).toEqual([404, 'order_not_found']);
  });
});

describe('what is none', () => {
  it.each([
    ['GET', '/api/orders/x', 'id'],
    ['GET', '/api/orders/x/notes', 'id'],
    ['DELETE', `/api/orders/${randomUUID()}/notes/x`, 'noteId'],
    ['DELETE', '/api/order-messages/lost', 'state'],
  ])('%s %s is refused', async (method, at, field) => {
    expect(await refusal(method, at)).toEqual([400, 'invalid_input', field]);
  });
});
