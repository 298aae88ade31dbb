import { Inject, Injectable, Logger } from '@nestjs/common';
import { Cron, Interval } from '@nestjs/schedule';
import { ENV, roleRuns, type Env } from '../../platform/config/env.js';
import { withAdvisoryLock } from '../../platform/database/advisory-lock.js';
import { PathPool } from '../../platform/database/path-pool.js';
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
    @Inject(ENV) private readonly env: Env,
    private readonly path: PathPool,
    private readonly ingest: IngestService,
    private readonly metrics: ConversationMetrics,
  ) {}

  @Interval(SWEEP_MS)
  async tick(): Promise<void> {
    this.metrics.showSpool(this.ingest.spoolBytes);
    try {
      await this.ingest.adoptSpools();
      if (roleRuns(this.env.role, 'turns')) await withAdvisoryLock(this.path, 'sweeper', () => this.sweep());
    } catch (error) {
      this.logger.warn(`The sweep waits: ${error instanceof Error ? error.message : String(error)}`);
    }
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

  @Cron('20 3 * * *', { timeZone: 'UTC' })
  async daily(): Promise<void> {
    if (!roleRuns(this.env.role, 'turns')) return;
    try {
      await this.maintain();
    } catch (error) {
      this.logger.error(error, 'The daily maintenance failed; tomorrow it runs again');
    }
  }

  /** Next days' partitions, and away with what is older than 30 days. Small bites, so that no lock is held for long. */
  async maintain(): Promise<void> {
    await this.path.query(`select ensure_day_partitions('inbox', 7)`);
    await this.path.query(`select drop_day_partitions('inbox', $1)`, [KEEP_DAYS]);
    await this.purge(`delete from seen where (connection_id, dedupe_key) in (
      select connection_id, dedupe_key from seen where seen_at < now() - $1::interval limit $2) returning 1`);
    await this.purge(`delete from outbox where id in (
      select id from outbox where status in ('sent', 'failed', 'cancelled') and created_at < now() - $1::interval
       order by id limit $2) returning 1`);
    await this.purge(`delete from group_message where id in (
      select id from group_message where received_at < now() - $1::interval order by id limit $2) returning 1`);
  }

  private async purge(sql: string): Promise<void> {
    for (let deleted = PURGE_ROWS; deleted === PURGE_ROWS;)
      deleted = (await this.path.query(sql, [`${KEEP_DAYS} days`, PURGE_ROWS])).length;
  }
}
