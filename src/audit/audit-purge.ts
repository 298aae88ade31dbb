import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock.js';
import { ENV, type Env } from '../platform/config/env.js';
import { PathPool } from '../platform/database/path-pool.js';
import { DAY_MS, HOUR_MS, MINUTE_MS, ScheduledJobs } from '../platform/jobs/scheduled-jobs.js';

/** Entries are kept for AUDIT_KEPT_DAYS, whoever's they are. */
@Injectable()
export class AuditPurge {
  constructor(
    @Inject(ENV) private readonly env: Env,
    private readonly path: PathPool,
    private readonly clock: Clock,
    jobs: ScheduledJobs,
  ) {
    jobs.add({
      name: 'audit-purge',
      group: 'jobs',
      everyMs: DAY_MS,
      offsetMs: 4 * HOUR_MS + 23 * MINUTE_MS,
      run: () => this.run(),
    });
  }

  async run(): Promise<void> {
    const before = new Date(this.clock.now().getTime() - this.env.auditKeptDays * DAY_MS);
    await this.path.query('delete from audit_entry where created_at < $1', [before]);
  }
}
