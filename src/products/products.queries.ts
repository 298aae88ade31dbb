import type { EntityManager } from 'typeorm';
import { toSafeInteger } from '../platform/database/safe-integer.js';
import { pageOrder, type PageOrder } from '../platform/http/sorted-page.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import type { LocalizedText } from './localized-text.js';
import type { ProductImage } from './product.entity.js';
import { likePattern, type Wanted } from './product-search.js';

/** A product, or one variant with what it takes from its product filled in. */
export type ProductRow = {
  readonly id: string;
  readonly parentId: string | null;
  readonly sku: string;
  readonly name: LocalizedText;
  readonly description: Partial<LocalizedText>;
  readonly categoryId: string | null;
  readonly priceMinor: number;
  /** Null: a variant that costs what its product costs. */
  readonly ownPriceMinor: number | null;
  readonly currency: string;
  readonly images: readonly ProductImage[];
  readonly isActive: boolean;
  /** Of a variant: it and its product are. */
  readonly isForSale: boolean;
  readonly lowStockAt: number;
  /** Of a product its option names, of a variant its values. */
  readonly options: readonly LocalizedText[];
  readonly hasVariants: boolean;
  /** Of a product with variants: theirs together. */
  readonly onHand: number;
  readonly available: number;
  readonly revision: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** How well it fits the text, 0 best. */
  readonly rank: number;
  /** Its place in `order`. */
  readonly pageKey: string;
};

export const PRODUCT_SORTS = {
  sku: { sql: 'p.sku', type: 'text' },
  name: { sql: "lower(p.name ->> 'es')", type: 'text' },
  priceMinor: { sql: 'coalesce(p.price_minor, 0)', type: 'bigint' },
  createdAt: { sql: 'p.created_at', type: 'timestamptz' },
  updatedAt: { sql: 'p.updated_at', type: 'timestamptz' },
} as const;
/** As `pageOrder` wants it: what identifies a row and where it is. */
export const PRODUCT_ID = { sql: 'p.id', type: 'uuid' } as const;
const BY_SKU = pageOrder({ limit: 1, sort: 'sku' }, PRODUCT_SORTS, PRODUCT_ID);

type StoredRow = Omit<ProductRow, 'priceMinor' | 'ownPriceMinor'> & {
  priceMinor: string;
  ownPriceMinor: string | null;
};

export type ProductFilter = {
  /** `products`: one row each, variants counted in. `sellable`: what a cart can hold, so variants instead. */
  readonly kind: 'products' | 'sellable' | 'any';
  readonly ids?: readonly string[];
  readonly parentIds?: readonly string[];
  readonly wanted?: Wanted;
  /** Any of these. */
  readonly categoryIds?: readonly string[];
  readonly isActive?: boolean;
  readonly isLow?: boolean;
  readonly inStockOnly?: boolean;
  /** Of those that fit equally well; by SKU unless given. */
  readonly order?: PageOrder;
  /** How well the last of the page before fits; `order` knows the rest of its place. */
  readonly afterRank?: number;
  readonly limit: number;
  /** Holds that expired before this do not count. */
  readonly now: Date;
};

/** Units of a product `p`, those of its variants included; `$2` is now. */
const STOCK = `select sum(u.on_hand)::int as on_hand, count(*) > 1 as is_parent,
    bool_or(u.on_hand <= u.low_stock_at and (u.id <> p.id or u.is_only)) as is_low,
    sum(u.on_hand - coalesce((select sum(h.quantity) from stock_hold h
      where h.product_id = u.id and h.expires_at > $2), 0))::int as available
  from (
    select p.id, p.low_stock_at, not exists (select 1 from product v where v.parent_id = p.id) as is_only,
      (select l.on_hand from stock_level l where l.product_id = p.id)
    union all
    select v.id, v.low_stock_at, true, (select l.on_hand from stock_level l where l.product_id = v.id)
    from product v where v.parent_id = p.id) u`;

/** The product of a variant `p`. Lateral with a limit, so that it stays one probe of an index whatever Postgres expects. */
const MAIN = 'left join lateral (select * from product m where m.id = p.parent_id limit 1) m on true';

