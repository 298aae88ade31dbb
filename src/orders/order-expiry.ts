import { Inject, Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../platform/clock.js';
import { isDatabaseDown } from '../platform/database/connection-errors.js';
import { PathPool } from '../platform/database/path-pool.js';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import { MINUTE_MS, ScheduledJobs } from '../platform/jobs/scheduled-jobs.js';
import { asTenantId, type TenantId } from '../platform/tenancy/tenant-id.js';
import { applyChange } from './order-changes.js';
import { lockOrder, OrderLifecycle } from './order-lifecycle.service.js';
import type { Order } from './order.entity.js';
import { EXPIRES_AT } from './orders.queries.js';

/** Orders of one tenant in a bite: so many of the one with most are done before the others have their turn again. */
const PER_TENANT = 20;
/** Shorter than the lease of a job. */
const LONGEST_RUN_MS = 10 * MINUTE_MS;
const ACTOR = 'expiry';

type Due = { readonly tenantId: string; readonly orderId: string };
type Deed = (tx: EntityManager, tenantId: TenantId, orderId: string) => Promise<void>;

/**
 * Orders that nobody pays end: the customer is reminded once, then the order is cancelled and its units are back in the
 * ledger. Each in a transaction of its own that looks again under the order's lock, so a payment in the same second wins
 * or is refused, and a process that dies leaves nothing half done.
 */
@Injectable()
export class OrderExpiry {
  private readonly logger = new Logger('Order expiry');

  constructor(
    @Inject(PathPool) private readonly path: PathPool,
    @Inject(TenantDatabase) private readonly db: TenantDatabase,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(OrderLifecycle) private readonly lifecycle: OrderLifecycle,
    @Inject(ScheduledJobs) jobs: ScheduledJobs,
  ) {
    jobs.add({ name: 'order-expiry', group: 'turns', everyMs: MINUTE_MS, run: (signal) => this.run(signal) });
  }

  async run(signal: AbortSignal): Promise<void> {
    const endsAt = performance.now() + LONGEST_RUN_MS;
    const isOver = () => signal.aborted || performance.now() > endsAt;
    // What fails is tried again by the next run, and keeps nobody else's waiting in this one.
    const failed: string[] = [];
    let done = Infinity;
    while (done > 0 && !isOver()) {
      done = await this.bite('due_unpaid_orders', failed, isOver, (tx, tenantId, id) => this.expire(tx, tenantId, id));
      done += await this.bite('due_payment_reminders', failed, isOver, (tx, tenantId, id) =>
        this.remind(tx, tenantId, id),
      );
    }
    signal.throwIfAborted();
  }

  /** @returns how many were due */
  private async bite(source: string, failed: string[], isOver: () => boolean, deed: Deed): Promise<number> {
    const due = await this.path.query<Due>(
      `select tenant_id as "tenantId", order_id as "orderId" from ${source}($1, $2, $3)`,
      [this.clock.now(), PER_TENANT, failed],
    );
    for (const { tenantId: id, orderId } of due) {
      if (isOver()) break;
      const tenantId = asTenantId(id);
      try {
        await this.db.transaction(tenantId, (tx) => deed(tx, tenantId, orderId));
      } catch (error) {
        if (isDatabaseDown(error)) throw error;
        this.logger.error({ err: error, orderId }, 'an order that is due could not be dealt with');
        failed.push(orderId);
      }
    }
    return due.length;
  }

  private async expire(tx: EntityManager, tenantId: TenantId, orderId: string): Promise<void> {
    const now = this.clock.now();
    const { deadline } = await lockUnpaid(tx, tenantId, orderId);
    if (deadline === null || deadline > now) return;
    const note = 'not paid in time';
    await this.lifecycle.move(tx, tenantId, orderId, { to: 'cancelled', actor: ACTOR, by: null, note, now });
  }

  private async remind(tx: EntityManager, tenantId: TenantId, orderId: string): Promise<void> {
    const now = this.clock.now();
    const { order, deadline } = await lockUnpaid(tx, tenantId, orderId);
    if (deadline === null || order.paymentRemindedAt !== null) return;
    const fields = { paymentRemindedAt: now };
    const note = 'payment reminder';
    const after = await applyChange(tx, tenantId, order, { kind: 'notice', fields, actor: ACTOR, note, now });
    await this.lifecycle.tellCustomer(tx, tenantId, after, deadline);
  }
}

/** `deadline`: null when it does not end, any more. */
async function lockUnpaid(
  tx: EntityManager,
  tenantId: TenantId,
  orderId: string,
): Promise<{ order: Order; deadline: Date | null }> {
  const order = await lockOrder(tx, tenantId, orderId);
  const [row]: { deadline: Date | null }[] = await tx.query(
    `select ${EXPIRES_AT} as deadline from sales_order o join tenant t on t.id = o.tenant_id
      where o.tenant_id = $1 and o.id = $2`,
    [tenantId, orderId],
  );
  return { order, deadline: row?.deadline ?? null };
}
