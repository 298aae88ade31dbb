import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What one request did to one thing. Written by triggers and never changed. */
@Entity('audit_entry')
export class AuditEntry {
  @PrimaryColumn('uuid', { default: () => 'gen_random_uuid()' })
  id!: string;

  @Column('uuid', { name: 'tenant_id' })
  tenantId!: string;

  /** Of all rows of one request. */
  @Column('uuid', { name: 'change_id' })
  changeId!: string;

  @Column('text', { name: 'request_id', nullable: true })
  requestId!: string | null;

  /** `user:` or `key:` and the id. */
  @Column('text')
  actor!: string;

  /** The operation as the API document names it. */
  @Column('text')
  action!: string;

  @Column('text', { name: 'subject_type' })
  subjectType!: string;

  @Column('text', { name: 'subject_id', nullable: true })
  subjectId!: string | null;

  @Column('text')
  kind!: 'created' | 'changed' | 'deleted' | 'requested';

  /** The columns that changed, without secrets. */
  @Column('jsonb', { nullable: true })
  before!: Record<string, unknown> | null;

  @Column('jsonb', { nullable: true })
  after!: Record<string, unknown> | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'clock_timestamp()' })
  createdAt!: Date;
}
