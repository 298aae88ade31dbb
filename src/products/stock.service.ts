import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import {
  NotTakenError,
  OutOfStockError,
  ProductNotFoundError,
  StockLimitError,
  type Shortage,
} from './products.errors.js';
import type { StockReason } from './stock.dto.js';
import { columnsOf, isRecorded, record, unitsTaken, type LedgerEntry, type StockLine } from './stock-ledger.js';

export type { StockLine } from './stock-ledger.js';

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
  /** Begins the ledgers of new products. */
  async open(
    tx: EntityManager,
    tenantId: TenantId,
    { lines, ...entry }: { lines: readonly StockLine[]; reason: 'initial' | 'imported'; by: string; key?: string },
  ): Promise<void> {
    const [productIds] = columnsOf(lines);
    await tx.query('insert into stock_level (product_id, tenant_id) select unnest($1::uuid[]), $2', [
      productIds,
      tenantId,
    ]);
    const filled = lines.filter(({ quantity }) => quantity > 0);
    await record(tx, tenantId, filled, entry);
  }

  /**
   * @param change `quantity` in signed units, not zero; `key`: a change under a key that is in the ledger already does nothing
   * @throws OutOfStockError it would take units that are not there, or that somebody holds
   */
  async adjust(
    tx: EntityManager,
    tenantId: TenantId,
    change: StockLine & { reason: StockReason; note: string | null; by: string; key: string | null; now: Date },
  ): Promise<void> {
    const { productId, quantity, now, ...entry } = change;
    const levels = await this.lock(tx, tenantId, { productIds: [productId], holder: null, now });
    const { onHand, others } = levelOf(levels, productId);
    if (entry.key !== null && (await isRecorded(tx, tenantId, productId, entry.key))) return;
    if (onHand + quantity < others)
      throw new OutOfStockError([{ productId, requested: -quantity, available: onHand - others }]);
    if (onHand + quantity > MAX_ON_HAND) throw new StockLimitError(MAX_ON_HAND);
    await record(tx, tenantId, [{ productId, quantity }], entry);
  }

  /**
   * Makes the levels what they are said to be; those that are so already get no line in the ledger.
   *
   * @param lines `quantity`: units on hand afterwards, zero or more
   * @returns those of which buyers hold more than that; when there are any, nothing was changed
   */
  async setLevels(
    tx: EntityManager,
    tenantId: TenantId,
    { lines, now, ...entry }: LedgerEntry & { lines: readonly StockLine[]; now: Date },
  ): Promise<readonly Shortage[]> {
    const [productIds] = columnsOf(lines);
    const levels = await this.lock(tx, tenantId, { productIds, holder: null, now });
    const short = lines.filter(({ productId, quantity }) => quantity < levelOf(levels, productId).others);
    if (short.length > 0)
      return short.map(({ productId, quantity }) => ({
        productId,
        requested: quantity,
        available: levelOf(levels, productId).others,
      }));
    const changes = lines.map(({ productId, quantity }) => ({
      productId,
      quantity: quantity - levelOf(levels, productId).onHand,
    }));
    const moved = changes.filter(({ quantity }) => quantity !== 0);
    await record(tx, tenantId, moved, entry);
    return [];
  }

  /**
   * Waits for whoever changes this product's stock, then keeps everybody else waiting until the commit.
   *
   * @returns units on hand
   * @throws ProductNotFoundError
   */
  async lockLevel(tx: EntityManager, tenantId: TenantId, productId: string, now: Date): Promise<number> {
    return levelOf(await this.lock(tx, tenantId, { productIds: [productId], holder: null, now }), productId).onHand;
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
    await record(tx, tenantId, outgoing, { reason: 'sale', orderId, by });
  }

  /**
   * Corrects what an order took: units above zero leave, units below zero come back, all under one set of locks.
   *
   * @throws OutOfStockError nothing was moved; lists every short line
   * @throws NotTakenError more would come back than the order has taken
   */
  async correct(
    tx: EntityManager,
    tenantId: TenantId,
    sale: {
      orderId: string;
      lines: readonly StockLine[];
      back: 'cancellation' | 'returned';
      by: string | null;
      now: Date;
    },
  ): Promise<void> {
    const { orderId, lines, back, by, now } = sale;
    const [productIds] = columnsOf(lines);
    const levels = await this.lock(tx, tenantId, { productIds, holder: null, now });
    const leaving = lines.filter(({ quantity }) => quantity > 0);
    const coming = lines.filter(({ quantity }) => quantity < 0);
    assertFree(levels, leaving);
    const taken = await unitsTaken(tx, tenantId, orderId);
    for (const { productId, quantity } of coming) {
      const units = taken.get(productId) ?? 0;
      if (units + quantity < 0) throw new NotTakenError(productId, units);
    }
    const negated = (some: readonly StockLine[]) => some.map((line) => ({ ...line, quantity: -line.quantity }));
    await record(tx, tenantId, negated(leaving), { reason: 'sale', orderId, by });
    await record(tx, tenantId, negated(coming), { reason: back, orderId, by });
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
    await record(tx, tenantId, incoming, { reason: 'cancellation', orderId, by });
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
