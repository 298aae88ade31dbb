import type { EntityManager } from 'typeorm';
import { InvalidInputError } from '../platform/errors/app-error.js';
import { decodeCursor, toPage, type Page, type PageQuery } from '../platform/http/page.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { ProductNotFoundError } from './products.errors.js';
import type { HoldView, ListMovements, MovementView, StockView } from './stock.dto.js';

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
  const ledger = await listMovements(tx, tenantId, productId, page);
  return { productId, onHand: stock.on_hand, held, available: stock.on_hand - held, holds, ledger };
}

/** Newest first; empty for what is not this tenant's. */
export async function listMovements(
  tx: EntityManager,
  tenantId: TenantId,
  productId: string,
  { limit, cursor, reason }: ListMovements,
): Promise<Page<MovementView>> {
  const rows: (Omit<MovementView, 'createdAt'> & { createdAt: Date })[] = await tx.query(
    `select id::text, quantity, reason, order_id as "orderId", note, created_by as "createdBy", created_at as "createdAt"
     from stock_movement where tenant_id = $1 and product_id = $2 and ($3::bigint is null or id < $3)
       and ($4::text is null or reason = $4)
     order by stock_movement.id desc limit $5`,
    [tenantId, productId, cursor === undefined ? null : idOf(cursor), reason ?? null, limit + 1],
  );
  const views = rows.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() }));
  return toPage(views, limit, ({ id }) => [id]);
}

/** Live ones by holder. */
export async function listHolds(
  tx: EntityManager,
  tenantId: TenantId,
  { productId, page, now }: { productId: string; page: PageQuery; now: Date },
): Promise<Page<HoldView>> {
  const after = page.cursor === undefined ? null : String(decodeCursor(page.cursor)[0]);
  const rows: (Omit<HoldView, 'expiresAt'> & { expiresAt: Date })[] = await tx.query(
    `select holder, quantity, expires_at as "expiresAt" from stock_hold
     where tenant_id = $1 and product_id = $2 and expires_at > $3 and ($4::text is null or holder > $4)
     order by holder limit $5`,
    [tenantId, productId, now, after, page.limit + 1],
  );
  const views = rows.map((row) => ({ ...row, expiresAt: row.expiresAt.toISOString() }));
  return toPage(views, page.limit, ({ holder }) => [holder]);
}

function idOf(cursor: string): string {
  const id = String(decodeCursor(cursor)[0]);
  if (!/^\d{1,18}$/.test(id)) throw new InvalidInputError([{ field: 'cursor', message: 'Not a cursor of this list' }]);
  return id;
}
