import { Injectable, type OnModuleInit } from '@nestjs/common';
import { z } from 'zod';
import { withAdvisoryLock } from '../../platform/database/advisory-lock.js';
import { PathPool, type SqlClient } from '../../platform/database/path-pool.js';
import { JobsService } from '../../platform/jobs/jobs.service.js';
import { Loops } from '../../platform/loops/loops.js';
import { asTenantId } from '../../platform/tenancy/tenant-id.js';
import { WebhookDeliveries } from './webhook-deliveries.js';

const EVERY_MS = 1000;
const BATCH = 500;
const QUEUE = 'webhook-delivery';
const LOCK = 'webhook-fan-out';
/** Deliveries of one endpoint in hand at once: an endpoint that does not answer must not take every worker. */
const IN_HAND = { well: 40, failing: 2 };
const jobSchema = z.object({ tenantId: z.string(), deliveryId: z.string(), attempt: z.int() });

/**
 * Turns events into deliveries and deliveries that are due into jobs, in one process at a time. The delivery is the
 * record and the job only its turn: a job that is lost is made again, one that runs twice does nothing the second time.
 */
@Injectable()
export class WebhookFanOut implements OnModuleInit {
  constructor(
    loops: Loops,
    private readonly path: PathPool,
    private readonly jobs: JobsService,
    private readonly deliveries: WebhookDeliveries,
  ) {
    loops.add({ name: 'Webhooks', group: 'jobs', restMs: EVERY_MS, round: () => this.runOnce() });
  }

  onModuleInit(): void {
    this.jobs.serve(QUEUE, (data) => {
      const { tenantId, deliveryId, attempt } = jobSchema.parse(data);
      return this.deliveries.attempt(asTenantId(tenantId), deliveryId, attempt);
    });
  }

  /** One round: what is new, then what is due. */
  async runOnce(): Promise<void> {
    let isMore = true;
    while (isMore) isMore = await this.fanOut();
    // Once they are committed: a job that is quicker than that would find no delivery and be over.
    await withAdvisoryLock(this.path, LOCK, (client) => this.queueDue(client));
  }

  /** @returns whether there may be more */
  private async fanOut(): Promise<boolean> {
    let taken = 0;
    await withAdvisoryLock(this.path, LOCK, async (client) => {
      const { rows } = await client.query<{ taken: number }>(FAN_OUT, [BATCH]);
      taken = rows[0]?.taken ?? 0;
    });
    return taken === BATCH;
  }

  private async queueDue(client: SqlClient): Promise<void> {
    if (!this.jobs.isOpen(QUEUE)) return;
    const { rows } = await client.query<{ tenantId: string; deliveryId: string; attempt: number }>(DUE, [
      BATCH,
      IN_HAND.well,
      IN_HAND.failing,
    ]);
    // Marked before the jobs are there: a job that is quicker than the commit waits for the row.
    if (rows.length > 0 && !(await this.jobs.add(QUEUE, rows))) throw new Error('pg-boss is closing');
  }
}

const FAN_OUT = `
  with fresh as (
    select id, tenant_id, type from outgoing_event where fanned_at is null order by seq limit $1 for update skip locked
  ), made as (
    insert into webhook_delivery (tenant_id, endpoint_id, event_id)
    select f.tenant_id, w.id, f.id from fresh f
      join webhook_endpoint w on w.tenant_id = f.tenant_id and w.is_active and f.type = any(w.types)
    on conflict (endpoint_id, event_id) do nothing
  ), fanned as (
    update outgoing_event e set fanned_at = now() from fresh where e.id = fresh.id
  )
  select count(*)::int as taken from fresh`;

/** Queued for so long and still pending: the job was lost. */
const DUE = `
  with near as (
    select id, endpoint_id, next_at, coalesce(queued_at > now() - interval '15 minutes', false) as is_in_hand
      from webhook_delivery where state = 'pending' and next_at <= now() + interval '6 minutes'
  ), placed as (
    select n.*, row_number() over (partition by endpoint_id order by is_in_hand desc, next_at, id) as place from near n
  ), due as (
    select p.id from placed p join webhook_endpoint w on w.id = p.endpoint_id
     where not p.is_in_hand and p.next_at <= now()
       and p.place <= case when w.failing_since is null then $2::int else $3::int end
     order by p.next_at, p.id limit $1
  )
  update webhook_delivery d set queued_at = now() from due where d.id = due.id
  returning d.tenant_id as "tenantId", d.id as "deliveryId", d.attempt`;
