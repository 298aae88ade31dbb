import { Injectable, Logger } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { withAdvisoryLock } from '../../platform/database/advisory-lock.js';
import { keepDayPartitions } from '../../platform/database/day-partitions.js';
import { PathPool } from '../../platform/database/path-pool.js';
import { DAY_MS, HOUR_MS, MINUTE_MS, ScheduledJobs } from '../../platform/jobs/scheduled-jobs.js';
import { Loops } from '../../platform/loops/loops.js';
import { ConversationMetrics } from '../conversations.metrics.js';
import { IngestService } from '../inbox/ingest.service.js';

const SWEEP_MS = 30_000;
const KEEP_DAYS = 30;
const PURGE_ROWS = 5000;

/** Looks after the path's tables, in one process at a time. */
@Injectable()
export class Sweeper {
  private readonly logger = new Logger('Sweeper');

  constructor(
    private readonly path: PathPool,
    private readonly ingest: IngestService,
    private readonly metrics: ConversationMetrics,
    jobs: ScheduledJobs,
    loops: Loops,
  ) {
    loops.add({
      name: 'Sweeper',
      group: 'turns',
      restMs: SWEEP_MS,
      round: async () => void (await withAdvisoryLock(path, 'sweeper', () => this.sweep())),
    });
    jobs.add({
      name: 'path-maintenance',
      group: 'turns',
      everyMs: DAY_MS,
      offsetMs: 3 * HOUR_MS + 20 * MINUTE_MS,
      run: (signal) => this.maintain(signal),
    });
  }

  /** Each process has a spool of its own, and takes over what dead ones left. */
  @Interval(SWEEP_MS)
  async lookForSpools(): Promise<void> {
    this.metrics.showSpool(this.ingest.spoolBytes);
    await this.ingest.adoptSpools();
  }

  /** Re-arms conversations that have unread rows and no turn due. There must be none: a find is a defect elsewhere. */
  async sweep(): Promise<number> {
    const stranded = await this.path.query<{ id: string }>(`
      update conversation set ready_at = now()
       where id in (
         select c.id from (select distinct conversation_id from inbox where done_at is null) unread
           join conversation c on c.id = unread.conversation_id
          where c.ready_at is null order by c.id for update of c skip locked)
         and exists (select from inbox i where i.conversation_id = conversation.id and i.done_at is null)
      returning id`);
    this.metrics.countStranded(stranded.length);
    if (stranded.length > 0) this.logger.error(`Stranded and re-armed: ${stranded.map(({ id }) => id).join(', ')}`);
    const [oldest] = await this.path.query<{ age: number | null }>(
      'select extract(epoch from now() - min(received_at))::float8 as age from inbox where done_at is null',
    );
    this.metrics.showOldestUnread(Math.max(0, oldest?.age ?? 0));
    return stranded.length;
  }

  /** Next days' partitions, and away with what is older than 30 days. Small bites, so that no lock is held for long. */
  async maintain(signal?: AbortSignal): Promise<void> {
    await keepDayPartitions(this.path, 'inbox', KEEP_DAYS);
    await this.purge(
      signal,
      `delete from seen where (connection_id, dedupe_key) in (
      select connection_id, dedupe_key from seen where seen_at < now() - $1::interval limit $2) returning 1`,
    );
    await this.purge(
      signal,
      `delete from outbox where id in (
      select id from outbox where status in ('sent', 'failed', 'cancelled') and created_at < now() - $1::interval
       order by id limit $2) returning 1`,
    );
    await this.purge(
      signal,
      `delete from group_message where id in (
      select id from group_message where received_at < now() - $1::interval order by id limit $2) returning 1`,
    );
  }

  private async purge(signal: AbortSignal | undefined, sql: string): Promise<void> {
    for (let deleted = PURGE_ROWS; deleted === PURGE_ROWS;) {
      signal?.throwIfAborted();
      deleted = (await this.path.query(sql, [`${KEEP_DAYS} days`, PURGE_ROWS])).length;
    }
  }
}
