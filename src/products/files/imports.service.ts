import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import { Clock } from '../../platform/clock.js';
import { sortedPage } from '../../platform/http/sorted-page.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { InvalidInputError } from '../../platform/errors/app-error.js';
import { decodeCursor, toPage, type Page, type PageQuery } from '../../platform/http/page.js';
import { JobsService } from '../../platform/jobs/jobs.service.js';
import { asTenantId, type TenantId } from '../../platform/tenancy/tenant-id.js';
import { readCsv } from './csv-reader.js';
import { readRow, type FileRow } from './file-row.js';
import type { Problem } from './import-reasons.js';
import { businessOf, ImportRunner, type Business } from './import-runner.js';
import { ImportNotFoundError, TooManyRowsError } from './import.errors.js';
import {
  PROBLEMS_SHOWN,
  type ImportSummary,
  type ImportView,
  type ListImports,
  type ProblemView,
} from './imports.dto.js';
import { ProductImport } from './product-import.entity.js';
import { keepProblems, stage } from './staged-rows.js';

export const IMPORT_QUEUE = 'product-imports';
const MAX_ROWS = 50_000;
const BATCH = 500;
const SORTS = { createdAt: { sql: 'import.created_at', type: 'timestamptz' } } as const;
const jobSchema = z.object({ tenantId: z.uuid(), importId: z.uuid() });

type Upload = { readonly isDryRun: boolean; readonly by: string };
/** What reading a file found, besides the lines it staged. */
type Reading = { rowCount: number; problemCount: number; readonly columns: Set<string>; readonly badSkus: Set<string> };

/**
 * Files of products on their way in:
 *
 * reading ──▶ queued ──▶ running ──▶ done
 *    │                      └──────▶ failed
 *    └──▶ checked (dry run), failed (a line that cannot be read)
 */
@Injectable()
export class ImportsService implements OnModuleInit {
  constructor(
    @Inject(TenantDatabase) private readonly db: TenantDatabase,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(ImportRunner) private readonly runner: ImportRunner,
    @Inject(JobsService) private readonly jobs: JobsService,
  ) {}

  onModuleInit(): void {
    this.jobs.serve(IMPORT_QUEUE, async (data) => {
      const { tenantId, importId } = jobSchema.parse(data);
      await this.runner.run(asTenantId(tenantId), importId);
    });
  }

  /**
   * Reads the file to its end. A dry run, and a file with lines that cannot be read, are over when this answers; any
   * other runs in the background.
   *
   * @throws FileColumnsError, FileEncodingError, FileBrokenError, FileTooLargeError, TooManyRowsError nothing is kept
   */
  async receive(tenantId: TenantId, bytes: AsyncIterable<Uint8Array>, upload: Upload): Promise<ImportView> {
    const id = randomUUID();
    const business = await this.open(tenantId, id, upload);
    let reading: Reading;
    try {
      reading = await this.read(tenantId, id, bytes, business);
    } catch (error) {
      await this.db.transaction(tenantId, (tx) => tx.getRepository(ProductImport).delete({ id, tenantId }));
      throw error;
    }
    const { badSkus, problemCount } = reading;
    if (upload.isDryRun) await this.runner.check(tenantId, id, { state: 'checked', badSkus });
    else if (problemCount > 0) await this.runner.check(tenantId, id, { state: 'failed', badSkus });
    else await this.queue(tenantId, id);
    return this.get(tenantId, id);
  }

  list(tenantId: TenantId, { state, dryRun, ...page }: ListImports): Promise<Page<ImportSummary>> {
    return this.db.transaction(tenantId, async (tx) => {
      const query = tx.getRepository(ProductImport).createQueryBuilder('import').where({ tenantId });
      if (state !== undefined) query.andWhere({ state });
      if (dryRun !== undefined) query.andWhere({ isDryRun: dryRun });
      const { items, nextCursor } = await sortedPage(query, page, SORTS);
      return { items: items.map(toSummary), nextCursor };
    });
  }

  /** @throws ImportNotFoundError unknown id, or another tenant's */
  get(tenantId: TenantId, id: string): Promise<ImportView> {
    return this.db.transaction(tenantId, async (tx) => {
      const summary = await find(tx, tenantId, id);
      const { items } = await problemsOf(tx, tenantId, id, { limit: PROBLEMS_SHOWN });
      return { ...summary, problems: items };
    });
  }

  /** By line. @throws ImportNotFoundError */
  listProblems(tenantId: TenantId, id: string, page: PageQuery): Promise<Page<ProblemView>> {
    return this.db.transaction(tenantId, async (tx) => {
      await find(tx, tenantId, id);
      return problemsOf(tx, tenantId, id, page);
    });
  }

