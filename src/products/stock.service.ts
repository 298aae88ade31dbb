import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { OutOfStockError, ProductNotFoundError, StockLimitError, type Shortage } from './products.errors.js';

/** Whole units, above zero; one line per product. */
export type StockLine = { readonly productId: string; readonly quantity: number };
type Reason = 'initial' | 'adjustment' | 'sale' | 'cancellation';
/** `others`: units in live holds of anyone but the asking holder. */
type Level = { readonly onHand: number; readonly others: number };

const MAX_ON_HAND = 1_000_000_000;

/**
 * Stock is a ledger of movements; `stock_level` is its running sum and the row every change locks first, in product
 * order, so that carts that want the same things wait for each other and never in a circle. A hold takes units away
 * from other buyers until it expires. Available = level − live holds, never below zero (INV-7).
 *
 * All methods run inside the caller's transaction.
 */
@Injectable()
export class StockService {
  /** Begins the ledger of a new product. */
  async open(
    tx: EntityManager,
    tenantId: TenantId,
    line: { productId: string; quantity: number; by: string },
  ): Promise<void> {
    await tx.query('insert into stock_level (product_id, tenant_id) values ($1, $2)', [line.productId, tenantId]);
    if (line.quantity > 0) await this.record(tx, tenantId, [line], { reason: 'initial', by: line.by });
  }

  /**
   * @param quantity signed units, not zero
   * @throws OutOfStockError it would take units that are not there, or that somebody holds
   */
  async adjust(
    tx: EntityManager,
    tenantId: TenantId,
    change: { productId: string; quantity: number; note: string | null; by: string; now: Date },
  ): Promise<void> {
    const { productId, quantity, note, by, now } = change;
    const levels = await this.lock(tx, tenantId, { productIds: [productId], holder: null, now });
    const { onHand, others } = levelOf(levels, productId);
    if (onHand + quantity < others)
      throw new OutOfStockError([{ productId, requested: -quantity, available: onHand - others }]);
    if (onHand + quantity > MAX_ON_HAND) throw new StockLimitError(MAX_ON_HAND);
    await this.record(tx, tenantId, [{ productId, quantity }], { reason: 'adjustment', note, by });
  }

  /**
   * Reserves units until `now + ttlMs`: afterwards the holder has exactly `lines`, and of each of `ifFree` as many as
   * there are (0 wanted gives the hold back). Holds on other products stay as they are.
   *
   * @returns units held now, by product, of all that was asked for
   * @throws OutOfStockError one of `lines` is short: nothing was held; lists every short line
   * @throws ProductNotFoundError not a product of this tenant
   */
  async hold(
    tx: EntityManager,
    tenantId: TenantId,
    request: { holder: string; lines: readonly StockLine[]; ifFree?: readonly StockLine[]; ttlMs: number; now: Date },
  ): Promise<ReadonlyMap<string, number>> {
    const { holder, lines, ifFree = [], ttlMs, now } = request;
    const productIds = [...lines, ...ifFree].map(({ productId }) => productId);
    const levels = await this.lock(tx, tenantId, { productIds, holder, now });
    assertFree(levels, lines);
    const granted = new Map(lines.map(({ productId, quantity }) => [productId, quantity]));
    for (const { productId, quantity } of ifFree) granted.set(productId, Math.min(quantity, freeOf(levels, productId)));
    await tx.query(
      `with wanted as (select * from unnest($4::uuid[], $5::int[]) w(product_id, quantity)),
         given_back as (delete from stock_hold h using wanted w
           where h.tenant_id = $1 and h.holder = $2 and h.product_id = w.product_id and w.quantity = 0)
       insert into stock_hold (tenant_id, product_id, holder, quantity, expires_at)
       select $1, w.product_id, $2, w.quantity, $3 from wanted w where w.quantity > 0
       on conflict (product_id, holder) do update set quantity = excluded.quantity, expires_at = excluded.expires_at`,
      [tenantId, holder, new Date(now.getTime() + ttlMs), [...granted.keys()], [...granted.values()]],
    );
    return granted;
  }

  /** Gives held units of one product back. No hold is not an error: it may just have expired. */
  async release(
    tx: EntityManager,
    tenantId: TenantId,
    hold: { holder: string; productId: string; now: Date },
  ): Promise<void> {
    await this.lock(tx, tenantId, { productIds: [hold.productId], holder: hold.holder, now: hold.now });
    await tx.query('delete from stock_hold where tenant_id = $1 and product_id = $2 and holder = $3', [
      tenantId,
      hold.productId,
      hold.holder,
    ]);
  }

  /** Gives back everything this holder has. */
  async releaseAll(
    tx: EntityManager,
    tenantId: TenantId,
    { holder, now }: { holder: string; now: Date },
  ): Promise<void> {
    const rows: { product_id: string }[] = await tx.query(
      'select product_id from stock_hold where tenant_id = $1 and holder = $2',
      [tenantId, holder],
    );
    await this.lock(tx, tenantId, { productIds: rows.map((row) => row.product_id), holder, now });
    await tx.query('delete from stock_hold where tenant_id = $1 and holder = $2', [tenantId, holder]);
  }

