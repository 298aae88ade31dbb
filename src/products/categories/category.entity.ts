import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { LocalizedText } from '../localized-text.js';

/** A shelf of the catalogue; up to three levels. */
@Entity('product_category')
export class Category {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'tenant_id' })
  tenantId!: string;

  @Column('uuid', { name: 'parent_id', nullable: true })
  parentId!: string | null;

  @Column('jsonb')
  name!: LocalizedText;

  /** Among its siblings, lowest first; equals stand in alphabetical order. */
  @Column('int', { default: 0 })
  position!: number;

  @Column('int', { default: 1 })
  revision!: number;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt!: Date;
}
