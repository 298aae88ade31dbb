import { Column, Entity, PrimaryColumn } from 'typeorm';

/** From a minute of a day (1 Monday – 7 Sunday) to another of the same day, `HH:MM`; `to` is the first minute off. */
export type WorkingHours = { readonly day: number; readonly from: string; readonly to: string };

/** A person of the tenant who fulfils orders; may also be a user. */
@Entity('seller')
export class Seller {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'tenant_id' })
  tenantId!: string;

  @Column('uuid', { name: 'user_id', nullable: true })
  userId!: string | null;

  @Column('text')
  name!: string;

  /** E.164. */
  @Column('text')
  phone!: string;

  /** A paused seller gets no new orders. */
  @Column('boolean', { name: 'is_active', default: true })
  isActive!: boolean;

  /** No new orders before. */
  @Column('timestamptz', { name: 'paused_until', nullable: true })
  pausedUntil!: Date | null;

  /** When they work, every week; null: always. */
  @Column('jsonb', { nullable: true })
  hours!: readonly WorkingHours[] | null;

  /** IANA name of the zone `hours` are in; null: the business's. */
  @Column('text', { nullable: true })
  timezone!: string | null;

  /** Empty: every bot. */
  @Column('uuid', { name: 'bot_ids', array: true, default: {} })
  botIds!: readonly string[];

  /** What they know best. */
  @Column('uuid', { name: 'category_ids', array: true, default: {} })
  categoryIds!: readonly string[];

  @Column('timestamptz', { name: 'last_assigned_at', nullable: true })
  lastAssignedAt!: Date | null;

  @Column('int', { default: 1 })
  revision!: number;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt!: Date;
}