  private open(tenantId: TenantId, id: string, { isDryRun, by }: Upload): Promise<Business> {
    return this.db.transaction(tenantId, async (tx) => {
      const now = this.clock.now();
      await tx
        .getRepository(ProductImport)
        .insert({ id, tenantId, isDryRun, state: 'reading', createdBy: by, createdAt: now });
      return businessOf(tx, tenantId);
    });
  }

  private async read(
    tenantId: TenantId,
    id: string,
    bytes: AsyncIterable<Uint8Array>,
    { money, lang }: Business,
  ): Promise<Reading> {
    const reading: Reading = { rowCount: 0, problemCount: 0, columns: new Set(), badSkus: new Set() };
    const lineOf = new Map<string, number>();
    let rows: FileRow[] = [];
    let problems: Problem[] = [];
    const flush = async () => {
      const batch = { rows, problems };
      [rows, problems] = [[], []];
      reading.problemCount += batch.problems.length;
      await this.db.transaction(tenantId, async (tx) => {
        await stage(tx, tenantId, id, batch.rows);
        await keepProblems(tx, tenantId, id, { problems: batch.problems, lang });
        const { rowCount, columns } = reading;
        const update = { rowCount, columns: [...columns], aliveAt: new Date() };
        await tx.getRepository(ProductImport).update({ id, tenantId }, update);
      });
    };
    for await (const read of readCsv(bytes)) {
      if ('problem' in read) {
        problems.push(read.problem);
        continue;
      }
      reading.rowCount += 1;
      if (reading.rowCount > MAX_ROWS) throw new TooManyRowsError(MAX_ROWS);
      const { line, cells } = read;
      const before = problems.length;
      const row = readRow(cells, line, money, (problem) => problems.push(problem));
      const { sku } = row;
      const twin = lineOf.get(sku);
      if (twin !== undefined) problems.push({ line, column: 'sku', code: 'repeated_sku', about: twin });
      else if (sku !== '') lineOf.set(sku, line);
      if (problems.length > before) reading.badSkus.add(sku);
      else rows.push(row);
      for (const column of Object.keys(cells)) reading.columns.add(column);
      if (rows.length + problems.length >= BATCH) await flush();
    }
    await flush();
    reading.badSkus.delete('');
    return reading;
  }

  private async queue(tenantId: TenantId, importId: string): Promise<void> {
    await this.db.transaction(tenantId, (tx) =>
      tx.getRepository(ProductImport).update({ id: importId, tenantId }, { state: 'queued', aliveAt: new Date() }),
    );
    // Where no pg-boss is open the sweep finds it.
    await this.jobs.add(IMPORT_QUEUE, [{ tenantId, importId }]);
  }
}

async function find(tx: EntityManager, tenantId: TenantId, id: string): Promise<ImportSummary> {
  const found = await tx.getRepository(ProductImport).findOneBy({ id, tenantId });
  if (!found) throw new ImportNotFoundError(id);
  return toSummary(found);
}

async function problemsOf(
  tx: EntityManager,
  tenantId: TenantId,
  importId: string,
  { limit, cursor }: PageQuery,
): Promise<Page<ProblemView>> {
  const [line, id] = cursor === undefined ? [null, null] : placeOf(cursor);
  const rows: (ProblemView & { id: string })[] = await tx.query(
    `select id::text, line, column_name as "column", reason from product_import_problem
     where tenant_id = $1 and import_id = $2 and ($3::int is null or (line, id) > ($3, $4::bigint))
     order by product_import_problem.line, product_import_problem.id limit $5`,
    [tenantId, importId, line, id, limit + 1],
  );
  const page = toPage(rows, limit, (row) => [row.line, row.id]);
  return { ...page, items: page.items.map(({ line: at, column, reason }) => ({ line: at, column, reason })) };
}

const placeSchema = z.tuple([
  z
    .int()
    .min(0)
    .max(MAX_ROWS * 2),
  z.string().regex(/^\d{1,18}$/),
]);

function placeOf(cursor: string): [number, string] {
  const place = placeSchema.safeParse(decodeCursor(cursor));
  if (!place.success) throw new InvalidInputError([{ field: 'cursor', message: 'Not a cursor of this list' }]);
  return place.data;
}

function toSummary(row: ProductImport): ImportSummary {
  return {
    id: row.id,
    state: row.state,
    isDryRun: row.isDryRun,
    columns: [...row.columns],
    rowCount: row.rowCount,
    doneCount: row.doneCount,
    createdCount: row.createdCount,
    updatedCount: row.updatedCount,
    unchangedCount: row.unchangedCount,
    problemCount: row.problemCount,
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
  };
}