  /**
   * Moves units out of the ledger for an order, using up what `holder` had reserved of them.
   *
   * @throws OutOfStockError nothing was sold; lists every short line
   */
  async sell(
    tx: EntityManager,
    tenantId: TenantId,
    sale: { orderId: string; holder: string | null; lines: readonly StockLine[]; by: string | null; now: Date },
  ): Promise<void> {
    const { orderId, holder, lines, by, now } = sale;
    const [productIds] = columnsOf(lines);
    assertFree(await this.lock(tx, tenantId, { productIds, holder, now }), lines);
    await tx.query('delete from stock_hold where tenant_id = $1 and holder = $2 and product_id = any($3::uuid[])', [
      tenantId,
      holder,
      productIds,
    ]);
    const outgoing = lines.map(({ productId, quantity }) => ({ productId, quantity: -quantity }));
    await this.record(tx, tenantId, outgoing, { reason: 'sale', orderId, by });
  }

  /** Brings back what the ledger says this order took and has not brought back yet: calling it twice is harmless. */
  async putBack(
    tx: EntityManager,
    tenantId: TenantId,
    { orderId, by, now }: { orderId: string; by: string | null; now: Date },
  ): Promise<void> {
    const taken: { product_id: string }[] = await tx.query(
      'select distinct product_id from stock_movement where tenant_id = $1 and order_id = $2',
      [tenantId, orderId],
    );
    await this.lock(tx, tenantId, { productIds: taken.map((row) => row.product_id), holder: null, now });
    const owed: { product_id: string; quantity: number }[] = await tx.query(
      `select product_id, -sum(quantity)::int as quantity from stock_movement
       where tenant_id = $1 and order_id = $2 group by product_id having sum(quantity) < 0`,
      [tenantId, orderId],
    );
    const incoming = owed.map((row) => ({ productId: row.product_id, quantity: row.quantity }));
    await this.record(tx, tenantId, incoming, { reason: 'cancellation', orderId, by });
  }

  /** The second statement begins after the lock is granted, so it sees what the buyer before us committed. */
  private async lock(
    tx: EntityManager,
    tenantId: TenantId,
    { productIds, holder, now }: { productIds: readonly string[]; holder: string | null; now: Date },
  ): Promise<Map<string, Level>> {
    const levels: { product_id: string; on_hand: number }[] = await tx.query(
      `select product_id, on_hand from stock_level where tenant_id = $1 and product_id = any($2::uuid[])
       order by product_id for update`,
      [tenantId, productIds],
    );
    const holds: { product_id: string; others: number }[] = await tx.query(
      `with expired as (
         delete from stock_hold where tenant_id = $1 and product_id = any($2::uuid[]) and expires_at <= $4)
       select product_id, sum(quantity)::int as others from stock_hold
       where tenant_id = $1 and product_id = any($2::uuid[]) and expires_at > $4 and holder is distinct from $3
       group by product_id`,
      [tenantId, productIds, holder, now],
    );
    const others = new Map(holds.map((row) => [row.product_id, row.others]));
    return new Map(levels.map(({ product_id: id, on_hand: onHand }) => [id, { onHand, others: others.get(id) ?? 0 }]));
  }

  /** Writes movements and moves the running sums with them; the rows are locked already. */
  private async record(
    tx: EntityManager,
    tenantId: TenantId,
    changes: readonly StockLine[],
    entry: { reason: Reason; orderId?: string; note?: string | null; by: string | null },
  ): Promise<void> {
    if (changes.length === 0) return;
    await tx.query(
      `with change as (select * from unnest($2::uuid[], $3::int[]) c(product_id, quantity)),
         level as (update stock_level s set on_hand = s.on_hand + c.quantity from change c
                   where s.tenant_id = $1 and s.product_id = c.product_id)
       insert into stock_movement (tenant_id, product_id, quantity, reason, order_id, note, created_by)
       select $1, product_id, quantity, $4, $5, $6, $7 from change`,
      [tenantId, ...columnsOf(changes), entry.reason, entry.orderId ?? null, entry.note ?? null, entry.by],
    );
  }
}

/** Units the asking holder may have, those it holds already included. */
function freeOf(levels: ReadonlyMap<string, Level>, productId: string): number {
  const { onHand, others } = levelOf(levels, productId);
  return onHand - others;
}

function assertFree(levels: ReadonlyMap<string, Level>, lines: readonly StockLine[]): void {
  const shortages: Shortage[] = [];
  for (const { productId, quantity } of lines) {
    const available = freeOf(levels, productId);
    if (quantity > available) shortages.push({ productId, requested: quantity, available });
  }
  if (shortages.length > 0) throw new OutOfStockError(shortages);
}

function levelOf(levels: ReadonlyMap<string, Level>, productId: string): Level {
  const level = levels.get(productId);
  if (!level) throw new ProductNotFoundError(productId);
  return level;
}

function columnsOf(lines: readonly StockLine[]): [string[], number[]] {
  return [lines.map(({ productId }) => productId), lines.map(({ quantity }) => quantity)];
}
