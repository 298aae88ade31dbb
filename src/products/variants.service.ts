import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../platform/clock.js';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import { assertRevision } from '../platform/http/etag.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { assertOptionCount, asUnique, lockProduct, variantRow } from './product-rows.js';
import { refreshSearchText } from './product-search.js';
import { ProductPictures } from './product-pictures.service.js';
import { toVariantView } from './product-views.js';
import { Product } from './product.entity.js';
import { MAX_VARIANTS, type ChangeVariant, type CreateVariant, type VariantView } from './products.dto.js';
import {
  HasStockError,
  IsVariantError,
  ProductNotFoundError,
  VariantLimitError,
  VariantNotFoundError,
} from './products.errors.js';
import { findProducts } from './products.queries.js';
import { StockService } from './stock.service.js';

/**
 * The sizes and colours a product comes in. Once it has variants they are what is for sale, each with a SKU, a stock
 * and, if need be, a price of its own. A variant is not removed but made inactive: orders and the ledger refer to it.
 */
@Injectable()
export class VariantsService {
  constructor(
    @Inject(TenantDatabase) private readonly db: TenantDatabase,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(StockService) private readonly stock: StockService,
    @Inject(ProductPictures) private readonly pictures: ProductPictures,
  ) {}

  /** By SKU. @throws ProductNotFoundError unknown id, another tenant's, or a variant's */
  list(tenantId: TenantId, productId: string): Promise<VariantView[]> {
    return this.db.transaction(tenantId, async (tx) => {
      const isProduct = await tx.getRepository(Product).existsBy({ id: productId, tenantId });
      if (!isProduct) throw new ProductNotFoundError(productId);
      return this.views(tx, tenantId, { parentIds: [productId] });
    });
  }

  /**
   * @throws HasStockError the product has units of its own, and nobody could say of which variant
   * @throws IsVariantError `productId` is a variant itself
   * @throws SkuTakenError, VariantTakenError, OptionCountError, VariantLimitError, UnknownImageError
   */
  add(tenantId: TenantId, productId: string, input: CreateVariant, by: string): Promise<VariantView> {
    return this.db.transaction(tenantId, async (tx) => {
      const parent = await lockProduct(tx, tenantId, productId);
      if (parent.parentId !== null) throw new IsVariantError(parent.parentId);
      const now = this.clock.now();
      const onHand = await this.stock.lockLevel(tx, tenantId, productId, now);
      if (onHand > 0) throw new HasStockError(onHand);
      const count = await tx.getRepository(Product).countBy({ parentId: productId, tenantId });
      if (count >= MAX_VARIANTS) throw new VariantLimitError(MAX_VARIANTS);
      await this.pictures.assertKnown(tx, tenantId, input.images);
      const row = variantRow(input, parent, now);
      await asUnique([row.sku], () => tx.getRepository(Product).insert(row));
      const lines = [{ productId: row.id, quantity: input.initialStock }];
      await this.stock.open(tx, tenantId, { lines, reason: 'initial', by });
      await refreshSearchText(tx, tenantId, [productId]);
      return this.view(tx, tenantId, row.id);
    });
  }

  /** @throws VariantNotFoundError, RevisionMismatchError, and what `add` throws */
  change(
    tenantId: TenantId,
    { productId, variantId }: { productId: string; variantId: string },
    { optionValues, ...patch }: ChangeVariant,
    ifMatch?: string,
  ): Promise<VariantView> {
    return this.db.transaction(tenantId, async (tx) => {
      const parent = await lockProduct(tx, tenantId, productId);
      const variant = await find(tx, tenantId, variantId);
      if (variant?.parentId !== productId) throw new VariantNotFoundError(variantId);
      assertRevision(ifMatch, variant.revision);
      const options = optionValues ?? variant.options;
      assertOptionCount(parent.options.length, options.length, 'optionValues');
      await this.pictures.assertKnown(tx, tenantId, patch.images);
      const update = { ...patch, options, revision: variant.revision + 1, updatedAt: this.clock.now() };
      await asUnique([patch.sku ?? variant.sku], () =>
        tx.getRepository(Product).update({ id: variantId, tenantId }, update),
      );
      await refreshSearchText(tx, tenantId, [productId]);
      return this.view(tx, tenantId, variantId);
    });
  }

  private async view(tx: EntityManager, tenantId: TenantId, id: string): Promise<VariantView> {
    const [view] = await this.views(tx, tenantId, { ids: [id] });
    if (!view) throw new VariantNotFoundError(id);
    return view;
  }

  private async views(
    tx: EntityManager,
    tenantId: TenantId,
    which: { ids: string[] } | { parentIds: string[] },
  ): Promise<VariantView[]> {
    const filter = { kind: 'any', limit: MAX_VARIANTS, now: this.clock.now() } as const;
    return (await findProducts(tx, tenantId, { ...filter, ...which })).map((row) => toVariantView(row, this.pictures));
  }
}

/** Changes of variants wait for their product's row, so this one needs no lock of its own. */
function find(tx: EntityManager, tenantId: TenantId, id: string): Promise<Product | null> {
  return tx.getRepository(Product).findOneBy({ id, tenantId });
}
