import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../platform/clock.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { toSafeInteger } from '../../platform/database/safe-integer.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import { EVENT_CATALOGUE } from '../event-catalogue.js';
import type { OutgoingEventType } from '../outgoing-events.js';
import { WebhookEndpoint } from '../webhook-endpoint.entity.js';
import { WebhookSecrets } from '../webhook-secrets.js';
import { isDelivered, type Outcome, type Parcel } from './parcel.js';
import { nextAttemptAfterMs, STOP_AFTER_MS } from './retry-schedule.js';
import { WebhookSender } from './webhook-sender.js';
import { type OwnReason, WebhookStops } from './webhook-stops.js';

/** Longer than an attempt can take: after it, somebody else may try. */
const LEASE_MS = 5 * 60_000;
const KEPT_ATTEMPTS = 30;
const GONE = 410;

type Taken = {
  readonly endpointId: string;
  readonly eventId: string;
  readonly type: OutgoingEventType;
  readonly seq: string;
  readonly data: Record<string, unknown>;
  readonly createdAt: Date;
};

/**
 * pending ──▶ delivered                2xx
 *    │ ▲
 *    │ └── later, attempt + 1          anything else, while the schedule has more
 *    └────▶ dead                       the schedule is used up, the endpoint answered 410 or is stopped
 *
 * delivered and dead become pending again by a replay. An attempt is taken by raising `attempt` from what its job says,
 * so a job that runs twice makes one attempt; a process that dies in the middle leaves a lease that runs out.
 */
@Injectable()
export class WebhookDeliveries {
  constructor(
    @Inject(TenantDatabase) private readonly db: TenantDatabase,
    @Inject(WebhookSecrets) private readonly secrets: WebhookSecrets,
    @Inject(WebhookSender) private readonly sender: WebhookSender,
    @Inject(WebhookStops) private readonly stops: WebhookStops,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** One attempt, unless somebody else makes it. @param attempts how many there were before */
  async attempt(tenantId: TenantId, deliveryId: string, attempts: number): Promise<void> {
    const parcel = await this.db.transaction(tenantId, (tx) => this.take(tx, tenantId, deliveryId, attempts));
    if (!parcel) return;
    const outcome = await this.sender.send(parcel);
    const stopped = await this.db.transaction(tenantId, (tx) => this.record(tx, tenantId, parcel, outcome));
    if (stopped) await this.stops.report(tenantId, parcel.url, stopped);
  }

  private async take(
    tx: EntityManager,
    tenantId: TenantId,
    deliveryId: string,
    attempts: number,
  ): Promise<Parcel | null> {
    const now = this.clock.now();
    const [rows]: [Taken[], number] = await tx.query(
      `update webhook_delivery d set attempt = d.attempt + 1, next_at = $4, updated_at = $5 from outgoing_event e
        where d.tenant_id = $1 and d.id = $2 and d.state = 'pending' and d.attempt = $3
          and e.id = d.event_id
       returning d.endpoint_id as "endpointId", e.id as "eventId", e.type, e.seq, e.body as data, e.created_at as "createdAt"`,
      [tenantId, deliveryId, attempts, new Date(now.getTime() + LEASE_MS), now],
    );
    const taken = rows[0];
    const endpoint = taken && (await tx.findOneBy(WebhookEndpoint, { tenantId, id: taken.endpointId }));
    if (!taken || !endpoint) return null;
    if (!endpoint.isActive) {
      const outcome: Outcome = { status: null, error: 'The webhook is stopped', durationMs: 0 };
      await settle(tx, tenantId, { deliveryId, outcome, now, state: 'dead', nextAt: now });
      return null;
    }
    return {
      deliveryId,
      endpointId: endpoint.id,
      url: endpoint.url,
      eventId: taken.eventId,
      body: bodyOf(taken),
      secrets: this.secrets.open(endpoint, now),
      attempt: attempts + 1,
    };
  }

  /** @returns why the endpoint was stopped by this, if it was */
  private async record(
    tx: EntityManager,
    tenantId: TenantId,
    { deliveryId, endpointId, attempt }: Parcel,
    outcome: Outcome,
  ): Promise<OwnReason | null> {
    const now = this.clock.now();
    if (isDelivered(outcome)) {
      await settle(tx, tenantId, { deliveryId, outcome, now, state: 'delivered', nextAt: now });
      await tx.query(
        'update webhook_endpoint set failing_since = null where tenant_id = $1 and id = $2 and failing_since is not null',
        [tenantId, endpointId],
      );
      return null;
    }
    const isGone = outcome.status === GONE;
    const waitMs = isGone ? null : nextAttemptAfterMs(attempt, outcome.retryAfterMs, Math.random());
    const [[endpoint]]: [{ failing_since: Date }[], number] = await tx.query(
      `update webhook_endpoint set failing_since = coalesce(failing_since, $3) where tenant_id = $1 and id = $2
       returning failing_since`,
      [tenantId, endpointId, now],
    );
    const state = waitMs === null ? 'dead' : 'pending';
    await settle(tx, tenantId, { deliveryId, outcome, now, state, nextAt: new Date(now.getTime() + (waitMs ?? 0)) });
    if (isGone) return this.stops.stop(tx, tenantId, endpointId, 'gone');
    const isHopeless = endpoint && now.getTime() - endpoint.failing_since.getTime() >= STOP_AFTER_MS;
    return state === 'dead' && isHopeless ? this.stops.stop(tx, tenantId, endpointId, 'failing') : null;
  }
}

/** What is signed and sent: https://www.standardwebhooks.com, "Payload structure", with what orders it. */
function bodyOf({ type, seq, data, createdAt }: Taken): string {
  const subject = data[EVENT_CATALOGUE[type].subject];
  return JSON.stringify({
    type,
    timestamp: createdAt.toISOString(),
    subject: typeof subject === 'string' ? subject : null,
    sequence: toSafeInteger(seq),
    data,
  });
}

type Settled = {
  readonly deliveryId: string;
  readonly outcome: Outcome;
  readonly now: Date;
  readonly state: 'pending' | 'delivered' | 'dead';
  readonly nextAt: Date;
};

async function settle(tx: EntityManager, tenantId: TenantId, settled: Settled): Promise<void> {
  const { deliveryId, now, state, nextAt } = settled;
  const { status, error, durationMs } = settled.outcome;
  await tx.query(
    `update webhook_delivery set state = $3, next_at = $4, queued_at = null, updated_at = $5,
            attempts = case when jsonb_array_length(attempts) >= ${KEPT_ATTEMPTS} then attempts - 0 else attempts end || $6::jsonb
      where tenant_id = $1 and id = $2 and state = 'pending'`,
    [tenantId, deliveryId, state, nextAt, now, JSON.stringify([{ at: now.toISOString(), status, error, durationMs }])],
  );
}
