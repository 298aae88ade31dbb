import type { EntityManager } from 'typeorm';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { CategoryTree } from './categories/category-tree.js';
import type { ProductView, VariantView } from './products.dto.js';
import type { ProductPictures } from './product-pictures.service.js';
import { findProducts, type ProductRow } from './products.queries.js';

/** The rows as the API shows them, each with its variants. */
export async function viewsOf(
  tx: EntityManager,
  tenantId: TenantId,
  rows: readonly ProductRow[],
  { pictures, now }: { pictures: ProductPictures; now: Date },
): Promise<ProductView[]> {
  const tree = await CategoryTree.load(tx, tenantId);
  const parentIds = rows.filter(({ hasVariants }) => hasVariants).map(({ id }) => id);
  const variants =
    parentIds.length === 0 ? [] : await findProducts(tx, tenantId, { kind: 'any', parentIds, limit: 100_000, now });
  const byParent = Map.groupBy(variants, ({ parentId }) => parentId);
  return rows.map((row) => toProductView(row, tree, { variants: byParent.get(row.id) ?? [], pictures }));
}

function toProductView(
  row: ProductRow,
  tree: CategoryTree,
  { variants, pictures }: { variants: readonly ProductRow[]; pictures: ProductPictures },
): ProductView {
  return {
    id: row.id,
    parentId: row.parentId,
    sku: row.sku,
    name: row.name,
    description: row.description,
    categoryId: row.categoryId,
    category: tree.textOf(row.categoryId),
    priceMinor: row.priceMinor,
    currency: row.currency,
    images: pictures.shown(row.images),
    isActive: row.isActive,
    lowStockAt: row.lowStockAt,
    onHand: row.onHand,
    available: row.available,
    optionNames: row.parentId === null ? [...row.options] : [],
    variants: variants.map((variant) => toVariantView(variant, pictures)),
    revision: row.revision,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

export function toVariantView(row: ProductRow, pictures: ProductPictures): VariantView {
  return {
    id: row.id,
    sku: row.sku,
    optionValues: [...row.options],
    priceMinor: row.priceMinor,
    ownPriceMinor: row.ownPriceMinor,
    images: pictures.shown(row.images),
    isActive: row.isActive,
    lowStockAt: row.lowStockAt,
    onHand: row.onHand,
    available: row.available,
    revision: row.revision,
  };
}
