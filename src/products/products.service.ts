import { Inject, Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import { Clock } from '../platform/clock.js';
import { pageOrder } from '../platform/http/sorted-page.js';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import { InvalidInputError } from '../platform/errors/app-error.js';
import { assertRevision } from '../platform/http/etag.js';
import { decodeCursor, encodeCursor, type Page } from '../platform/http/page.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { CategoryTree } from './categories/category-tree.js';
import { UnknownCategoryError } from './categories/category.errors.js';
import { textIn, type Lang } from './localized-text.js';
import { toOffer, type ProductOffer } from './product-offer.js';
import {
  assertCategory,
  assertOptionCount,
  asUnique,
  checkedCurrency,
  currencyOf,
  isParent,
  lockProduct,
  variantRow,
} from './product-rows.js';
import { correctWords, refreshSearchText, wantedOf } from './product-search.js';
import { ProductPictures } from './product-pictures.service.js';
import { viewsOf } from './product-views.js';
import { Product } from './product.entity.js';
import type { ChangeProduct, CreateProduct, ListProducts, ProductView } from './products.dto.js';
import { IsVariantError, ProductNotFoundError, UnknownProductError } from './products.errors.js';
import {
  findProducts,
  findUsedCategories,
  PRODUCT_ID,
  PRODUCT_SORTS,
  type ProductFilter,
  type ProductRow,
} from './products.queries.js';
import { StockService } from './stock.service.js';

export type { ProductOffer } from './product-offer.js';

export type CatalogueQuery = {
  readonly text?: string;
  /** A name in any language; everything below it counts. */
  readonly category?: string;
  /** Products instead of their variants. */
  readonly isGrouped?: boolean;
  readonly limit: number;
  readonly lang: Lang;
  readonly now: Date;
};

@Injectable()
export class ProductsService {
  constructor(
    @Inject(TenantDatabase) private readonly db: TenantDatabase,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(StockService) private readonly stock: StockService,
    @Inject(ProductPictures) private readonly pictures: ProductPictures,
  ) {}

  /**
   * With a text the best fit first, and when nothing fits what resembles it.
   *
   * @throws UnknownCategoryError
   */
  list(tenantId: TenantId, query: ListProducts): Promise<Page<ProductView>> {
    return this.db.transaction(tenantId, async (tx) => {
      const { limit, cursor, sort, text, categoryId, active, lowStock } = query;
      const tree = await CategoryTree.load(tx, tenantId);
      if (categoryId !== undefined && !tree.find(categoryId)) throw new UnknownCategoryError(categoryId);
      const now = this.clock.now();
      const after = cursor === undefined ? undefined : placeOf(cursor);
      const order = pageOrder({ limit, sort, cursor: after?.cursor }, PRODUCT_SORTS, PRODUCT_ID);
      const filter = {
        kind: 'products',
        categoryIds: categoryId === undefined ? undefined : tree.within(categoryId),
        isActive: active,
        isLow: lowStock,
        order,
        afterRank: after?.rank,
        limit: limit + 1,
        now,
      } as const;
      const rows = await search(tx, tenantId, filter, { text, isCorrected: after?.isCorrected });
      const { items, nextCursor } = order.toPage(rows.found);
      const place = { rank: items.at(-1)?.rank ?? 0, isCorrected: rows.isCorrected, cursor: nextCursor };
      return {
        items: await viewsOf(tx, tenantId, items, { pictures: this.pictures, now }),
        nextCursor: nextCursor && cursorOf(place),
      };
    });
  }

  /** A variant's id answers the variant. @throws ProductNotFoundError unknown id, or another tenant's */
  get(tenantId: TenantId, id: string): Promise<ProductView> {
    return this.db.transaction(tenantId, (tx) => this.view(tx, tenantId, id));
  }

  /**
   * @param by the user whose name stands in the ledger for the initial stock
   * @throws SkuTakenError, VariantTakenError
   * @throws CurrencyMismatchError
   * @throws UnknownCategoryError, UnknownImageError
   * @throws OptionCountError a variant has more or fewer options than the product
   */
  create(tenantId: TenantId, input: CreateProduct, by: string): Promise<ProductView> {
    return this.db.transaction(tenantId, async (tx) => {
      const { initialStock, variants, optionNames, ...fields } = input;
      const currency = await checkedCurrency(tx, tenantId, fields.currency);
      await assertCategory(tx, tenantId, fields.categoryId);
      await this.pictures.assertKnown(
        tx,
        tenantId,
        [fields, ...variants].flatMap(({ images }) => images),
      );
      const now = this.clock.now();
      const dates = { createdAt: now, updatedAt: now };
      const product = { ...fields, ...dates, id: randomUUID(), tenantId, currency, options: optionNames };
      const rows = variants.map((variant) => variantRow(variant, product, now));
      const skus = [product, ...rows].map(({ sku }) => sku);
      await asUnique(skus, () => tx.getRepository(Product).insert([{ ...product, parentId: null }, ...rows]));
      const units = [initialStock, ...variants.map((variant) => variant.initialStock)];
      const lines = [product, ...rows].map(({ id }, index) => ({ productId: id, quantity: units[index] ?? 0 }));
      await this.stock.open(tx, tenantId, { lines, reason: 'initial', by });
      await refreshSearchText(tx, tenantId, [product.id]);
      return this.view(tx, tenantId, product.id);
    });
  }

  /**
   * Orders keep the price and name they were placed with.
   *
   * @throws RevisionMismatchError
   * @throws IsVariantError
   */
  change(tenantId: TenantId, id: string, patch: ChangeProduct, ifMatch?: string): Promise<ProductView> {
    return this.db.transaction(tenantId, async (tx) => {
      const product = await lockProduct(tx, tenantId, id);
      if (product.parentId !== null) throw new IsVariantError(product.parentId);
      assertRevision(ifMatch, product.revision);
      await checkedCurrency(tx, tenantId, patch.currency);
      await assertCategory(tx, tenantId, patch.categoryId);
      await this.pictures.assertKnown(tx, tenantId, patch.images);
      const { optionNames: options = product.options, ...fields } = patch;
      if (options.length !== product.options.length && (await isParent(tx, tenantId, id)))
        assertOptionCount(product.options.length, options.length, 'optionNames');
      const update = { ...fields, options, revision: product.revision + 1, updatedAt: this.clock.now() };
      await asUnique([fields.sku ?? product.sku], () => tx.getRepository(Product).update({ id, tenantId }, update));
      await refreshSearchText(tx, tenantId, [id]);
      return this.view(tx, tenantId, id);
    });
  }

  /**
   * What is for sale and in stock, best fit first.
   *
   * @returns `categories`: names at the top with something for sale below; `subcategories`: of the category asked for
   */
  async search(
    tx: EntityManager,
    tenantId: TenantId,
    query: CatalogueQuery,
  ): Promise<{ items: ProductOffer[]; categories: string[]; subcategories: string[] }> {
    const { text, category, isGrouped = false, limit, lang, now } = query;
    const tree = await CategoryTree.load(tx, tenantId);
    const named = category === undefined ? [] : tree.named(category);
    const kind = isGrouped ? 'products' : 'sellable';
    const categoryIds = category === undefined ? undefined : named.flatMap(({ id }) => tree.within(id));
    const filter = { kind, categoryIds, limit, now, isActive: true, inStockOnly: true } as const;
    const { found } = await search(tx, tenantId, filter, { text });
    const used = new Set(await findUsedCategories(tx, tenantId));
    const namesBelow = (id: string | null) =>
      tree
        .childrenOf(id)
        .filter((child) => tree.within(child.id).some((each) => used.has(each)))
        .map(({ name }) => textIn(lang, name));
    return {
      items: found.map((row) => toOffer(row, tree, lang)),
      categories: namesBelow(null),
      subcategories: named.flatMap(({ id }) => namesBelow(id)),
    };
  }

  /** What of a product can be put into a cart: its variants that are in stock, or itself. */
  async listVariants(
    tx: EntityManager,
    tenantId: TenantId,
    { productId, lang, now }: { productId: string; lang: Lang; now: Date },
  ): Promise<ProductOffer[]> {
    const filter = { kind: 'sellable', isActive: true, inStockOnly: true, limit: 100, now } as const;
    const variants = await findProducts(tx, tenantId, { ...filter, parentIds: [productId] });
    const rows = variants.length > 0 ? variants : await findProducts(tx, tenantId, { ...filter, ids: [productId] });
    const tree = await CategoryTree.load(tx, tenantId);
    return rows.map((row) => toOffer(row, tree, lang));
  }

  /**
   * The products of a cart or an order at the price in force now, by id.
   *
   * @throws UnknownProductError one of them is not (or no longer) for sale
   */
  async getOffers(
    tx: EntityManager,
    tenantId: TenantId,
    query: { ids: readonly string[]; lang: Lang; now: Date },
  ): Promise<ReadonlyMap<string, ProductOffer>> {
    const offers = await this.findOffers(tx, tenantId, query);
    const missing = query.ids.find((id) => !offers.get(id)?.isActive);
    if (missing !== undefined) throw new UnknownProductError(missing);
    return offers;
  }

  /** Like `getOffers`, but those no longer for sale are there too, and unknown ids are left out. */
  async findOffers(
    tx: EntityManager,
    tenantId: TenantId,
    { ids, lang, now }: { ids: readonly string[]; lang: Lang; now: Date },
  ): Promise<ReadonlyMap<string, ProductOffer>> {
    if (ids.length === 0) return new Map();
    const found = await findProducts(tx, tenantId, { kind: 'any', ids, limit: ids.length, now });
    const tree = await CategoryTree.load(tx, tenantId);
    return new Map(found.map((row) => [row.id, toOffer(row, tree, lang)]));
  }

  /** ISO 4217; every price of the tenant is in it. */
  getCurrency(tx: EntityManager, tenantId: TenantId): Promise<string> {
    return currencyOf(tx, tenantId);
  }

  private async view(tx: EntityManager, tenantId: TenantId, id: string): Promise<ProductView> {
    const now = this.clock.now();
    const rows = await findProducts(tx, tenantId, { kind: 'any', ids: [id], limit: 1, now });
    const [view] = await viewsOf(tx, tenantId, rows, { pictures: this.pictures, now });
    if (!view) throw new ProductNotFoundError(id);
    return view;
  }
}

/** @param isCorrected the page before was of what resembles the text */
async function search(
  tx: EntityManager,
  tenantId: TenantId,
  filter: ProductFilter,
  { text = '', isCorrected = false }: { text?: string; isCorrected?: boolean },
): Promise<{ found: ProductRow[]; isCorrected: boolean }> {
  const wanted = wantedOf(text);
  if (wanted.words.length === 0) return { found: await findProducts(tx, tenantId, filter), isCorrected: false };
  if (!isCorrected) {
    const found = await findProducts(tx, tenantId, { ...filter, wanted });
    if (found.length > 0 || filter.afterRank !== undefined) return { found, isCorrected: false };
  }
  const corrected = await correctWords(tx, tenantId, wanted);
  const found = corrected ? await findProducts(tx, tenantId, { ...filter, wanted: corrected }) : [];
  return { found, isCorrected: true };
}

/** Where a page ends: among those that fit as well, at the place of `cursor`. */
const placeSchema = z.tuple([z.int().min(0).max(9), z.literal([0, 1]), z.string()]);

function cursorOf({
  rank,
  isCorrected,
  cursor,
}: {
  rank: number;
  isCorrected: boolean;
  cursor: string | null;
}): string {
  return encodeCursor([rank, isCorrected ? 1 : 0, cursor ?? '']);
}

/** @throws InvalidInputError */
function placeOf(cursor: string): { rank: number; isCorrected: boolean; cursor: string } {
  const place = placeSchema.safeParse(decodeCursor(cursor));
  if (!place.success) throw new InvalidInputError([{ field: 'cursor', message: 'Not a cursor of this list' }]);
  const [rank, isCorrected, inner] = place.data;
  return { rank, isCorrected: isCorrected === 1, cursor: inner };
}
