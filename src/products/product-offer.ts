import type { CategoryTree } from './categories/category-tree.js';
import { textIn, type Lang } from './localized-text.js';
import type { ProductRow } from './products.queries.js';

/** What a buyer sees of a product or a variant, in one language. */
export type ProductOffer = {
  readonly id: string;
  readonly sku: string;
  /** Of a variant with its options, such as `Camiseta (M, Azul)`. */
  readonly name: string;
  readonly description: string;
  readonly priceMinor: number;
  readonly currency: string;
  readonly available: number;
  /** Name of its own category. */
  readonly category: string | null;
  /** Its own category and those above it. */
  readonly categoryIds: readonly string[];
  readonly imageUrl: string | null;
  /** False also for a product with variants: those are what is for sale. */
  readonly isActive: boolean;
  readonly hasVariants: boolean;
};

export function toOffer(row: ProductRow, tree: CategoryTree, lang: Lang): ProductOffer {
  const options = row.parentId === null ? [] : row.options.map((value) => textIn(lang, value));
  const name = textIn(lang, row.name);
  const path = tree.pathTo(row.categoryId);
  const category = path.at(-1);
  return {
    id: row.id,
    sku: row.sku,
    name: options.length > 0 ? `${name} (${options.join(', ')})` : name,
    description: row.description[lang] ?? row.description.es ?? '',
    priceMinor: row.priceMinor,
    currency: row.currency,
    available: row.available,
    category: category ? textIn(lang, category.name) : null,
    categoryIds: path.map(({ id }) => id),
    imageUrl: row.images[0]?.url ?? null,
    isActive: row.isForSale && !row.hasVariants,
    hasVariants: row.hasVariants,
  };
}
