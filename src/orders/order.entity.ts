import { Column, Entity, PrimaryColumn } from 'typeorm';
import { safeInteger } from '../platform/database/safe-integer.js';
import type { OrderState, PaymentState, SellerNoticeState } from './order-state.js';

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

  @Column('text', { name: 'payment_state', default: 'unpaid' })
  paymentState!: PaymentState;

  @Column('text', { name: 'payment_method', nullable: true })
  paymentMethod!: string | null;

  /** What the payment is called where it was made. */
  @Column('text', { name: 'payment_reference', nullable: true })
  paymentReference!: string | null;

  @Column('timestamptz', { name: 'paid_at', nullable: true })
  paidAt!: Date | null;

  /** Minor units of `currency`, and so is `refundedMinor`. */
  @Column('bigint', { name: 'paid_minor', default: 0, transformer: safeInteger })
  paidMinor!: number;

  @Column('bigint', { name: 'refunded_minor', default: 0, transformer: safeInteger })
  refundedMinor!: number;

  @Column('text', { nullable: true })
  note!: string | null;

  /** Null: nobody was to be told. */
  @Column('text', { name: 'seller_notice', nullable: true })
  sellerNotice!: SellerNoticeState | null;

  /** Of the notice that counts: an earlier seller's does not. */
  @Column('text', { name: 'seller_notice_key', nullable: true })
  sellerNoticeKey!: string | null;

  @Column('text', { name: 'seller_notice_reason', nullable: true })
  sellerNoticeReason!: string | null;

  @Column('timestamptz', { name: 'seller_notice_at', nullable: true })
  sellerNoticeAt!: Date | null;

  @Column('timestamptz', { name: 'payment_reminded_at', nullable: true })
  paymentRemindedAt!: Date | null;

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
