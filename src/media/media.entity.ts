import { Column, Entity, PrimaryColumn } from 'typeorm';
import { safeInteger } from '../platform/database/safe-integer.js';

export const MEDIA_STATES = ['waiting', 'stored', 'failed'] as const;
export type MediaState = (typeof MEDIA_STATES)[number];

/**
 * A file. A customer's is waiting → stored, or failed for good; an upload is stored from the start. The bytes lie in the
 * store under the tenant's and the file's id.
 */
@Entity('media')
export class Media {
  @PrimaryColumn('uuid', { default: () => 'gen_random_uuid()' })
  id!: string;

  @Column('uuid', { name: 'tenant_id' })
  tenantId!: string;

  @Column('text')
  origin!: 'upload' | 'customer';

  @Column('text')
  state!: MediaState;

  @Column('text', { name: 'mime_type' })
  mimeType!: string;

  @Column('text', { nullable: true })
  filename!: string | null;

  @Column('bigint', { name: 'size_bytes', nullable: true, transformer: safeInteger })
  sizeBytes!: number | null;

  /** Hexadecimal. */
  @Column('text', { nullable: true })
  sha256!: string | null;

  @Column('uuid', { name: 'connection_id', nullable: true })
  connectionId!: string | null;

  @Column('text', { name: 'message_key', nullable: true })
  messageKey!: string | null;

  @Column('jsonb', { name: 'provider_media', nullable: true })
  providerMedia!: object | null;

  @Column('int', { default: 0 })
  attempts!: number;

  @Column('timestamptz', { name: 'next_at', default: () => 'now()' })
  nextAt!: Date;

  @Column('text', { nullable: true })
  error!: string | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'stored_at', nullable: true })
  storedAt!: Date | null;
}
