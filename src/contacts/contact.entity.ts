import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A customer of the tenant. */
@Entity('contact')
export class Contact {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'tenant_id' })
  tenantId!: string;

  @Column('text', { nullable: true })
  name!: string | null;

  /** E.164; null while WhatsApp hides it. */
  @Column('text', { nullable: true })
  phone!: string | null;

  @Column('text', { nullable: true })
  locale!: 'es' | 'en' | 'pt' | null;

  @Column('text', { array: true, default: '{}' })
  tags!: string[];

  /** Values of the tenant's own fields, by key. */
  @Column('jsonb', { default: '{}' })
  fields!: Record<string, string | number | boolean>;

  @Column('int', { default: 1 })
  revision!: number;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt!: Date;
}
