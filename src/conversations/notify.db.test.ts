import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  makeEvent,
  openMessagePath,
  openPathShop,
  type MessagePath,
  type Shop,
} from '../../test/support/message-path.js';
import type { MovedOrderNotice, PlacedOrderNotice } from '../orders/order-notifier.js';
import { NotifyService } from './notify.service.js';
import { SellerNotifier, orderText } from './seller-notifier.js';
import { OrderNotices } from '../orders/order-notices.js';

const NOTICE: PlacedOrderNotice = {
  order: {
    id: '0b5c1f0e-6e0f-4f6a-9a57-0d3f1c9d8f11',
    number: 12,
    revision: 1,
    totalMinor: 25_050,
    currency: 'MXN',
    note: 'sin azúcar',
    lines: [
      { name: 'Café de altura 500 g', quantity: 2 },
      { name: 'Filtros', quantity: 1 },
    ],
  },
  seller: { id: 's', name: 'Sofía', phone: '+5215587654321' },
  contact: { id: 'c', name: 'Ana', phone: '+5215512345678' },
  botId: null,
  conversationId: null,
};

describe('notices', () => {
  const notices = new NotifyService();
  const sellers = new SellerNotifier(notices, new OrderNotices());
  let path: MessagePath;
  let shop: Shop;

  beforeAll(async () => {
    path = await openMessagePath();
  });
  beforeEach(async () => {
    shop = await openPathShop(path.db);
  });
  afterAll(() => path.close());

  const place = (notice = NOTICE) =>
    path.db.tenants.transaction(shop.tenantId, (tx) => sellers.orderPlaced(tx, shop.tenantId, notice));
  const tell = (notice: MovedOrderNotice) =>
    path.db.tenants.transaction(shop.tenantId, (tx) => sellers.orderMoved(tx, shop.tenantId, notice));
  const sent = async () =>
    (
      await path.db.owner.query<{ text: string; address: string; lane: number }>(
        `select o.body ->> 'text' as text, c.address, o.lane from outbox o join conversation c on c.id = o.conversation_id
          where o.tenant_id = $1 order by o.id`,
        [shop.tenantId],
      )
    ).rows;

  it('tells the seller of an order in a conversation of their own, once', async () => {
    await place();
    await place();
    await path.runTurns();
    expect(await sent()).toEqual([{ text: orderText(NOTICE, 'es'), address: '5215587654321', lane: 1 }]);
    expect(path.engine.inputs).toEqual([]);
  });

  it('uses the conversation of a seller who has written before, and its line', async () => {
    const from = '5215587654321';
    await path.ingest.ingest([makeEvent(shop, { from, identities: ['tel:525587654321'], profileName: 'Sofi' })]);
    await place({ ...NOTICE, botId: shop.botId });
    await path.runTurns();
    expect((await sent()).map(({ address, lane }) => ({ address, lane }))).toEqual([
      { address: from, lane: 0 },
      { address: from, lane: 1 },
    ]);
    const { rows } = await path.db.owner.query('select name from contact where tenant_id = $1', [shop.tenantId]);
    expect(rows).toEqual([{ name: 'Sofi' }]);
  });

  it('tells a customer of their order where they placed it, once per state, also without a number', async () => {
    await path.ingest.ingest([makeEvent(shop, { from: 'MX.hidden', identities: ['bsuid:MX.hidden'], phone: null })]);
    const { rows } = await path.db.owner.query<{ id: string }>('select id from conversation where tenant_id = $1', [
      shop.tenantId,
    ]);
    const notice = {
      orderId: NOTICE.order.id,
      state: 'shipped',
      botId: shop.botId,
      conversationId: rows[0]?.id ?? null,
      customer: { name: null, phone: null },
      text: 'Va en camino',
    };
    await tell(notice);
    await tell(notice);
    await path.runTurns();
    expect((await sent()).filter(({ lane }) => lane === 1)).toMatchObject([
      { text: 'Va en camino', address: 'MX.hidden' },
    ]);
  });

  it('tells a customer of an order made by hand at their number, and nobody when there is none', async () => {
    const customer = { name: 'Rosa', phone: '+5215511110000' };
    const notice = {
      orderId: NOTICE.order.id,
      state: 'paid',
      botId: null,
      conversationId: null,
      customer,
      text: 'Gracias',
    };
    await tell(notice);
    await tell({ ...notice, orderId: shop.botId, customer: { name: null, phone: null } });
    // A conversation that is gone is no reason to keep silent.
    await tell({ ...notice, state: 'shipped', conversationId: NOTICE.order.id, text: 'Va' });
    await path.runTurns();
    expect(await sent()).toMatchObject([
      { text: 'Gracias', address: '5215511110000' },
      { text: 'Va', address: '5215511110000' },
    ]);
  });

  it('INV-4: sends nothing when the transaction that places the order fails', async () => {
    const failing = path.db.tenants.transaction(shop.tenantId, async (tx) => {
      await sellers.orderPlaced(tx, shop.tenantId, NOTICE);
      throw new Error('out of stock after all');
    });
    await expect(failing).rejects.toThrow('out of stock');
    await path.runTurns();
    expect(await sent()).toEqual([]);
  });

  it('does not stop an order of a shop whose bots have no line', async () => {
    const tenantId = await path.db.makeTenant();
    await path.db.tenants.transaction(tenantId, (tx) => sellers.orderPlaced(tx, tenantId, NOTICE));
    const { rows } = await path.db.owner.query('select 1 from inbox where tenant_id = $1', [tenantId]);
    expect(rows).toEqual([]);
  });

  it('INV-8: speaks by the lines of its own tenant only', async () => {
    const theirs = await openPathShop(path.db);
    await place({ ...NOTICE, botId: theirs.botId });
    await path.runTurns();
    expect(await sent()).toEqual([]);
  });
});

describe('the words for a seller', () => {
  it.each([
    ['es', 'Pedido nuevo #12\n2 × Café de altura 500 g\n1 × Filtros\nTotal: $250.50'],
    ['en', 'New order #12\n2 × Café de altura 500 g\n1 × Filtros\nTotal: MX$250.50'],
    ['pt', 'Novo pedido #12\n2 × Café de altura 500 g\n1 × Filtros\nTotal: MX$ 250,50'],
  ] as const)('are in the shop’s language: %s', (locale, start) => {
    expect(orderText(NOTICE, locale).replaceAll('\u00a0', ' ')).toContain(start);
  });

  it('keep the total when the list is longer than a message', () => {
    const lines = Array.from({ length: 300 }, (_, n) => ({ name: `Producto número ${n}`, quantity: 1 }));
    const text = orderText({ ...NOTICE, order: { ...NOTICE.order, lines } }, 'es');
    expect(text.length).toBeLessThanOrEqual(4096);
    expect(text).toContain('Cliente: Ana +5215512345678\nNota: sin azúcar');
  });
});
