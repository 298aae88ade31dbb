import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../platform/clock.js';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import type { Page, PageQuery } from '../platform/http/page.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { isParent } from './product-rows.js';
import { HasVariantsError, ProductNotFoundError } from './products.errors.js';
import type { AdjustStock, HoldView, ListHolds, ListMovements, MovementView, StockView } from './stock.dto.js';
import { getStock, listHolds, listMovements } from './stock.queries.js';
import { StockService } from './stock.service.js';

/** The stock as the people of the business see and change it. A product with variants has none: theirs is asked for. */
@Injectable()
export class InventoryService {
  constructor(
    @Inject(TenantDatabase) private readonly db: TenantDatabase,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(StockService) private readonly stock: StockService,
  ) {}

  /** @throws ProductNotFoundError unknown id, or another tenant's */
  get(tenantId: TenantId, productId: string, page: PageQuery): Promise<StockView> {
    return this.db.transaction(tenantId, (tx) => getStock(tx, tenantId, { productId, page, now: this.clock.now() }));
  }

  /** @throws ProductNotFoundError */
  listMovements(tenantId: TenantId, productId: string, query: ListMovements): Promise<Page<MovementView>> {
    return this.db.transaction(tenantId, async (tx) => {
      await assertProduct(tx, tenantId, productId);
      return listMovements(tx, tenantId, productId, query);
    });
  }

  /** @throws ProductNotFoundError */
  listHolds(tenantId: TenantId, productId: string, query: ListHolds): Promise<Page<HoldView>> {
    return this.db.transaction(tenantId, async (tx) => {
      await assertProduct(tx, tenantId, productId);
      return listHolds(tx, tenantId, { productId, query, now: this.clock.now() });
    });
  }

  /**
   * @param key the same key changes the stock once, however often it is asked
   * @throws OutOfStockError takes away more than is free
   * @throws HasVariantsError
   */
  adjust(
    tenantId: TenantId,
    productId: string,
    { quantity, reason, note }: AdjustStock,
    { by, key }: { by: string; key: string | null },
  ): Promise<StockView> {
    return this.db.transaction(tenantId, async (tx) => {
      const now = this.clock.now();
      await this.stock.adjust(tx, tenantId, { productId, quantity, reason, note, by, key, now });
      // After the lock: a first variant is made under it too.
      if (await isParent(tx, tenantId, productId)) throw new HasVariantsError();
      return getStock(tx, tenantId, { productId, page: { limit: 20 }, now });
    });
  }
}

async function assertProduct(tx: EntityManager, tenantId: TenantId, productId: string): Promise<void> {
  const found: unknown[] = await tx.query('select 1 from stock_level where tenant_id = $1 and product_id = $2', [
    tenantId,
    productId,
  ]);
  if (found.length === 0) throw new ProductNotFoundError(productId);
}
