import type { EntityManager } from 'typeorm';
import { pageOrder } from '../platform/http/sorted-page.js';
import type { Page, PageQuery } from '../platform/http/page.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { ProductNotFoundError } from './products.errors.js';
import type { HoldView, ListHolds, ListMovements, MovementView, StockView } from './stock.dto.js';

/** @throws ProductNotFoundError not a product of this tenant */
export async function getStock(
  tx: EntityManager,
  tenantId: TenantId,
  { productId, page, now }: { productId: string; page: PageQuery; now: Date },
): Promise<StockView> {
  // One statement, one snapshot: level and holds belong together.
  const [stock]: { on_hand: number; holds: HoldView[] }[] = await tx.query(
    `select l.on_hand, coalesce((
       select json_agg(json_build_object('holder', h.holder, 'quantity', h.quantity, 'expiresAt', h.expires_at)
         order by h.expires_at, h.holder)
       from stock_hold h where h.product_id = l.product_id and h.expires_at > $3), '[]') as holds
     from stock_level l where l.tenant_id = $1 and l.product_id = $2`,
    [tenantId, productId, now],
  );
  if (!stock) throw new ProductNotFoundError(productId);
  const holds = stock.holds.map((hold) => ({ ...hold, expiresAt: new Date(hold.expiresAt).toISOString() }));
  const held = holds.reduce((sum, { quantity }) => sum + quantity, 0);
  const ledger = await listMovements(tx, tenantId, productId, { ...page, sort: '-createdAt' });
  return { productId, onHand: stock.on_hand, held, available: stock.on_hand - held, holds, ledger };
}

const MOVEMENT_SORTS = { createdAt: { sql: 'stock_movement.created_at', type: 'timestamptz' } } as const;
const HOLD_SORTS = {
  holder: { sql: 'holder', type: 'text' },
  expiresAt: { sql: 'expires_at', type: 'timestamptz' },
} as const;

/** Empty for what is not this tenant's. */
export async function listMovements(
  tx: EntityManager,
  tenantId: TenantId,
  productId: string,
  query: ListMovements,
): Promise<Page<MovementView>> {
  const order = pageOrder(query, MOVEMENT_SORTS, { sql: 'stock_movement.id', type: 'bigint' });
  const rows: (Omit<MovementView, 'createdAt'> & { createdAt: Date; pageKey: string })[] = await tx.query(
    `select id::text, quantity, reason, order_id as "orderId", note, created_by as "createdBy",
       created_at as "createdAt", ${order.key} as "pageKey"
     from stock_movement where tenant_id = $1 and product_id = $2 and ($3::text is null or reason = $3)
       and ${order.condition('$4', '$5')} order by ${order.orderBy} limit $6`,
    [tenantId, productId, query.reason ?? null, ...order.after, query.limit + 1],
  );
  const { items, nextCursor } = order.toPage(rows);
  return {
    items: items.map(({ pageKey: _key, ...row }) => ({ ...row, createdAt: row.createdAt.toISOString() })),
    nextCursor,
  };
}

/** Live ones. */
export async function listHolds(
  tx: EntityManager,
  tenantId: TenantId,
  { productId, query, now }: { productId: string; query: ListHolds; now: Date },
): Promise<Page<HoldView>> {
  const order = pageOrder(query, HOLD_SORTS, { sql: 'holder', type: 'text' });
  const rows: (Omit<HoldView, 'expiresAt'> & { expiresAt: Date; id: string; pageKey: string })[] = await tx.query(
    `select holder, quantity, expires_at as "expiresAt", holder as id, ${order.key} as "pageKey" from stock_hold
     where tenant_id = $1 and product_id = $2 and expires_at > $3
       and ${order.condition('$4', '$5')} order by ${order.orderBy} limit $6`,
    [tenantId, productId, now, ...order.after, query.limit + 1],
  );
  const { items, nextCursor } = order.toPage(rows);
  return {
    items: items.map(({ holder, quantity, expiresAt }) => ({ holder, quantity, expiresAt: expiresAt.toISOString() })),
    nextCursor,
  };
}
