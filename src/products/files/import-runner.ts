import { Inject, Injectable } from '@nestjs/common';
import { LessThan, type EntityManager } from 'typeorm';
import { Clock } from '../../platform/clock.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { serial } from '../../platform/loops/serial.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import { CategoriesService } from '../categories.service.js';
import type { Lang } from '../localized-text.js';
import { ProductPictures } from '../product-pictures.service.js';
import { StockService } from '../stock.service.js';
import type { FileRow } from './file-row.js';
import { ImportApply, type ImportOutcome } from './import-apply.js';
import { moneyOf, type Money } from './price-text.js';
import { ProductImport } from './product-import.entity.js';
import { keepProblems, staged, unstage } from './staged-rows.js';

const GIVE_UP_MS = 3_600_000;
/** Of one statement, or of the wait for another import of the business. */
const STATEMENT_LIMIT_MS = 600_000;

export type Business = { readonly lang: Lang; readonly money: Money };

/** Carries what a run found out of the transaction that it undoes. */
class UndoneError extends Error {
  constructor(readonly outcome: ImportOutcome) {
    super('The import was undone');
  }
}

/**
 * Runs a file that has been read: in one transaction, so all of it or nothing. A dry run is the same, undone at the end:
 * it finds what the real one would. One at a time per process, because a run needs a second connection of the pool to
 * tell how far it is; of one business one at a time altogether.
 */
@Injectable()
export class ImportRunner {
  private readonly inTurn = serial();

  constructor(
    @Inject(TenantDatabase) private readonly db: TenantDatabase,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(CategoriesService) private readonly categories: CategoriesService,
    @Inject(StockService) private readonly stock: StockService,
    @Inject(ProductPictures) private readonly pictures: ProductPictures,
  ) {}

  /** Does nothing to one that is over: safe to call again. */
  run(tenantId: TenantId, importId: string): Promise<void> {
    return this.inTurn(async () => {
      const outcome = await this.attempt(tenantId, importId, { isTrial: false, badSkus: new Set() });
      if (outcome) await this.finish(tenantId, importId, { state: 'failed', outcome });
    });
  }

  /**
   * Finds what is wrong with it and what it would change, and changes nothing.
   *
   * @param badSkus lines that could not be read: what hangs on them is not looked at
   */
  check(
    tenantId: TenantId,
    importId: string,
    { state, badSkus }: { state: 'checked' | 'failed'; badSkus: ReadonlySet<string> },
  ): Promise<void> {
    return this.inTurn(async () => {
      const outcome = await this.attempt(tenantId, importId, { isTrial: true, badSkus });
      if (outcome) await this.finish(tenantId, importId, { state, outcome });
    });
  }

  /** What has not gone through within the hour never will. @returns whether it was given up */
  async giveUpIfOld(tenantId: TenantId, importId: string): Promise<boolean> {
    const old = await this.db.transaction(tenantId, (tx) =>
      tx.getRepository(ProductImport).findOneBy({
        id: importId,
        tenantId,
        createdAt: LessThan(new Date(this.clock.now().getTime() - GIVE_UP_MS)),
      }),
    );
    if (!old) return false;
    await this.finish(tenantId, importId, {
      state: 'failed',
      outcome: { created: 0, updated: 0, unchanged: 0, problems: [] },
    });
    return true;
  }

  /** @returns null when it is in; else what was undone */
  private async attempt(
    tenantId: TenantId,
    importId: string,
    { isTrial, badSkus }: { isTrial: boolean; badSkus: ReadonlySet<string> },
  ): Promise<ImportOutcome | null> {
    try {
      await this.db.transaction(
        tenantId,
        async (tx) => {
          await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`product_import:${tenantId}`]);
          const found = await tx.getRepository(ProductImport).findOneBy({ id: importId, tenantId });
          if (!found || found.finishedAt !== null) return;
          const { money } = await businessOf(tx, tenantId);
          const read = await staged(tx, tenantId, importId);
          const rows = read.filter(({ parentSku }) => !badSkus.has(parentSku ?? ''));
          const outcome = await this.apply(tx, tenantId, { found, money, rows });
          if (isTrial || outcome.problems.length > 0) throw new UndoneError(outcome);
          await close(tx, tenantId, importId, { state: 'done', outcome, now: this.clock.now() });
        },
        STATEMENT_LIMIT_MS,
      );
      return null;
    } catch (error) {
      if (error instanceof UndoneError) return error.outcome;
      throw error;
    }
  }

  private apply(
    tx: EntityManager,
    tenantId: TenantId,
    { found, money, rows }: { found: ProductImport; money: Money; rows: readonly FileRow[] },
  ): Promise<ImportOutcome> {
    const { id: importId, createdBy: userId } = found;
    const by = { userId, importId, currency: money.currency, now: this.clock.now() };
    const { categories, stock, pictures } = this;
    return new ImportApply(tx, tenantId, by, { categories, stock, pictures }).run(rows, (done) =>
      // Beside the transaction, or nobody would see it before the end.
      this.db.transaction(tenantId, async (beside) => {
        const isRunning = found.state !== 'reading';
        await beside
          .getRepository(ProductImport)
          .update(
            { id: importId, tenantId },
            { doneCount: done, aliveAt: new Date(), ...(isRunning ? { state: 'running' } : {}) },
          );
      }),
    );
  }

  private async finish(
    tenantId: TenantId,
    importId: string,
    { state, outcome }: { state: 'checked' | 'failed'; outcome: ImportOutcome },
  ): Promise<void> {
    await this.db.transaction(
      tenantId,
      async (tx) => {
        const { lang } = await businessOf(tx, tenantId);
        await keepProblems(tx, tenantId, importId, { problems: outcome.problems, lang });
        await close(tx, tenantId, importId, { state, outcome, now: this.clock.now() });
      },
      STATEMENT_LIMIT_MS,
    );
  }
}

export async function businessOf(tx: EntityManager, tenantId: TenantId): Promise<Business> {
  const [tenant]: { locale: Lang; currency: string }[] = await tx.query(
    'select locale, currency from tenant where id = $1',
    [tenantId],
  );
  if (!tenant) throw new TypeError('A signed-in tenant has a row');
  return { lang: tenant.locale, money: moneyOf(tenant.currency) };
}

async function close(
  tx: EntityManager,
  tenantId: TenantId,
  importId: string,
  { state, outcome, now }: { state: 'checked' | 'done' | 'failed'; outcome: ImportOutcome; now: Date },
): Promise<void> {
  await unstage(tx, tenantId, importId);
  await tx.query(
    `update product_import set state = $3, created_count = $4, updated_count = $5, unchanged_count = $6,
       done_count = case when $3 = 'done' then row_count else done_count end, finished_at = $7,
       problem_count = (select count(*) from product_import_problem where import_id = $2)
     where tenant_id = $1 and id = $2`,
    [tenantId, importId, state, outcome.created, outcome.updated, outcome.unchanged, now],
  );
}
