import { Inject, Injectable } from '@nestjs/common';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { PathPool } from '../../platform/database/path-pool.js';
import { JobsService } from '../../platform/jobs/jobs.service.js';
import { MINUTE_MS, ScheduledJobs } from '../../platform/jobs/scheduled-jobs.js';
import { asTenantId } from '../../platform/tenancy/tenant-id.js';
import { IMPORT_QUEUE } from './imports.service.js';
import { ImportRunner } from './import-runner.js';
import { ProductImport, type ImportState } from './product-import.entity.js';

/** Longer than any step of a run takes without a sign of life. */
const SILENT_S = 60;

type Silent = { id: string; tenant_id: string; state: ImportState };

/** Takes up the imports of processes that died, and those of processes that have no job queue. */
@Injectable()
export class ImportSweep {
  constructor(
    @Inject(PathPool) private readonly path: PathPool,
    @Inject(TenantDatabase) private readonly db: TenantDatabase,
    @Inject(JobsService) private readonly jobs: JobsService,
    @Inject(ImportRunner) private readonly runner: ImportRunner,
    @Inject(ScheduledJobs) scheduled: ScheduledJobs,
  ) {
    scheduled.add({ name: 'product-imports-sweep', group: 'jobs', everyMs: MINUTE_MS, run: () => this.sweep() });
  }

  async sweep(): Promise<void> {
    const silent = await this.path.query<Silent>(
      `select id, tenant_id, state from product_import
       where state in ('reading', 'queued', 'running') and alive_at < now() - make_interval(secs => $1) limit 100`,
      [SILENT_S],
    );
    for (const { id, tenant_id, state } of silent) {
      const tenantId = asTenantId(tenant_id);
      // Its sender saw the upload fail.
      if (state === 'reading')
        await this.db.transaction(tenantId, (tx) => tx.getRepository(ProductImport).delete({ id, tenantId }));
      else if (!(await this.runner.giveUpIfOld(tenantId, id)))
        await this.jobs.add(IMPORT_QUEUE, [{ tenantId, importId: id }]);
    }
  }
}
