import type { EntityManager } from 'typeorm';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import type { FileRow } from './file-row.js';
import { reasonIn, type Problem } from './import-reasons.js';
import type { Lang } from '../localized-text.js';

/** Lines that wait between the upload and the run, as they were read: nothing is read twice. */
export async function stage(
  tx: EntityManager,
  tenantId: TenantId,
  importId: string,
  rows: readonly FileRow[],
): Promise<void> {
  await tx.query(
    `insert into product_import_row (import_id, tenant_id, line, cells)
     select $1, $2, (w->>'line')::int, w from jsonb_array_elements($3) w`,
    [importId, tenantId, JSON.stringify(rows)],
  );
}

export async function staged(tx: EntityManager, tenantId: TenantId, importId: string): Promise<FileRow[]> {
  const rows: { cells: FileRow }[] = await tx.query(
    'select cells from product_import_row where tenant_id = $1 and import_id = $2 order by line',
    [tenantId, importId],
  );
  return rows.map(({ cells }) => cells);
}

export async function unstage(tx: EntityManager, tenantId: TenantId, importId: string): Promise<void> {
  await tx.query('delete from product_import_row where tenant_id = $1 and import_id = $2', [tenantId, importId]);
}

export async function keepProblems(
  tx: EntityManager,
  tenantId: TenantId,
  importId: string,
  { problems, lang }: { problems: readonly Problem[]; lang: Lang },
): Promise<void> {
  if (problems.length === 0) return;
  const told = problems.map((problem) => ({ ...problem, reason: reasonIn(lang, problem) }));
  await tx.query(
    `insert into product_import_problem (import_id, tenant_id, line, column_name, reason)
     select $1, $2, w.line, w."column", w.reason from jsonb_to_recordset($3) w(line int, "column" text, reason text)`,
    [importId, tenantId, JSON.stringify(told)],
  );
}
