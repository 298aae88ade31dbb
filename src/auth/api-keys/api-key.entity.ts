import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * A program's way in: live → expired (by time) or revoked (by a person), both for good. It belongs to the tenant and
 * outlives the sign-in of whoever made it; its row is never deleted.
 */
@Entity('api_key')
export class ApiKey {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'tenant_id' })
  tenantId!: string;

  @Column('text')
  name!: string;

  /** How the key begins: finds the row, and tells people which key it is. */
  @Column('text')
  prefix!: string;

  /** SHA-256 of the whole key. */
  @Column('bytea', { name: 'secret_hash' })
  secretHash!: Buffer;

  @Column('text', { array: true })
  permissions!: string[];

  /** `null`: never; the API does not make such keys. */
  @Column('timestamptz', { name: 'expires_at', nullable: true })
  expiresAt!: Date | null;

  @Column('timestamptz', { name: 'revoked_at', nullable: true })
  revokedAt!: Date | null;

  /** To the minute. */
  @Column('timestamptz', { name: 'last_used_at', nullable: true })
  lastUsedAt!: Date | null;

  /** A user: no key makes a key. */
  @Column('uuid', { name: 'created_by' })
  createdBy!: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
