import { Injectable } from '@nestjs/common';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import type { Page } from '../../platform/http/page.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import type { DeliveryView, ListDeliveries, Replay, ReplayAnswer } from '../webhooks.dto.js';
import { WebhookStoppedError } from '../webhooks.errors.js';
import { loadWebhook } from '../webhooks.service.js';
import { listDeliveries, replayOne, replaySince } from './delivery-log.queries.js';

/** What became of an endpoint's events, and sending them again. */
@Injectable()
export class DeliveryLog {
  constructor(private readonly db: TenantDatabase) {}

  /** @throws WebhookNotFoundError */
  list(tenantId: TenantId, endpointId: string, query: ListDeliveries): Promise<Page<DeliveryView>> {
    return this.db.transaction(tenantId, async (tx) => {
      await loadWebhook(tx, tenantId, endpointId);
      return listDeliveries(tx, tenantId, endpointId, query);
    });
  }

  /** @throws WebhookNotFoundError, WebhookDeliveryNotFoundError, WebhookStoppedError */
  replay(tenantId: TenantId, endpointId: string, id: string): Promise<DeliveryView> {
    return this.db.transaction(tenantId, async (tx) => {
      const { isActive } = await loadWebhook(tx, tenantId, endpointId, 'locked');
      if (!isActive) throw new WebhookStoppedError(endpointId);
      return replayOne(tx, tenantId, endpointId, id);
    });
  }

  /** @throws WebhookNotFoundError, WebhookStoppedError */
  replaySince(tenantId: TenantId, endpointId: string, replay: Replay): Promise<ReplayAnswer> {
    return this.db.transaction(tenantId, async (tx) => {
      const { isActive } = await loadWebhook(tx, tenantId, endpointId, 'locked');
      if (!isActive) throw new WebhookStoppedError(endpointId);
      return replaySince(tx, tenantId, endpointId, replay);
    });
  }
}
