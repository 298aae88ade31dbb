import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { actorOf, type Caller } from '../auth/tenant.decorator.js';
import { Clock } from '../platform/clock.js';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import { assertRevision } from '../platform/http/etag.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { ProductsService } from '../products/products.service.js';
import { StockService, type StockLine } from '../products/stock.service.js';
import { SellersService } from '../sellers/sellers.service.js';
import { applyChange } from './order-changes.js';
import { OrderLine } from './order-line.entity.js';
import { toOrderLine } from './order-placement.service.js';
import { lockVisible } from './order-visibility.js';
import type { Order } from './order.entity.js';
import type { ChangeOrder, OrderView } from './orders.dto.js';
import { OrderNotEditableError } from './orders.errors.js';
import { findBuyer, getOrder } from './orders.queries.js';

/** Corrections of an order that is there. */
@Injectable()
export class OrderEdits {
  constructor(
    @Inject(TenantDatabase) private readonly db: TenantDatabase,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(ProductsService) private readonly products: ProductsService,
    @Inject(StockService) private readonly stock: StockService,
    @Inject(SellersService) private readonly sellers: SellersService,
  ) {}

  /**
   * Lines replace all there are, while the order is placed: more takes stock, less gives it back. A product that stays
   * keeps its price.
   *
   * @throws OrderNotEditableError it is confirmed, or further
   * @throws OutOfStockError, UnknownProductError
   * @throws RevisionMismatchError
   */
  change(tenantId: TenantId, caller: Caller, id: string, change: ChangeOrder, ifMatch?: string): Promise<OrderView> {
    return this.db.transaction(tenantId, async (tx) => {
      const order = await lockVisible(tx, this.sellers, { tenantId, caller, id });
      assertRevision(ifMatch, order.revision);
      if (Object.keys(change).length === 0) return getOrder(tx, tenantId, id, null);
      const { lines, ...fields } = change;
      const totals = lines ? await this.replaceLines(tx, tenantId, order, { lines, by: caller.userId }) : {};
      const now = this.clock.now();
      const actor = actorOf(caller);
      await applyChange(tx, tenantId, order, {
        kind: 'edit',
        fields: { ...fields, ...totals },
        actor,
        note: null,
        now,
      });
      return getOrder(tx, tenantId, id, null);
    });
  }

  private async replaceLines(
    tx: EntityManager,
    tenantId: TenantId,
    order: Order,
    { lines, by }: { lines: readonly StockLine[]; by: string },
  ): Promise<Partial<Order>> {
    if (order.state !== 'placed') throw new OrderNotEditableError(order.state);
    const now = this.clock.now();
    const before = await tx.getRepository(OrderLine).findBy({ tenantId, orderId: order.id });
    const kept = new Map(before.map((line) => [line.productId, line]));
    const fresh = lines.filter(({ productId }) => !kept.has(productId));
    const buyer = await findBuyer(tx, tenantId, order.contactId);
    const ids = fresh.map(({ productId }) => productId);
    const offers = await this.products.getOffers(tx, tenantId, { ids, lang: buyer?.lang ?? 'es', now });
    await this.stock.correct(tx, tenantId, {
      orderId: order.id,
      lines: difference(before, lines),
      back: 'cancellation',
      by,
      now,
    });
    const after = lines.map((line): OrderLine => {
      const { productId, quantity } = line;
      const old = kept.get(productId);
      if (!old) return toOrderLine(line, offers, { tenantId, orderId: order.id });
      return Object.assign(new OrderLine(), old, { quantity, totalMinor: old.unitPriceMinor * quantity });
    });
    await tx.getRepository(OrderLine).delete({ tenantId, orderId: order.id });
    await tx.getRepository(OrderLine).insert(after);
    return { totalMinor: after.reduce((sum, line) => sum + line.totalMinor, 0) };
  }
}

/** Signed units by product: above zero where more is wanted than before. */
function difference(before: readonly StockLine[], after: readonly StockLine[]): StockLine[] {
  const units = new Map(after.map(({ productId, quantity }) => [productId, quantity]));
  for (const { productId, quantity } of before) units.set(productId, (units.get(productId) ?? 0) - quantity);
  return [...units].flatMap(([productId, quantity]) => (quantity === 0 ? [] : [{ productId, quantity }]));
}
