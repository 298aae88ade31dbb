import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { OutgoingEventType } from './outgoing-events.js';

/** Why an endpoint gets nothing: a person said so, it answered 410, or nothing got through for days. */
export type StoppedReason = 'person' | 'gone' | 'failing';

/** Where a tenant wants to be told what happens. Its secrets are sealed (INV-11). */
@Entity('webhook_endpoint')
export class WebhookEndpoint {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'tenant_id' })
  tenantId!: string;

  @Column('text')
  url!: string;

  @Column('text', { nullable: true })
  description!: string | null;

  @Column('text', { array: true })
  types!: OutgoingEventType[];

  @Column('boolean', { name: 'is_active', default: true })
  isActive!: boolean;

  @Column('text', { name: 'stopped_reason', nullable: true })
  stoppedReason!: StoppedReason | null;

  /** Since when no delivery has got through; null after one that did. */
  @Column('timestamptz', { name: 'failing_since', nullable: true })
  failingSince!: Date | null;

  @Column('text', { name: 'key_id' })
  keyId!: string;

  @Column('bytea')
  secret!: Buffer;

  @Column('text', { name: 'old_key_id', nullable: true })
  oldKeyId!: string | null;

  @Column('bytea', { name: 'old_secret', nullable: true })
  oldSecret!: Buffer | null;

  @Column('timestamptz', { name: 'old_secret_until', nullable: true })
  oldSecretUntil!: Date | null;

  @Column('int', { default: 1 })
  revision!: number;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt!: Date;
}
