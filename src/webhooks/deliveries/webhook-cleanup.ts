import { Inject, Injectable } from '@nestjs/common';
import { PathPool } from '../../platform/database/path-pool.js';
import { HOUR_MS, MINUTE_MS, ScheduledJobs } from '../../platform/jobs/scheduled-jobs.js';

const BATCH = 2000;

/** Events are kept for two weeks where somebody wants their type, an hour where nobody does. */
@Injectable()
export class WebhookCleanup {
  constructor(
    @Inject(PathPool) private readonly path: PathPool,
    @Inject(ScheduledJobs) jobs: ScheduledJobs,
  ) {
    jobs.add({
      name: 'webhook-cleanup',
      group: 'jobs',
      everyMs: HOUR_MS,
      offsetMs: 25 * MINUTE_MS,
      run: (signal) => this.clean(signal),
    });
  }

  async clean(signal?: AbortSignal): Promise<void> {
    for (const sql of [OLD, UNWANTED]) {
      let deleted = BATCH;
      while (deleted === BATCH) {
        signal?.throwIfAborted();
        const rows = await this.path.query<{ n: number }>(sql, [BATCH]);
        deleted = rows[0]?.n ?? 0;
      }
    }
  }
}

const OLD = `
  with gone as (
    delete from outgoing_event where id in (
      select id from outgoing_event where created_at < now() - interval '14 days' order by created_at limit $1)
    returning 1)
  select count(*)::int as n from gone`;

const UNWANTED = `
  with gone as (
    delete from outgoing_event where id in (
      select e.id from outgoing_event e
       where e.created_at between now() - interval '26 hours' and now() - interval '1 hour' and e.fanned_at is not null
         and not exists (select from webhook_endpoint w where w.tenant_id = e.tenant_id and e.type = any(w.types))
       order by e.created_at limit $1)
    returning 1)
  select count(*)::int as n from gone`;
