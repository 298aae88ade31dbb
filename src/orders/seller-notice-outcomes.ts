import { Inject, Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { isDatabaseDown } from '../platform/database/connection-errors.js';
import { PathPool } from '../platform/database/path-pool.js';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import { Loops } from '../platform/loops/loops.js';
import type { Round } from '../platform/loops/worker-loop.js';
import { asTenantId, type TenantId } from '../platform/tenancy/tenant-id.js';
import { lockOrder } from './order-lifecycle.service.js';
import { OrderNotFoundError } from './orders.errors.js';
import { recordSellerNotice } from './seller-notice.js';

const REST_MS = 1000;
const MAX_ORDERS = 100;

/** Nothing was sent: waiting or another try of the same does not help. */
const IMPOSSIBLE: readonly string[] = ['no_connection', 'window_closed'];

type Outcome = {
  readonly key: string;
  readonly state: 'sent' | 'delivered' | 'failed';
  readonly error: { readonly code: string; readonly reason: string } | null;
  readonly at: Date;
};

/**
 * Brings the outcomes of notices to sellers to their orders. The send's settlement leaves them in `seller_notice_outcome`
 * (a trigger of the outbox), so at rest this looks at an empty table and at no order.
 */
@Injectable()
export class SellerNoticeOutcomes {
  private readonly logger = new Logger('Seller notices');

  constructor(
    @Inject(PathPool) private readonly path: PathPool,
    @Inject(TenantDatabase) private readonly db: TenantDatabase,
    @Inject(Loops) loops: Loops,
  ) {
    loops.add({ name: 'Seller notices', group: 'turns', restMs: REST_MS, round: () => this.round() });
  }

  async round(): Promise<Round> {
    const due = await this.path.query<{ tenantId: string; orderId: string }>(
      `select tenant_id as "tenantId", order_id as "orderId" from seller_notice_outcome
        group by 1, 2 order by min(id) limit $1`,
      [MAX_ORDERS],
    );
    let done = 0;
    for (const { tenantId: id, orderId } of due) {
      const tenantId = asTenantId(id);
      try {
        await this.db.transaction(tenantId, (tx) => takeOutcomes(tx, tenantId, orderId));
        done += 1;
      } catch (error) {
        // What fails is tried again by the next round, and keeps nobody else's waiting in this one.
        if (isDatabaseDown(error)) throw error;
        this.logger.error({ err: error, orderId }, 'the outcome of a notice could not be brought to its order');
      }
    }
    return done === MAX_ORDERS ? 'more' : 'none';
  }
}

/** Two that take the same wait for each other at the order; the second finds none. */
async function takeOutcomes(tx: EntityManager, tenantId: TenantId, orderId: string): Promise<void> {
  const order = await lockOrder(tx, tenantId, orderId).catch(orNull);
  const outcomes: Outcome[] = await tx.query(
    `with taken as (delete from seller_notice_outcome where tenant_id = $1 and order_id = $2 returning *)
     select key, state, error, at from taken order by id desc`,
    [tenantId, orderId],
  );
  const last = outcomes.find(({ key }) => key === order?.sellerNoticeKey);
  if (!order || !last) return;
  const code = last.error?.code ?? 'unknown';
  const state = last.state === 'failed' && IMPOSSIBLE.includes(code) ? 'impossible' : last.state;
  const isFailure = last.state === 'failed';
  await recordSellerNotice(tx, tenantId, order, {
    state,
    reason: isFailure ? code : null,
    note: isFailure ? (last.error?.reason ?? null) : null,
    at: last.at,
  });
}

function orNull(error: unknown): null {
  if (error instanceof OrderNotFoundError) return null;
  throw error;
}
