import { Inject, Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { Clock } from '../platform/clock.js';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import { violates } from '../platform/database/constraint-violation.js';
import { assertRevision } from '../platform/http/etag.js';
import { decodeCursor, toPage, type Page, type PageQuery } from '../platform/http/page.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { fold, textIn, wordPatterns, type Lang, type LocalizedText } from './localized-text.js';
import { Product } from './product.entity.js';
import type { AdjustStock, ChangeProduct, CreateProduct, ListProducts } from './products.dto.js';
import { CurrencyMismatchError, ProductNotFoundError, SkuTakenError, UnknownProductError } from './products.errors.js';
import { findCategories, findProducts, type ProductView } from './products.queries.js';
import { getStock, type StockView } from './stock.queries.js';
import { StockService } from './stock.service.js';

/** What a buyer sees of a product, in one language. */
export type ProductOffer = {
  readonly id: string;
  readonly sku: string;
  readonly name: string;
  readonly description: string;
  readonly priceMinor: number;
  readonly currency: string;
  readonly available: number;
  readonly category: string | null;
  readonly imageUrl: string | null;
  readonly isActive: boolean;
};

@Injectable()
export class ProductsService {
  constructor(
    @Inject(TenantDatabase) private readonly db: TenantDatabase,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(StockService) private readonly stock: StockService,
  ) {}

  list(tenantId: TenantId, { limit, cursor, text, category, active }: ListProducts): Promise<Page<ProductView>> {
    return this.db.transaction(tenantId, async (tx) => {
      const rows = await findProducts(tx, tenantId, {
        patterns: text === undefined ? undefined : wordPatterns(text),
        category,
        isActive: active,
        afterSku: cursor === undefined ? undefined : String(decodeCursor(cursor)[0]),
        limit: limit + 1,
        now: this.clock.now(),
      });
      return toPage(rows, limit, ({ sku }) => [sku]);
    });
  }

  /** @throws ProductNotFoundError unknown id, or another tenant's */
  get(tenantId: TenantId, id: string): Promise<ProductView> {
    return this.db.transaction(tenantId, (tx) => this.view(tx, tenantId, id));
  }

  /**
   * @param by the user whose name stands in the ledger for the initial stock
   * @throws SkuTakenError
   * @throws CurrencyMismatchError
   */
  create(tenantId: TenantId, input: CreateProduct, by: string): Promise<ProductView> {
    return this.db.transaction(tenantId, async (tx) => {
      const { initialStock, ...fields } = input;
      const currency = await this.checkedCurrency(tx, tenantId, fields.currency);
      const now = this.clock.now();
      const product = { ...fields, id: randomUUID(), tenantId, currency, createdAt: now, updatedAt: now };
      await withSku(product.sku, () =>
        tx.getRepository(Product).insert({ ...product, searchText: searchTextOf(product) }),
      );
      await this.stock.open(tx, tenantId, { productId: product.id, quantity: initialStock, by });
      return this.view(tx, tenantId, product.id);
    });
  }

  /**
   * Orders keep the price and name they were placed with.
   *
   * @throws RevisionMismatchError
   */
  change(tenantId: TenantId, id: string, patch: ChangeProduct, ifMatch?: string): Promise<ProductView> {
    return this.db.transaction(tenantId, async (tx) => {
      const products = tx.getRepository(Product);
      const product = await products.findOne({ where: { id, tenantId }, lock: { mode: 'pessimistic_write' } });
      if (!product) throw new ProductNotFoundError(id);
      assertRevision(ifMatch, product.revision);
      await this.checkedCurrency(tx, tenantId, patch.currency);
      const { sku = product.sku, name = product.name, category = product.category } = patch;
      const update = {
        ...patch,
        searchText: searchTextOf({ sku, name, category }),
        revision: product.revision + 1,
        updatedAt: this.clock.now(),
      };
      await withSku(sku, () => products.update({ id, tenantId }, update));
      return this.view(tx, tenantId, id);
    });
  }

  getStock(tenantId: TenantId, productId: string, page: PageQuery): Promise<StockView> {
    return this.db.transaction(tenantId, (tx) => getStock(tx, tenantId, { productId, page, now: this.clock.now() }));
  }

  /** @throws OutOfStockError takes away more than is free */
  adjustStock(tenantId: TenantId, productId: string, { quantity, note }: AdjustStock, by: string): Promise<StockView> {
    return this.db.transaction(tenantId, async (tx) => {
      const now = this.clock.now();
      await this.stock.adjust(tx, tenantId, { productId, quantity, note, by, now });
      return getStock(tx, tenantId, { productId, page: { limit: 20 }, now });
    });
  }

  /** What is for sale and in stock, ordered by SKU. */
  async search(
    tx: EntityManager,
    tenantId: TenantId,
    query: { text?: string; category?: string; limit: number; lang: Lang; now: Date },
  ): Promise<{ items: ProductOffer[]; categories: string[] }> {
    const { text, category, limit, lang, now } = query;
    const patterns = text === undefined ? undefined : wordPatterns(text);
    const found = await findProducts(tx, tenantId, {
      patterns,
      category,
      limit,
      now,
      isActive: true,
      inStockOnly: true,
    });
    return { items: found.map((view) => toOffer(view, lang)), categories: await findCategories(tx, tenantId) };
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
    const found = await findProducts(tx, tenantId, { ids, limit: ids.length, now });
    return new Map(found.map((view) => [view.id, toOffer(view, lang)]));
  }

  /** ISO 4217; every price of the tenant is in it. */
  async getCurrency(tx: EntityManager, tenantId: TenantId): Promise<string> {
    const [tenant]: { currency: string }[] = await tx.query('select currency from tenant where id = $1', [tenantId]);
    if (!tenant) throw new TypeError('A signed-in tenant has a row');
    return tenant.currency;
  }

  private async view(tx: EntityManager, tenantId: TenantId, id: string): Promise<ProductView> {
    const [view] = await findProducts(tx, tenantId, { ids: [id], limit: 1, now: this.clock.now() });
    if (!view) throw new ProductNotFoundError(id);
    return view;
  }

  private async checkedCurrency(tx: EntityManager, tenantId: TenantId, wanted: string | undefined): Promise<string> {
    const currency = await this.getCurrency(tx, tenantId);
    if (wanted !== undefined && wanted !== currency) throw new CurrencyMismatchError(currency);
    return currency;
  }
}

function searchTextOf({ name, sku, category }: { name: LocalizedText; sku: string; category: string | null }): string {
  return fold([name.es, name.en, name.pt, sku, category].filter(Boolean).join(' '));
}

function toOffer(view: ProductView, lang: Lang): ProductOffer {
  return {
    id: view.id,
    sku: view.sku,
    name: textIn(lang, view.name),
    description: view.description[lang] ?? view.description.es ?? '',
    priceMinor: view.priceMinor,
    currency: view.currency,
    available: view.available,
    category: view.category,
    imageUrl: view.imageUrl,
    isActive: view.isActive,
  };
}

async function withSku(sku: string, write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (violates(error, 'product_tenant_id_sku_key')) throw new SkuTakenError(sku, { cause: error });
    throw error;
  }
}
