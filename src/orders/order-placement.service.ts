import { Inject, Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { EventLogService } from '../analytics/event-log.service.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { ProductsService, type ProductOffer } from '../products/products.service.js';
import { StockService, type StockLine } from '../products/stock.service.js';
import { SellersService, type AssignedSeller } from '../sellers/sellers.service.js';
import { emitEvent } from '../webhooks/outgoing-events.js';
import { toEventData } from './order-changes.js';
import { OrderEvent } from './order-event.entity.js';
import { lockOrder } from './order-lifecycle.service.js';
import { OrderLine } from './order-line.entity.js';
import { OrderNotices } from './order-notices.js';
import type { OrderNotifier } from './order-notifier.js';
import { Order } from './order.entity.js';
import { beginSellerNotice } from './seller-notice.js';
import { findBuyer, findOrderOf, isBotOf } from './orders.queries.js';
import { UnknownBotError, UnknownContactError } from './orders.errors.js';

export type OrderRequest = {
  readonly contactId: string;
  readonly botId: string | null;
  readonly conversationId: string | null;
  /** One line per product. */
  readonly lines: readonly StockLine[];
  readonly note: string | null;
  /** Language of the line names; the contact's own when null. */
  readonly lang: 'es' | 'en' | 'pt' | null;
  /** Whose holds the order uses up. */
  readonly holder: string | null;
  /** Given: this seller. Absent: whose turn it is. */
  readonly seller?: AssignedSeller;
  /** `customer`, or `user:` or `key:` and an id. */
  readonly actor: string;
  /** The user or the API key behind it, for the ledger. */
  readonly by: string | null;
  /** One key, one order: placing again under it answers the first order. */
  readonly key: string | null;
  readonly now: Date;
};

export type PlacedOrder = {
  readonly id: string;
  readonly number: number;
  readonly totalMinor: number;
  readonly currency: string;
  readonly sellerName: string | null;
};

/** Takes the stock, the number and the seller, and records the order: all or nothing, in the caller's transaction. */
@Injectable()
export class OrderPlacement {
  constructor(
    @Inject(ProductsService) private readonly products: ProductsService,
    @Inject(StockService) private readonly stock: StockService,
    @Inject(SellersService) private readonly sellers: SellersService,
    @Inject(EventLogService) private readonly log: EventLogService,
    @Inject(OrderNotices) private readonly notifier: OrderNotifier,
  ) {}

  /**
   * Prices are those in force now. Rows are locked in one order (stock, counter, seller), so placing never deadlocks
   * with placing; the counter is locked late because everybody of the tenant waits for it.
   *
   * @throws OutOfStockError lists every short line
   * @throws UnknownProductError a line's product is not for sale
   * @throws UnknownContactError, UnknownBotError
   */
  async place(tx: EntityManager, tenantId: TenantId, request: OrderRequest): Promise<PlacedOrder> {
    const { contactId, botId, conversationId, note, now } = request;
    const earlier = request.key === null ? null : await this.findPlaced(tx, tenantId, request.key);
    if (earlier) return earlier;
    const contact = await findBuyer(tx, tenantId, contactId);
    if (!contact) throw new UnknownContactError(contactId);
    if (botId !== null && !(await isBotOf(tx, tenantId, botId))) throw new UnknownBotError(botId);

    const orderId = randomUUID();
    const ids = request.lines.map(({ productId }) => productId);
    const offers = await this.products.getOffers(tx, tenantId, { ids, lang: request.lang ?? contact.lang, now });
    const lines = request.lines.map((line) => toOrderLine(line, offers, { tenantId, orderId }));
    const { holder, by } = request;
    await this.stock.sell(tx, tenantId, { orderId, holder, lines: request.lines, by, now });
    const number = await nextNumber(tx, tenantId);
    const categoryIds = [...offers.values()].flatMap((offer) => offer.categoryIds);
    const seller = request.seller ?? (await this.sellers.assignNext(tx, tenantId, now, { botId, categoryIds }));

    const totalMinor = lines.reduce((sum, line) => sum + line.totalMinor, 0);
    const currency = [...offers.values()][0]?.currency ?? '';
    await tx.getRepository(Order).insert({
      id: orderId,
      tenantId,
      number,
      botId,
      conversationId,
      contactId,
      sellerId: seller?.id ?? null,
      state: 'placed',
      currency,
      totalMinor,
      note,
      placedKey: request.key,
      placedAt: now,
      updatedAt: now,
    });
    await tx.getRepository(OrderLine).insert(lines);
    await tx
      .getRepository(OrderEvent)
      .insert({ tenantId, orderId, fromState: null, toState: 'placed', actor: request.actor, createdAt: now });
    await this.log.append(tx, [
      { tenantId, botId, at: now, kind: 'order.placed', body: { orderId, totalMinor, currency, conversationId } },
    ]);
    const placed = await lockOrder(tx, tenantId, orderId);
    await emitEvent(tx, tenantId, 'order.placed', toEventData(placed));
    if (seller) {
      const order = { id: orderId, number, revision: placed.revision, totalMinor, currency, note, lines };
      const begun = await this.notifier.orderPlaced(tx, tenantId, { order, seller, contact, botId, conversationId });
      await beginSellerNotice(tx, tenantId, placed, begun, now);
    }
    return { id: orderId, number, totalMinor, currency, sellerName: seller?.name ?? null };
  }

  /** Two that place under one key wait for each other here, and the second finds the first one's order. */
  async findPlaced(tx: EntityManager, tenantId: TenantId, key: string): Promise<PlacedOrder | null> {
    await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`order ${tenantId} ${key}`]);
    const order = await tx.getRepository(Order).findOneBy({ tenantId, placedKey: key });
    if (!order) return null;
    const { id, number, totalMinor, currency, contactId } = order;
    const summary = await findOrderOf(tx, tenantId, contactId, { id });
    return { id, number, totalMinor, currency, sellerName: summary?.sellerName ?? null };
  }
}

/** One line at the price of its offer. */
export function toOrderLine(
  { productId, quantity }: StockLine,
  offers: ReadonlyMap<string, ProductOffer>,
  { tenantId, orderId }: { tenantId: TenantId; orderId: string },
): OrderLine {
  const offer = offers.get(productId);
  if (!offer) throw new TypeError('Every line has been looked up');
  const { sku, name, priceMinor: unitPriceMinor } = offer;
  const totalMinor = unitPriceMinor * quantity;
  return { id: randomUUID(), tenantId, orderId, productId, sku, name, quantity, unitPriceMinor, totalMinor };
}

/** The row stays locked until the commit: a number that is given back leaves no gap. */
async function nextNumber(tx: EntityManager, tenantId: TenantId): Promise<number> {
  const [row]: { last_number: number }[] = await tx.query(
    `insert into order_counter (tenant_id, last_number) values ($1, 1)
     on conflict (tenant_id) do update set last_number = order_counter.last_number + 1 returning last_number`,
    [tenantId],
  );
  if (!row) throw new TypeError('An upsert returns its row');
  return row.last_number;
}
