import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The business that owns everything below it. Rows are made by the owner role only: nobody signs a tenant up by API. */
@Entity('tenant')
export class TenantProfile {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  name!: string;

  @Column('text', { default: 'es' })
  locale!: 'es' | 'en' | 'pt';

  /** ISO 4217. Fixed for good: prices and orders are in it. */
  @Column('text')
  currency!: string;

  @Column('text', { default: 'America/Mexico_City' })
  timezone!: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
