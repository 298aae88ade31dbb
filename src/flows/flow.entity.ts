import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A conversation the tenant designs: one editable draft, and the versions published from it. */
@Entity('flow')
export class Flow {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'tenant_id' })
  tenantId!: string;

  /** The tenant's own short name for it; unique, and never changed because documents and tests use it. */
  @Column('text')
  key!: string;

  @Column('text')
  title!: string;

  @Column('jsonb')
  draft!: object;

  /** Counts the saves of the draft, for If-Match. */
  @Column('int', { name: 'draft_revision', default: 1 })
  draftRevision!: number;

  @Column('boolean', { name: 'is_archived', default: false })
  isArchived!: boolean;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt!: Date;
}
