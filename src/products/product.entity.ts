import { Column, Entity, PrimaryColumn } from 'typeorm';
import { safeInteger } from '../platform/database/safe-integer.js';
import type { LocalizedText } from './localized-text.js';

export type ProductImage = { readonly url: string };

/** Something the tenant sells, or a variant of it. Its stock is a ledger of its own, see StockService. */
@Entity('product')
export class Product {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'tenant_id' })
  tenantId!: string;

  /** The product this is a variant of. */
  @Column('uuid', { name: 'parent_id', nullable: true })
  parentId!: string | null;

  @Column('text')
  sku!: string;

  @Column('jsonb')
  name!: LocalizedText;

  @Column('jsonb', { default: {} })
  description!: Partial<LocalizedText>;

  /** Names of a product's options, such as size; of a variant: its value of each, in that order. */
  @Column('jsonb', { default: [] })
  options!: readonly LocalizedText[];

  @Column('uuid', { name: 'category_id', nullable: true })
  categoryId!: string | null;

  /** In the order they are shown. */
  @Column('jsonb', { default: [] })
  images!: readonly ProductImage[];

  /** Minor units of the tenant's currency; null: a variant that costs what its parent costs. */
  @Column('bigint', { name: 'price_minor', nullable: true, transformer: safeInteger })
  priceMinor!: number | null;

  @Column('text')
  currency!: string;

  @Column('boolean', { name: 'is_active', default: true })
  isActive!: boolean;

  @Column('int', { name: 'low_stock_at', default: 0 })
  lowStockAt!: number;

  /** What search looks at; written by `refreshSearchText`. */
  @Column('text', { name: 'search_text', default: '' })
  searchText!: string;

  @Column('int', { default: 1 })
  revision!: number;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt!: Date;
}
