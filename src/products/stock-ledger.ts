import type { EntityManager } from 'typeorm';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { emitEvent } from '../webhooks/outgoing-events.js';
import type { StockReason } from './stock.dto.js';

/** Whole units; one line per product. */
export type StockLine = { readonly productId: string; readonly quantity: number };

export type LedgerEntry = {
  readonly reason: StockReason;
  readonly orderId?: string;
  readonly note?: string | null;
  readonly by: string | null;
  /** One key, one movement of a product. */
  readonly key?: string | null;
};

/** The event `product.low_stock`: its stock has just fallen to its low-stock level. */
type LowStock = {
  readonly productId: string;
  readonly parentId: string | null;
  readonly sku: string;
  readonly onHand: number;
  readonly lowStockAt: number;
};

/** Writes movements and moves the running sums with them; the rows are locked already. Tells who has run low. */
export async function record(
  tx: EntityManager,
  tenantId: TenantId,
  changes: readonly StockLine[],
  entry: LedgerEntry,
): Promise<void> {
  if (changes.length === 0) return;
  const low: LowStock[] = await tx.query(
    `with change as (select * from unnest($2::uuid[], $3::int[]) c(product_id, quantity)),
         level as (update stock_level s set on_hand = s.on_hand + c.quantity from change c
                   where s.tenant_id = $1 and s.product_id = c.product_id returning s.product_id, s.on_hand, c.quantity),
         movement as (
           insert into stock_movement (tenant_id, product_id, quantity, reason, order_id, note, created_by, request_key)
           select $1, product_id, quantity, $4, $5, $6, $7, $8 from change)
       select p.id as "productId", p.parent_id as "parentId", p.sku, level.on_hand as "onHand",
         p.low_stock_at as "lowStockAt"
       from level join product p on p.id = level.product_id
       where p.is_active and level.on_hand <= p.low_stock_at and level.on_hand - level.quantity > p.low_stock_at
       order by p.sku`,
    [
      tenantId,
      ...columnsOf(changes),
      entry.reason,
      entry.orderId ?? null,
      entry.note ?? null,
      entry.by,
      entry.key ?? null,
    ],
  );
  for (const product of low) await emitEvent(tx, tenantId, 'product.low_stock', product);
}

export async function isRecorded(
  tx: EntityManager,
  tenantId: TenantId,
  productId: string,
  key: string,
): Promise<boolean> {
  const found: unknown[] = await tx.query(
    'select 1 from stock_movement where tenant_id = $1 and request_key = $2 and product_id = $3',
    [tenantId, key, productId],
  );
  return found.length > 0;
}

/** What an order took and has not brought back, by product. */
export async function unitsTaken(
  tx: EntityManager,
  tenantId: TenantId,
  orderId: string,
): Promise<ReadonlyMap<string, number>> {
  const rows: { product_id: string; units: number }[] = await tx.query(
    `select product_id, -sum(quantity)::int as units from stock_movement
      where tenant_id = $1 and order_id = $2 group by product_id`,
    [tenantId, orderId],
  );
  return new Map(rows.map(({ product_id: id, units }) => [id, units]));
}

export function columnsOf(lines: readonly StockLine[]): [string[], number[]] {
  return [lines.map(({ productId }) => productId), lines.map(({ quantity }) => quantity)];
}
