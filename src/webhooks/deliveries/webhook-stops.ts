import { Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../platform/clock.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import { StopMails } from './stop-mails.js';
import { emitEvent } from '../outgoing-events.js';
import { WebhookEndpoint, type StoppedReason } from '../webhook-endpoint.entity.js';

/** Why we stop one ourselves. */
export type OwnReason = Exclude<StoppedReason, 'person'>;

/** Ends an endpoint that is not there any more, and says so. */
@Injectable()
export class WebhookStops {
  private readonly logger = new Logger('Webhooks');

  constructor(
    private readonly clock: Clock,
    private readonly mails: StopMails,
  ) {}

  /** @returns the reason, or null when it was stopped already */
  async stop(tx: EntityManager, tenantId: TenantId, id: string, reason: OwnReason): Promise<OwnReason | null> {
    const [[stopped]]: [Pick<WebhookEndpoint, 'url'>[], number] = await tx.query(
      `update webhook_endpoint set is_active = false, stopped_reason = $3, revision = revision + 1, updated_at = $4
        where tenant_id = $1 and id = $2 and is_active returning url`,
      [tenantId, id, reason, this.clock.now()],
    );
    if (!stopped) return null;
    await emitEvent(tx, tenantId, 'webhook.stopped', { webhookId: id, url: stopped.url, reason });
    return reason;
  }

  /** To whoever runs this server and to the tenant's owners; their other endpoints get the event. */
  async report(tenantId: TenantId, url: string, reason: OwnReason): Promise<void> {
    this.logger.warn(`A webhook to ${new URL(url).host} was stopped: ${reason}`);
    await this.mails.send(tenantId, url, reason);
  }
}
