import type { EntityManager } from 'typeorm';
import { toSafeInteger } from '../platform/database/safe-integer.js';
import { pageOrder } from '../platform/http/sorted-page.js';
import type { Page } from '../platform/http/page.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import type { ListOrders, OrderFilter, OrderSummary, OrderTotals, OrderView } from './orders.dto.js';
import { ORDER_STATES, type SellerNoticeState } from './order-state.js';
import { OrderNotFoundError } from './orders.errors.js';

/** Null: every order. A list: only those of these sellers. */
export type VisibleSellers = readonly string[] | null;

type Row = Omit<
  OrderSummary,
  'totalMinor' | 'paidMinor' | 'refundedMinor' | 'paidAt' | 'placedAt' | 'updatedAt' | 'sellerNotice' | 'expiresAt'
> & {
  expiresAt: Date | null;
  noticeState: SellerNoticeState | null;
  noticeReason: string | null;
  noticeAt: Date | null;
  totalMinor: string;
  paidMinor: string;
  refundedMinor: string;
  paidAt: Date | null;
  placedAt: Date;
  updatedAt: Date;
};

/** Of an order `o` of a tenant `t`: when it is cancelled for want of a payment; null: never. */
export const EXPIRES_AT = `case when o.state in ('placed', 'confirmed') and o.payment_state = 'unpaid' then
  greatest(o.placed_at, t.unpaid_order_expiry_since) + make_interval(mins => t.unpaid_order_expiry_minutes) end`;

const COLUMNS = `o.id, o.number, o.state, o.contact_id as "contactId", c.name as "contactName", o.bot_id as "botId",
  o.conversation_id as "conversationId", o.seller_id as "sellerId", s.name as "sellerName", o.seller_notice as "noticeState",
  o.seller_notice_reason as "noticeReason", o.seller_notice_at as "noticeAt", o.currency,
  o.total_minor as "totalMinor", o.payment_state as "paymentState", o.payment_method as "paymentMethod",
  o.payment_reference as "paymentReference", o.paid_at as "paidAt", o.paid_minor as "paidMinor",
  o.refunded_minor as "refundedMinor", o.note, ${EXPIRES_AT} as "expiresAt", o.revision, o.placed_at as "placedAt", o.updated_at as "updatedAt"
  from sales_order o join contact c on c.id = o.contact_id join tenant t on t.id = o.tenant_id
    left join seller s on s.id = o.seller_id`;

/** The parameters are those of `filterOf`. */
const FILTER = `o.tenant_id = $1
       and ($2::text is null or o.state = $2)
       and ($3::uuid is null or o.seller_id = $3)
       and ($4::uuid is null or o.bot_id = $4)
       and ($5::uuid is null or o.contact_id = $5)
       and ($6::timestamptz is null or o.placed_at >= $6)
       and ($7::timestamptz is null or o.placed_at < $7)
       and ($8::uuid[] is null or o.seller_id = any($8))
       and ($9::text is null or o.payment_state = $9)
       and ($10::text is null or o.number::text = ltrim($10, '#') or c.name ilike $11 or c.phone like $11 or o.note ilike $11)
       and ($12::text is null or o.seller_notice = $12)`;

function filterOf(tenantId: TenantId, filter: OrderFilter, visible: VisibleSellers): unknown[] {
  const text = filter.text || null;
  return [
    tenantId,
    filter.state ?? null,
    filter.sellerId ?? null,
    filter.botId ?? null,
    filter.contactId ?? null,
    filter.from ?? null,
    filter.to ?? null,
    visible,
    filter.paymentState ?? null,
    text,
    text === null ? null : `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`,
    filter.sellerNotice ?? null,
  ];
}

const SORTS = {
  placedAt: { sql: 'o.placed_at', type: 'timestamptz' },
  updatedAt: { sql: 'o.updated_at', type: 'timestamptz' },
  number: { sql: 'o.number', type: 'bigint' },
  totalMinor: { sql: 'o.total_minor', type: 'bigint' },
} as const;

