import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * Whose turn it is. round_robin: who has waited longest. least_open: who has the fewest orders in hand. by_category:
 * who knows what was ordered. Equals take turns.
 */
export const SELLER_RULES = ['round_robin', 'least_open', 'by_category'] as const;
export type SellerRule = (typeof SELLER_RULES)[number];

/** One row per business; none: round robin. */
@Entity('seller_settings')
export class SellerSettings {
  @PrimaryColumn('uuid', { name: 'tenant_id' })
  tenantId!: string;

  @Column('text')
  rule!: SellerRule;

  @Column('int', { default: 1 })
  revision!: number;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt!: Date;
}
