import type { EntityManager } from 'typeorm';
import { toSafeInteger } from '../platform/database/safe-integer.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import type { LocalizedText } from './localized-text.js';

export type ProductView = {
  readonly id: string;
  readonly sku: string;
  readonly name: LocalizedText;
  readonly description: Partial<LocalizedText>;
  readonly category: string | null;
  readonly priceMinor: number;
  readonly currency: string;
  readonly imageUrl: string | null;
  readonly isActive: boolean;
  readonly lowStockAt: number;
  readonly onHand: number;
  readonly available: number;
  readonly revision: number;
  readonly createdAt: string;
  readonly updatedAt: string;
};

type Row = Omit<ProductView, 'priceMinor' | 'createdAt' | 'updatedAt'> & {
  priceMinor: string;
  createdAt: Date;
  updatedAt: Date;
};

export type ProductFilter = {
  readonly ids?: readonly string[];
  /** LIKE patterns that must all fit the search text. */
  readonly patterns?: readonly string[];
  readonly category?: string;
  readonly isActive?: boolean;
  readonly inStockOnly?: boolean;
  /** The SKU the page before ended with. */
  readonly afterSku?: string;
  readonly limit: number;
  /** Holds that expired before this do not count. */
  readonly now: Date;
};

/** Ordered by SKU. */
export async function findProducts(
  tx: EntityManager,
  tenantId: TenantId,
  filter: ProductFilter,
): Promise<ProductView[]> {
  const rows: Row[] = await tx.query(
    `select * from (
       select p.id, p.sku, p.name, p.description, p.category, p.price_minor as "priceMinor", p.currency,
         p.image_url as "imageUrl", p.is_active as "isActive", p.low_stock_at as "lowStockAt", p.revision,
         p.created_at as "createdAt", p.updated_at as "updatedAt", l.on_hand as "onHand",
         l.on_hand - coalesce((select sum(h.quantity)::int from stock_hold h
           where h.product_id = p.id and h.expires_at > $2), 0) as available
       from product p join stock_level l on l.product_id = p.id
       where p.tenant_id = $1
         and ($3::uuid[] is null or p.id = any($3))
         and ($4::text[] is null or p.search_text like all ($4))
         and ($5::text is null or p.category = $5)
         and ($6::boolean is null or p.is_active = $6)
         and ($7::text is null or p.sku > $7)
     ) found
     where not $8::boolean or available > 0
     order by sku limit $9`,
    [
      tenantId,
      filter.now,
      filter.ids ?? null,
      filter.patterns ?? null,
      filter.category ?? null,
      filter.isActive ?? null,
      filter.afterSku ?? null,
      filter.inStockOnly ?? false,
      filter.limit,
    ],
  );
  return rows.map(toProductView);
}

/** Of what is for sale, in alphabetical order. */
export async function findCategories(tx: EntityManager, tenantId: TenantId): Promise<string[]> {
  const rows: { category: string }[] = await tx.query(
    `select distinct category from product
     where tenant_id = $1 and is_active and category is not null order by category limit 50`,
    [tenantId],
  );
  return rows.map(({ category }) => category);
}

function toProductView(row: Row): ProductView {
  return {
    id: row.id,
    sku: row.sku,
    name: row.name,
    description: row.description,
    category: row.category,
    priceMinor: toSafeInteger(row.priceMinor),
    currency: row.currency,
    imageUrl: row.imageUrl,
    isActive: row.isActive,
    lowStockAt: row.lowStockAt,
    onHand: row.onHand,
    available: row.available,
    revision: row.revision,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}