export async function listOrders(
  tx: EntityManager,
  tenantId: TenantId,
  query: ListOrders,
  visible: VisibleSellers,
): Promise<Page<OrderSummary>> {
  const order = pageOrder(query, SORTS, { sql: 'o.id', type: 'uuid' });
  const rows: (Row & { pageKey: string })[] = await tx.query(
    `select ${order.key} as "pageKey", ${COLUMNS} where ${FILTER} and ${order.condition('$13', '$14')}
     order by ${order.orderBy} limit $15`,
    [...filterOf(tenantId, query, visible), ...order.after, query.limit + 1],
  );
  const { items, nextCursor } = order.toPage(rows);
  return { items: items.map(toSummary), nextCursor };
}

/** What the filter finds, counted and added up. */
export async function sumOrders(
  tx: EntityManager,
  tenantId: TenantId,
  filter: OrderFilter,
  visible: VisibleSellers,
): Promise<OrderTotals> {
  const rows: { state: OrderView['state']; count: number; total: string; paid: string; refunded: string }[] =
    await tx.query(
      `select o.state, count(*)::int as count, sum(o.total_minor) as total, sum(o.paid_minor) as paid,
              sum(o.refunded_minor) as refunded
         from sales_order o join contact c on c.id = o.contact_id where ${FILTER} group by o.state`,
      filterOf(tenantId, filter, visible),
    );
  const [tenant]: { currency: string }[] = await tx.query('select currency from tenant where id = $1', [tenantId]);
  const byState = rows
    .map(({ state, count, total, paid, refunded }) => ({
      state,
      count,
      totalMinor: toSafeInteger(total),
      paidMinor: toSafeInteger(paid),
      refundedMinor: toSafeInteger(refunded),
    }))
    .toSorted((a, b) => ORDER_STATES.indexOf(a.state) - ORDER_STATES.indexOf(b.state));
  const sum = (of: 'count' | 'totalMinor' | 'paidMinor' | 'refundedMinor') =>
    byState.reduce((total, row) => total + row[of], 0);
  return {
    currency: tenant?.currency ?? '',
    count: sum('count'),
    totalMinor: sum('totalMinor'),
    paidMinor: sum('paidMinor'),
    refundedMinor: sum('refundedMinor'),
    byState,
  };
}

/** @throws OrderNotFoundError unknown, another tenant's, or not one of `visible` */
export async function getOrder(
  tx: EntityManager,
  tenantId: TenantId,
  id: string,
  visible: VisibleSellers,
): Promise<OrderView> {
  const [row]: Row[] = await tx.query(
    `select ${COLUMNS} where o.tenant_id = $1 and o.id = $2 and ($3::uuid[] is null or o.seller_id = any($3))`,
    [tenantId, id, visible],
  );
  if (!row) throw new OrderNotFoundError(id);
  const lines: (Omit<OrderView['lines'][number], 'unitPriceMinor' | 'totalMinor'> & {
    unitPriceMinor: string;
    totalMinor: string;
  })[] = await tx.query(
    `select id, product_id as "productId", sku, name, quantity, unit_price_minor as "unitPriceMinor",
       total_minor as "totalMinor" from order_line where tenant_id = $1 and order_id = $2 order by sku`,
    [tenantId, id],
  );
  const history: (Omit<OrderView['history'][number], 'at'> & { at: Date })[] = await tx.query(
    `select kind, from_state as "from", to_state as "to", actor, note, created_at as at from order_event
     where tenant_id = $1 and order_id = $2 order by id`,
    [tenantId, id],
  );
  const refunds: (Omit<OrderView['refunds'][number], 'amountMinor' | 'at'> & { amountMinor: string; at: Date })[] =
    await tx.query(
      `select id, amount_minor as "amountMinor", reason, reference, restocked, author, created_at as at
         from order_refund where tenant_id = $1 and order_id = $2 order by created_at, id`,
      [tenantId, id],
    );
  return {
    ...toSummary(row),
    refunds: refunds.map(({ amountMinor, at, ...refund }) => ({
      ...refund,
      amountMinor: toSafeInteger(amountMinor),
      at: at.toISOString(),
    })),
    lines: lines.map((line) => ({
      ...line,
      unitPriceMinor: toSafeInteger(line.unitPriceMinor),
      totalMinor: toSafeInteger(line.totalMinor),
    })),
    history: history.map((event) => ({ ...event, at: event.at.toISOString() })),
  };
}

