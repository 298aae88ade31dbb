import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * One sign-in of a person: of kind `token` the family of its refresh tokens, of kind `cookie` a browser's.
 *
 * live → ended (sign-out, revoked, a used refresh token came back, new password or role) or expired, both for good
 */
@Entity('user_session')
export class UserSession {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'tenant_id' })
  tenantId!: string;

  @Column('uuid', { name: 'user_id' })
  userId!: string;

  @Column('text')
  kind!: 'token' | 'cookie';

  /** SHA-256 of the cookie's secret. */
  @Column('bytea', { name: 'secret_hash', nullable: true })
  secretHash!: Buffer | null;

  @Column('text', { name: 'user_agent', nullable: true })
  userAgent!: string | null;

  /** Where it began. */
  @Column('text', { nullable: true })
  address!: string | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  /** To the minute. */
  @Column('timestamptz', { name: 'last_used_at', default: () => 'now()' })
  lastUsedAt!: Date;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt!: Date;

  @Column('timestamptz', { name: 'ended_at', nullable: true })
  endedAt!: Date | null;
}
