import { Column, Entity, PrimaryColumn } from 'typeorm';
import { safeInteger } from '../platform/database/safe-integer.js';
import type { OrderState } from './order-state.js';

@Entity('sales_order')
export class Order {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'tenant_id' })
  tenantId!: string;

  /** Counts up per tenant without gaps. */
  @Column('int')
  number!: number;

  @Column('uuid', { name: 'bot_id', nullable: true })
  botId!: string | null;

  @Column('uuid', { name: 'conversation_id', nullable: true })
  conversationId!: string | null;

  @Column('uuid', { name: 'contact_id' })
  contactId!: string;

  @Column('uuid', { name: 'seller_id', nullable: true })
  sellerId!: string | null;

  @Column('text')
  state!: OrderState;

  @Column('text')
  currency!: string;

  /** Minor units of `currency`. */
  @Column('bigint', { name: 'total_minor', transformer: safeInteger })
  totalMinor!: number;

  @Column('text', { nullable: true })
  note!: string | null;

  /** The effect or idempotency key it was placed under: one key, one order. */
  @Column('text', { name: 'placed_key', nullable: true })
  placedKey!: string | null;

  @Column('int', { default: 1 })
  revision!: number;

  @Column('timestamptz', { name: 'placed_at', default: () => 'now()' })
  placedAt!: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt!: Date;
}
