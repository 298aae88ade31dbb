import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A file that a provider already has, under the provider's own id. */
@Entity('media_upload')
export class MediaUpload {
  @PrimaryColumn('uuid', { name: 'connection_id' })
  connectionId!: string;

  @PrimaryColumn('uuid', { name: 'media_id' })
  mediaId!: string;

  @Column('uuid', { name: 'tenant_id' })
  tenantId!: string;

  @Column('text', { name: 'provider_media_id' })
  providerMediaId!: string;

  @Column('timestamptz', { name: 'valid_until' })
  validUntil!: Date;
}