/** @throws OrderNotFoundError unknown, another tenant's, or not one of `visible` */
export async function assertOrder(
  tx: EntityManager,
  tenantId: TenantId,
  id: string,
  visible: VisibleSellers,
): Promise<void> {
  const found: unknown[] = await tx.query(
    `select 1 from sales_order o where o.tenant_id = $1 and o.id = $2 and ($3::uuid[] is null or o.seller_id = any($3))`,
    [tenantId, id, visible],
  );
  if (found.length === 0) throw new OrderNotFoundError(id);
}

/** The contact's newest order, or the one with this number or id; null when they have none such. */
export async function findOrderOf(
  tx: EntityManager,
  tenantId: TenantId,
  contactId: string,
  which: { readonly number?: number; readonly id?: string } = {},
): Promise<OrderSummary | null> {
  const [row]: Row[] = await tx.query(
    `select ${COLUMNS}
     where o.tenant_id = $1 and o.contact_id = $2
       and ($3::int is null or o.number = $3) and ($4::uuid is null or o.id = $4)
     order by o.number desc limit 1`,
    [tenantId, contactId, which.number ?? null, which.id ?? null],
  );
  return row ? toSummary(row) : null;
}

export type Buyer = {
  readonly id: string;
  readonly name: string | null;
  readonly phone: string | null;
  /** Their own language, else the business's. */
  readonly lang: 'es' | 'en' | 'pt';
};

export async function findBuyer(tx: EntityManager, tenantId: TenantId, contactId: string): Promise<Buyer | null> {
  const [row]: Buyer[] = await tx.query(
    `select c.id, c.name, c.phone, coalesce(c.locale, t.locale) as lang
     from contact c join tenant t on t.id = c.tenant_id where c.tenant_id = $1 and c.id = $2`,
    [tenantId, contactId],
  );
  return row ?? null;
}

/** The foreign key alone would accept another tenant's bot. */
export async function isBotOf(tx: EntityManager, tenantId: TenantId, botId: string): Promise<boolean> {
  const rows: unknown[] = await tx.query('select 1 from bot where tenant_id = $1 and id = $2', [tenantId, botId]);
  return rows.length > 0;
}

function toSummary(row: Row): OrderSummary {
  return {
    id: row.id,
    number: row.number,
    state: row.state,
    contactId: row.contactId,
    contactName: row.contactName,
    botId: row.botId,
    conversationId: row.conversationId,
    sellerId: row.sellerId,
    sellerName: row.sellerName,
    sellerNotice:
      row.noticeState && row.noticeAt
        ? { state: row.noticeState, reason: row.noticeReason, at: row.noticeAt.toISOString() }
        : null,
    currency: row.currency,
    totalMinor: toSafeInteger(row.totalMinor),
    paymentState: row.paymentState,
    paymentMethod: row.paymentMethod,
    paymentReference: row.paymentReference,
    paidAt: row.paidAt?.toISOString() ?? null,
    paidMinor: toSafeInteger(row.paidMinor),
    refundedMinor: toSafeInteger(row.refundedMinor),
    note: row.note,
    expiresAt: row.expiresAt?.toISOString() ?? null,
    revision: row.revision,
    placedAt: row.placedAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}
