import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { OrderState } from './order-state.js';

/** One line of an order's history. */
@Entity('order_event')
export class OrderEvent {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' })
  id!: string;

  @Column('uuid', { name: 'tenant_id' })
  tenantId!: string;

  @Column('uuid', { name: 'order_id' })
  orderId!: string;

  @Column('text', { default: 'state' })
  kind!: 'state' | 'edit' | 'assign' | 'payment' | 'refund' | 'notice';

  /** Null when the order was placed. */
  @Column('text', { name: 'from_state', nullable: true })
  fromState!: OrderState | null;

  @Column('text', { name: 'to_state' })
  toState!: OrderState;

  /** `customer`, `delivery`, `expiry`, or `user:` or `key:` and the id. */
  @Column('text')
  actor!: string;

  @Column('text', { nullable: true })
  note!: string | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
