import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../platform/clock.js';
import { ENV, type Env } from '../platform/config/env.js';
import { sortedPage, type SortColumn } from '../platform/http/sorted-page.js';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import { assertRevision } from '../platform/http/etag.js';
import type { Page } from '../platform/http/page.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { EVENT_CATALOGUE } from './event-catalogue.js';
import { OUTGOING_EVENT_TYPES } from './outgoing-events.js';
import { assertAllowedAddress } from './webhook-address.js';
import { WebhookEndpoint } from './webhook-endpoint.entity.js';
import { WebhookSecrets } from './webhook-secrets.js';
import {
  type ChangeWebhook,
  type CreateWebhook,
  type EventTypes,
  type NewWebhook,
  type ListWebhooks,
  toWebhookView,
  type WebhookView,
} from './webhooks.dto.js';
import { TooManyWebhooksError, WebhookNotFoundError } from './webhooks.errors.js';

/** Every event is looked up against all of a tenant's endpoints. */
export const MAX_WEBHOOKS = 20;
const OLD_SECRET_SIGNS_MS = 24 * 3_600_000;

const SORTS: Readonly<Record<string, SortColumn>> = {
  createdAt: { sql: 'w.created_at', type: 'timestamptz' },
  url: { sql: 'w.url', type: 'text' },
};

/** Where a tenant's integrators are told what happens. */
@Injectable()
export class WebhooksService {
  constructor(
    private readonly db: TenantDatabase,
    private readonly secrets: WebhookSecrets,
    private readonly clock: Clock,
    @Inject(ENV) private readonly env: Env,
  ) {}

  eventTypes(): EventTypes {
    return { items: OUTGOING_EVENT_TYPES.map((type) => ({ type, ...EVENT_CATALOGUE[type] })) };
  }

  list(tenantId: TenantId, page: ListWebhooks): Promise<Page<WebhookView>> {
    return this.db.transaction(tenantId, async (tx) => {
      const { items, nextCursor } = await sortedPage(
        tx.createQueryBuilder(WebhookEndpoint, 'w').where({ tenantId }),
        page,
        SORTS,
      );
      return { items: items.map(toWebhookView), nextCursor };
    });
  }

  /** @throws WebhookNotFoundError unknown id, or another tenant's */
  get(tenantId: TenantId, id: string): Promise<WebhookView> {
    return this.db.transaction(tenantId, async (tx) => toWebhookView(await loadWebhook(tx, tenantId, id)));
  }

  /**
   * The only time its secret is told.
   *
   * @throws WebhookAddressError
   * @throws TooManyWebhooksError
   */
  create(tenantId: TenantId, { url, types, description }: CreateWebhook): Promise<NewWebhook> {
    assertAllowedAddress(url, this.env.webhooksPrivateAllowed);
    const { secret, keyId, sealed } = this.secrets.make();
    const now = this.clock.now();
    return this.db.transaction(tenantId, async (tx) => {
      await tx.query('select 1 from tenant where id = $1 for update', [tenantId]);
      if ((await tx.countBy(WebhookEndpoint, { tenantId })) >= MAX_WEBHOOKS)
        throw new TooManyWebhooksError(MAX_WEBHOOKS);
      const id = randomUUID();
      const row = { id, tenantId, url, types, description, keyId, secret: sealed, createdAt: now, updatedAt: now };
      await tx.insert(WebhookEndpoint, row);
      return { ...toWebhookView(await loadWebhook(tx, tenantId, id)), secret };
    });
  }

  /**
   * @throws WebhookAddressError
   * @throws RevisionMismatchError somebody was faster
   */
  change(tenantId: TenantId, id: string, change: ChangeWebhook, ifMatch?: string): Promise<WebhookView> {
    if (change.url !== undefined) assertAllowedAddress(change.url, this.env.webhooksPrivateAllowed);
    return this.edit(tenantId, id, ({ isActive }) => ({ ...change, ...activity(change, isActive) }), ifMatch);
  }

  /** The secret before it signs too for another day. */
  async rotateSecret(tenantId: TenantId, id: string): Promise<NewWebhook> {
    const { secret, keyId, sealed } = this.secrets.make();
    const oldSecretUntil = new Date(this.clock.now().getTime() + OLD_SECRET_SIGNS_MS);
    const view = await this.edit(tenantId, id, (old) => ({
      keyId,
      secret: sealed,
      oldKeyId: old.keyId,
      oldSecret: old.secret,
      oldSecretUntil,
    }));
    return { ...view, secret };
  }

  /** With its deliveries. */
  async delete(tenantId: TenantId, id: string): Promise<void> {
    await this.db.transaction(tenantId, async (tx) => {
      const { affected } = await tx.delete(WebhookEndpoint, { id, tenantId });
      if (affected === 0) throw new WebhookNotFoundError(id);
    });
  }

  private edit(
    tenantId: TenantId,
    id: string,
    change: (endpoint: WebhookEndpoint) => Partial<WebhookEndpoint>,
    ifMatch?: string,
  ): Promise<WebhookView> {
    return this.db.transaction(tenantId, async (tx) => {
      const endpoint = await loadWebhook(tx, tenantId, id, 'locked');
      assertRevision(ifMatch, endpoint.revision);
      const fields = { ...change(endpoint), revision: endpoint.revision + 1, updatedAt: this.clock.now() };
      await tx.update(WebhookEndpoint, { id, tenantId }, fields);
      return toWebhookView(await loadWebhook(tx, tenantId, id));
    });
  }
}

/** @throws WebhookNotFoundError unknown id, or another tenant's */
export async function loadWebhook(
  tx: EntityManager,
  tenantId: TenantId,
  id: string,
  mode?: 'locked',
): Promise<WebhookEndpoint> {
  const lock = mode ? ({ mode: 'pessimistic_write' } as const) : undefined;
  const endpoint = await tx.findOne(WebhookEndpoint, { where: { id, tenantId }, lock });
  if (!endpoint) throw new WebhookNotFoundError(id);
  return endpoint;
}

function activity({ isActive }: ChangeWebhook, wasActive: boolean): Partial<WebhookEndpoint> {
  if (isActive === undefined || isActive === wasActive) return {};
  return isActive ? { stoppedReason: null, failingSince: null } : { stoppedReason: 'person' };
}
