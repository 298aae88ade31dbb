import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { violates } from '../platform/database/constraint-violation.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { CategoryTree } from './categories/category-tree.js';
import { UnknownCategoryError } from './categories/category.errors.js';
import { Product } from './product.entity.js';
import type { CreateVariant } from './products.dto.js';
import {
  CurrencyMismatchError,
  OptionCountError,
  ProductNotFoundError,
  SkuTakenError,
  VariantTakenError,
} from './products.errors.js';

/** Nobody else changes it until the commit. @throws ProductNotFoundError unknown id, or another tenant's */
export async function lockProduct(tx: EntityManager, tenantId: TenantId, id: string): Promise<Product> {
  const products = tx.getRepository(Product);
  // Not `for update`: an order that refers to the product need not wait.
  const product = await products.findOne({ where: { id, tenantId }, lock: { mode: 'for_no_key_update' } });
  if (!product) throw new ProductNotFoundError(id);
  return product;
}

export function isParent(tx: EntityManager, tenantId: TenantId, id: string): Promise<boolean> {
  return tx.getRepository(Product).existsBy({ parentId: id, tenantId });
}

/** What a variant's row says; the rest is its product's. */
export function variantRow(
  { initialStock: _units, optionValues, ...own }: CreateVariant,
  parent: Pick<Product, 'id' | 'tenantId' | 'currency' | 'options'>,
  now: Date,
) {
  assertOptionCount(parent.options.length, optionValues.length, 'optionValues');
  const { tenantId, currency } = parent;
  return {
    ...own,
    id: randomUUID(),
    tenantId,
    parentId: parent.id,
    // The product's name is looked up with it.
    name: { es: '' },
    options: optionValues,
    currency,
    createdAt: now,
    updatedAt: now,
  };
}

/** @throws OptionCountError */
export function assertOptionCount(expected: number, given: number, field: 'optionNames' | 'optionValues'): void {
  if (expected !== given || expected === 0) throw new OptionCountError(expected, field);
}

/** The foreign key alone would accept another tenant's. @throws UnknownCategoryError */
export async function assertCategory(
  tx: EntityManager,
  tenantId: TenantId,
  id: string | null | undefined,
): Promise<void> {
  if (id === null || id === undefined) return;
  if (!(await CategoryTree.load(tx, tenantId)).find(id)) throw new UnknownCategoryError(id);
}

/** ISO 4217; every price of the tenant is in it. */
export async function currencyOf(tx: EntityManager, tenantId: TenantId): Promise<string> {
  const [tenant]: { currency: string }[] = await tx.query('select currency from tenant where id = $1', [tenantId]);
  if (!tenant) throw new TypeError('A signed-in tenant has a row');
  return tenant.currency;
}

/** @throws CurrencyMismatchError prices are in one currency */
export async function checkedCurrency(
  tx: EntityManager,
  tenantId: TenantId,
  wanted: string | undefined,
): Promise<string> {
  const currency = await currencyOf(tx, tenantId);
  if (wanted !== undefined && wanted !== currency) throw new CurrencyMismatchError(currency);
  return currency;
}

/** @throws SkuTakenError, VariantTakenError what the unique indexes say */
export async function asUnique(skus: readonly string[], write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (violates(error, 'product_tenant_id_sku_key')) throw new SkuTakenError(skus.join(', '), { cause: error });
    if (violates(error, 'product_variant')) throw new VariantTakenError({ cause: error });
    throw error;
  }
}
