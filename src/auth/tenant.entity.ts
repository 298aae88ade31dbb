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

  /** How long an order waits for its payment; null: for ever. */
  @Column('int', { name: 'unpaid_order_expiry_minutes', nullable: true, default: 2880 })
  unpaidOrderExpiryMinutes!: number | null;

  /** Before the end, when the customer is reminded; null: never. */
  @Column('int', { name: 'unpaid_order_reminder_minutes', nullable: true, default: 1500 })
  unpaidOrderReminderMinutes!: number | null;

  /** When the time was set: older orders wait from then on. */
  @Column('timestamptz', { name: 'unpaid_order_expiry_since', default: () => 'now()' })
  unpaidOrderExpirySince!: Date;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