/** Ordered by how well the text fits, then as asked for. */
export async function findProducts(
  tx: EntityManager,
  tenantId: TenantId,
  filter: ProductFilter,
): Promise<ProductRow[]> {
  const params: unknown[] = [tenantId, filter.now];
  const put = (value: unknown) => `$${params.push(value)}`;
  const where = conditionsOf(filter, put);
  const rank = filter.wanted ? rankOf(filter.wanted, put) : '0';
  const { order = BY_SKU, afterRank } = filter;
  if (afterRank !== undefined) {
    const after = order.condition(put(order.after[0]), put(order.after[1]));
    const last = `${put(afterRank)}::int`;
    where.push(`(${rank} > ${last} or ${rank} = ${last} and ${after})`);
  }
  const rows: StoredRow[] = await tx.query(
    `select p.id, p.parent_id as "parentId", p.sku, coalesce(m.name, p.name) as name,
       coalesce(m.description, p.description) as description, coalesce(m.category_id, p.category_id) as "categoryId",
       coalesce(p.price_minor, m.price_minor) as "priceMinor", p.price_minor as "ownPriceMinor", p.currency,
       case when p.images = '[]' then coalesce(m.images, p.images) else p.images end as images,
       p.is_active as "isActive", p.is_active and coalesce(m.is_active, true) as "isForSale",
       p.low_stock_at as "lowStockAt", p.options, stock.is_parent as "hasVariants", stock.on_hand as "onHand",
       stock.available, p.revision, p.created_at as "createdAt", p.updated_at as "updatedAt", p.rank, p.page_key as "pageKey"
     from (
       select p.*, ${rank} as rank, ${order.key} as page_key from product p ${MAIN}
       where ${where.join(' and ')} order by rank, ${order.orderBy} limit ${put(filter.limit)}) p
     ${MAIN} cross join lateral (${STOCK}) stock
     order by p.rank, ${order.orderBy}`,
    params,
  );
  return rows.map((row) => ({
    ...row,
    priceMinor: toSafeInteger(row.priceMinor),
    ownPriceMinor: row.ownPriceMinor === null ? null : toSafeInteger(row.ownPriceMinor),
  }));
}

function conditionsOf(filter: ProductFilter, put: (value: unknown) => string): string[] {
  const where = ['p.tenant_id = $1'];
  if (filter.kind === 'products') where.push('p.parent_id is null');
  // Not `not exists`, for the same reason as in MAIN.
  if (filter.kind === 'sellable') where.push('(select v.id from product v where v.parent_id = p.id limit 1) is null');
  if (filter.ids) where.push(`p.id = any(${put(filter.ids)}::uuid[])`);
  if (filter.parentIds) where.push(`p.parent_id = any(${put(filter.parentIds)}::uuid[])`);
  for (const words of filter.wanted?.words ?? [])
    where.push(`p.search_text like any (${put(words.map((word) => likePattern(word)))}::text[])`);
  if (filter.categoryIds)
    where.push(`coalesce(m.category_id, p.category_id) = any(${put(filter.categoryIds)}::uuid[])`);
  if (filter.isActive !== undefined)
    where.push(`(p.is_active and coalesce(m.is_active, true)) = ${put(filter.isActive)}::boolean`);
  if (filter.isLow !== undefined) where.push(`(select is_low from (${STOCK}) s) = ${put(filter.isLow)}::boolean`);
  if (filter.inStockOnly) where.push(`(select available from (${STOCK}) s) > 0`);
  return where;
}

/** The very SKU, the whole text at the start of a word, every word at the start of a word, anything else. */
function rankOf({ text, words }: Wanted, put: (value: unknown) => string): string {
  const atWordStart = { before: '% ' };
  const starts = words.map(
    (each) => `' ' || p.search_text like any (${put(each.map((word) => likePattern(word, atWordStart)))}::text[])`,
  );
  return `case when fold_text(p.sku) = ${put(text)}::text then 0
    when ' ' || p.search_text like ${put(likePattern(text, atWordStart))}::text then 1
    when ${starts.join(' and ') || 'true'} then 2 else 3 end`;
}

/** Ids of the categories in which something is for sale. */
export async function findUsedCategories(tx: EntityManager, tenantId: TenantId): Promise<string[]> {
  const rows: { category_id: string }[] = await tx.query(
    'select distinct category_id from product where tenant_id = $1 and is_active and category_id is not null',
    [tenantId],
  );
  return rows.map((row) => row.category_id);
}
