import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A bot's connection with one provider. Credentials are sealed (INV-11); health is written by the message path. */
@Entity('connection')
export class Connection {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'tenant_id' })
  tenantId!: string;

  @Column('uuid', { name: 'bot_id' })
  botId!: string;

  @Column('text')
  provider!: string;

  @Column('text')
  name!: string;

  /** Place in the bot's order of preference, lowest first. */
  @Column('int', { default: 0 })
  position!: number;

  /** What the provider routes webhooks by. */
  @Column('text', { name: 'external_id', nullable: true })
  externalId!: string | null;

  /** Business account by which the provider names what is not about one number. */
  @Column('text', { name: 'account_id', nullable: true })
  accountId!: string | null;

  @Column('bytea')
  credentials!: Buffer;

  @Column('text', { name: 'credentials_key_id' })
  credentialsKeyId!: string;

  @Column('text', { default: 'active' })
  state!: 'active' | 'paused';

  @Column('text', { default: 'unknown' })
  health!: 'unknown' | 'up' | 'degraded' | 'auth_lost';

  @Column('text', { name: 'health_reason', nullable: true })
  healthReason!: string | null;

  @Column('timestamptz', { name: 'health_at', nullable: true })
  healthAt!: Date | null;

  /** E.164: the number customers see, where the owner told it. */
  @Column('text', { nullable: true })
  number!: string | null;

  /** Until then the number writes to nobody first. */
  @Column('timestamptz', { name: 'restricted_until', nullable: true })
  restrictedUntil!: Date | null;

  /** Last message that came in by it; to within ten seconds, like the next. */
  @Column('timestamptz', { name: 'last_in_at', nullable: true })
  lastInAt!: Date | null;

  /** Last message a provider took of us. */
  @Column('timestamptz', { name: 'last_out_at', nullable: true })
  lastOutAt!: Date | null;

  @Column('int', { default: 1 })
  revision!: number;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt!: Date;
}
