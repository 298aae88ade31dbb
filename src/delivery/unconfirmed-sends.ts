import { Inject, Injectable, Logger } from '@nestjs/common';
import { ENV, type Env } from '../platform/config/env.js';
import { PathPool } from '../platform/database/path-pool.js';
import { LiveEvents } from '../platform/live-events.js';
import { Loops } from '../platform/loops/loops.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { emitEvents } from '../webhooks/outgoing-events.js';
import { DeliveryMetrics } from './delivery.metrics.js';
import { body } from './outbox/status-events.js';

const EVERY_MS = 60_000;
const MAX_ROWS = 500;

/** Any status that comes after all is better, and moves the row on (DeliveryStatusService). */
const END = `
  with due as (
    select id from outbox where unconfirmed_since <= now() - $1 * interval '1 hour'
    order by unconfirmed_since limit ${MAX_ROWS} for update skip locked
  ), ended as (
    update outbox o set unconfirmed_since = null, delivery = 'unknown', delivery_at = now(),
      error = jsonb_build_object('code', 'unknown', 'class', 'unknown', 'reason', 'nobody told whether it arrived')
    from due where o.id = due.id
    returning o.*
  ), emitted as (${emitEvents({
    type: 'message.status',
    tenantId: 'e.tenant_id',
    body: `${body('e', `'unknown'`)} || jsonb_build_object('error', e.error)`,
    from: 'ended e',
    orderBy: 'e.id',
  })})
  select e.tenant_id as "tenantId", e.id::text as "messageId", e.conversation_id as "conversationId",
    e.connection_id as "connectionId", c.provider, (select count(*) from emitted) as emitted
  from ended e left join connection c on c.id = e.connection_id`;

type Ended = {
  readonly tenantId: TenantId;
  readonly messageId: string;
  readonly conversationId: string;
  readonly connectionId: string;
  readonly provider: string | null;
};

/**
 * Ends what was accepted and never reported on, with an alarm (INV-6): the status webhook of its connection may be lost,
 * or the customer's telephone is off.
 */
@Injectable()
export class UnconfirmedSends {
  private readonly logger = new Logger(UnconfirmedSends.name);

  constructor(
    loops: Loops,
    @Inject(ENV) private readonly env: Env,
    private readonly path: PathPool,
    private readonly live: LiveEvents,
    private readonly metrics: DeliveryMetrics,
  ) {
    loops.add({
      name: 'UnconfirmedSends',
      group: 'delivery',
      restMs: EVERY_MS,
      round: async () => void (await this.endDue()),
    });
  }

  /** @returns how many ended as unknown */
  async endDue(): Promise<number> {
    const ended = await this.path.query<Ended>(END, [this.env.deliveryUnknownAfterHours]);
    for (const { tenantId, messageId, conversationId, connectionId, provider } of ended) {
      this.metrics.unconfirmed.inc({ provider: provider ?? 'none', connection: connectionId });
      this.live.publish(tenantId, 'message.status', { messageId, conversationId, connectionId, status: 'unknown' });
    }
    if (ended.length > 0) {
      const connections = [...new Set(ended.map(({ connectionId }) => connectionId))];
      this.logger.warn({ messages: ended.length, connections }, 'accepted, and nobody told whether they arrived');
    }
    return ended.length;
  }
}
