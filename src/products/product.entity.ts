import { Column, Entity, PrimaryColumn } from 'typeorm';
import { safeInteger } from '../platform/database/safe-integer.js';
import type { LocalizedText } from './localized-text.js';

/** Something the tenant sells. Its stock is a ledger of its own, see StockService. */
@Entity('product')
export class Product {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'tenant_id' })
  tenantId!: string;

  @Column('text')
  sku!: string;

  @Column('jsonb')
  name!: LocalizedText;

  @Column('jsonb', { default: {} })
  description!: Partial<LocalizedText>;

  @Column('text', { nullable: true })
  category!: string | null;

  /** Minor units of the tenant's currency. */
  @Column('bigint', { name: 'price_minor', transformer: safeInteger })
  priceMinor!: number;

  @Column('text')
  currency!: string;

  @Column('text', { name: 'image_url', nullable: true })
  imageUrl!: string | null;

  @Column('boolean', { name: 'is_active', default: true })
  isActive!: boolean;

  @Column('int', { name: 'low_stock_at', default: 0 })
  lowStockAt!: number;

  /** Folded names, sku and category: what text search looks at. */
  @Column('text', { name: 'search_text', default: '' })
  searchText!: string;

  @Column('int', { default: 1 })
  revision!: number;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt!: Date;
}
