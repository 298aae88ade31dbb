import { Column, Entity, PrimaryColumn } from 'typeorm';

export const IMPORT_STATES = ['reading', 'queued', 'running', 'checked', 'done', 'failed'] as const;
export type ImportState = (typeof IMPORT_STATES)[number];

/** A file of products and what became of it. */
@Entity('product_import')
export class ProductImport {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'tenant_id' })
  tenantId!: string;

  @Column('text')
  state!: ImportState;

  @Column('boolean', { name: 'is_dry_run' })
  isDryRun!: boolean;

  @Column('text', { array: true, default: {} })
  columns!: readonly string[];

  @Column('int', { name: 'row_count', default: 0 })
  rowCount!: number;

  @Column('int', { name: 'done_count', default: 0 })
  doneCount!: number;

  @Column('int', { name: 'created_count', default: 0 })
  createdCount!: number;

  @Column('int', { name: 'updated_count', default: 0 })
  updatedCount!: number;

  @Column('int', { name: 'unchanged_count', default: 0 })
  unchangedCount!: number;

  @Column('int', { name: 'problem_count', default: 0 })
  problemCount!: number;

  /** Last sign of the process that works on it. */
  @Column('timestamptz', { name: 'alive_at', default: () => 'now()' })
  aliveAt!: Date;

  @Column('uuid', { name: 'created_by' })
  createdBy!: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'finished_at', nullable: true })
  finishedAt!: Date | null;
}
