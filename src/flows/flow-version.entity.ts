import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What was published once and never changes: sessions stay on it (INV-9). The app role may insert and read only. */
@Entity('flow_version')
export class FlowVersion {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'tenant_id' })
  tenantId!: string;

  @Column('uuid', { name: 'flow_id' })
  flowId!: string;

  /** 1, 2, 3 … within the flow. */
  @Column('int')
  number!: number;

  /** Of the document's canonical JSON (RFC 8785), in hex. */
  @Column('text')
  sha256!: string;

  @Column('jsonb')
  document!: object;

  /** What the checks said when it was published: warnings only. */
  @Column('jsonb')
  report!: object;

  @Column('text', { nullable: true })
  note!: string | null;

  @Column('uuid', { name: 'published_by', nullable: true })
  publishedBy!: string | null;

  @Column('timestamptz', { name: 'published_at', default: () => 'now()' })
  publishedAt!: Date;
}
