import { Injectable } from '@nestjs/common';
import { keepDayPartitions } from '../platform/database/day-partitions.js';
import { PathPool } from '../platform/database/path-pool.js';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';

/** Rows per shipping statement. */
const BATCH = 2000;
const RETENTION_DAYS = 30;
/** The figures of a large shop's month take longer than a request may elsewhere. */
const FIGURES_LIMIT_MS = 30_000;

export type WindowFigures = {
  readonly messagesIn: number;
  readonly messagesOut: number;
  readonly messagesFailed: number;
  readonly notices: number;
  readonly noticesFailed: number;
  readonly responseMeanMs: number | null;
  readonly responseP50Ms: number | null;
  readonly responseP95Ms: number | null;
  readonly conversations: number;
  readonly conversions: number;
  readonly orders: number;
  readonly revenue: { currency: string; totalMinor: number }[];
};

const FIGURES = `
  with windowed as (select id, kind, body from message_log where tenant_id = $1 and at >= $2 and at < $3),
       -- A message may fail after it was accepted, or be delivered after it failed: its last word counts.
       ended as (select distinct on (body->>'outboxId') body->>'outcome' as outcome,
                        coalesce((body->>'isNotice')::boolean, false) as is_notice from windowed
                  where kind = 'message.out' order by body->>'outboxId', id desc),
       answers as (select (body->>'responseMs')::float8 as ms from windowed
                    where kind = 'message.out' and body->>'responseMs' is not null
                      and not coalesce((body->>'isNotice')::boolean, false)),
       placed as (select body from windowed where kind = 'order.placed'),
       refunded as (select distinct body->>'orderId' as id from windowed
                     where kind = 'order.state' and body->>'to' = 'cancelled'),
       sold as (select * from placed where body->>'orderId' not in (select id from refunded)),
       talks as (select distinct body->>'conversationId' as id from windowed where kind = 'message.in')
  select (select count(*)::int from windowed where kind = 'message.in') as "messagesIn",
         (select count(*)::int from ended where outcome = 'sent' and not is_notice) as "messagesOut",
         (select count(*)::int from ended where outcome <> 'sent' and not is_notice) as "messagesFailed",
         (select count(*)::int from ended where outcome = 'sent' and is_notice) as "notices",
         (select count(*)::int from ended where outcome <> 'sent' and is_notice) as "noticesFailed",
         (select avg(ms) from answers) as "responseMeanMs",
         (select percentile_cont(0.5) within group (order by ms) from answers) as "responseP50Ms",
         (select percentile_cont(0.95) within group (order by ms) from answers) as "responseP95Ms",
         (select count(*)::int from talks) as conversations,
         (select count(distinct body->>'conversationId')::int from placed
           where body->>'conversationId' in (select id from talks)) as conversions,
         (select count(*)::int from sold) as orders,
         (select coalesce(json_agg(r), '[]') from (
            select body->>'currency' as currency, sum((body->>'totalMinor')::bigint)::float8 as "totalMinor"
              from sold group by 1 order by 1) r) as revenue`;

/** The append-only history behind the KPIs, on Postgres, one partition per day, 30 days. */
@Injectable()
export class MessageLog {
  constructor(
    private readonly path: PathPool,
    private readonly tenants: TenantDatabase,
  ) {}

  /**
   * Moves what has been logged since into the log: one statement per batch, so a crash neither loses nor doubles it.
   *
   * @returns rows moved
   */
  async ship(): Promise<number> {
    let total = 0;
    for (;;) {
      const rows = await this.path.query<{ moved: number }>(
        `with taken as (delete from log_event where id in
                (select id from log_event order by id limit ${BATCH} for update skip locked)
                returning id, tenant_id, kind, bot_id, at, body),
              kept as (insert into message_log (id, tenant_id, kind, bot_id, at, body)
                select id, tenant_id, kind, bot_id, at, body from taken on conflict do nothing)
         select count(*)::int as moved from taken`,
      );
      const moved = rows[0]?.moved ?? 0;
      total += moved;
      if (moved < BATCH) return total;
    }
  }

  /** The figures of the half-open window `[from, to)`. */
  async figures(tenantId: TenantId, from: Date, to: Date): Promise<WindowFigures> {
    return this.tenants.transaction(
      tenantId,
      async (tx) => {
        const [row] = await tx.query<WindowFigures[]>(FIGURES, [tenantId, from, to]);
        if (!row) throw new TypeError('The figures query always answers one row');
        return row;
      },
      FIGURES_LIMIT_MS,
    );
  }

  keepPartitions(): Promise<void> {
    return keepDayPartitions(this.path, 'message_log', RETENTION_DAYS);
  }
}
