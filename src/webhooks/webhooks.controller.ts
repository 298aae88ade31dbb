import { Body, Controller, Delete, Get, Patch, Post, Query } from '@nestjs/common';
import { Access } from '../auth/access.decorator.js';
import { Tenant } from '../auth/tenant.decorator.js';
import type { Page } from '../platform/http/page.js';
import { IfMatch } from '../platform/http/etag.js';
import { Id } from '../platform/http/id.decorator.js';
import { Route } from '../platform/http/route.decorator.js';
import { Tag } from '../platform/http/tag.decorator.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import {
  type ChangeWebhook,
  changeWebhookSchema,
  type CreateWebhook,
  createWebhookSchema,
  type EventTypes,
  eventTypesSchema,
  type NewWebhook,
  newWebhookSchema,
  webhookPageSchema,
  type WebhookView,
  webhookViewSchema,
  type ListWebhooks,
  listWebhooksSchema,
} from './webhooks.dto.js';
import { WebhooksService } from './webhooks.service.js';

@Tag('webhooks', 'Addresses of yours that are told what happens, and the log of what they were told.')
@Controller('webhooks')
export class WebhooksController {
  constructor(private readonly webhooks: WebhooksService) {}

  @Get('event-types')
  @Access('webhooks:read')
  @Route({ summary: 'What an endpoint can be told, with an example of each', view: eventTypesSchema })
  eventTypes(): EventTypes {
    return this.webhooks.eventTypes();
  }

  @Get()
  @Access('webhooks:read')
  @Route({ summary: 'Webhooks, newest first', view: webhookPageSchema, cached: { tables: ['webhook_endpoint'] } })
  list(
    @Tenant() tenantId: TenantId,
    @Query({ schema: listWebhooksSchema }) page: ListWebhooks,
  ): Promise<Page<WebhookView>> {
    return this.webhooks.list(tenantId, page);
  }

  /** Takes no Idempotency-Key: the first answer would have to be kept, and the secret with it. */
  @Post()
  @Access('webhooks:write')
  @Route({
    summary: 'Tell an address what happens; the answer shows the signing secret, once',
    status: 201,
    view: newWebhookSchema,
    problems: { 409: ['too_many_webhooks'], 422: ['webhook_address_not_allowed: https on the public internet only'] },
  })
  create(
    @Tenant() tenantId: TenantId,
    @Body({ schema: createWebhookSchema }) body: CreateWebhook,
  ): Promise<NewWebhook> {
    return this.webhooks.create(tenantId, body);
  }

  @Get(':id')
  @Access('webhooks:read')
  @Route({
    summary: 'Show one webhook',
    view: webhookViewSchema,
    cached: { tables: ['webhook_endpoint'] },
    problems: { 404: ['webhook_not_found'] },
  })
  get(@Tenant() tenantId: TenantId, @Id() id: string): Promise<WebhookView> {
    return this.webhooks.get(tenantId, id);
  }

  @Patch(':id')
  @Access('webhooks:write')
  @Route({
    summary: 'Change a webhook: address, events, or whether it is on',
    view: webhookViewSchema,
    problems: { 404: ['webhook_not_found'], 422: ['webhook_address_not_allowed: https on the public internet only'] },
  })
  change(
    @Tenant() tenantId: TenantId,
    @Id() id: string,
    @Body({ schema: changeWebhookSchema }) body: ChangeWebhook,
    @IfMatch() ifMatch?: string,
  ): Promise<WebhookView> {
    return this.webhooks.change(tenantId, id, body, ifMatch);
  }

  @Post(':id/rotate-secret')
  @Access('webhooks:write')
  @Route({
    summary: 'A new signing secret, shown once; the one before it signs too for 24 hours',
    view: newWebhookSchema,
    problems: { 404: ['webhook_not_found'] },
  })
  rotateSecret(@Tenant() tenantId: TenantId, @Id() id: string): Promise<NewWebhook> {
    return this.webhooks.rotateSecret(tenantId, id);
  }

  @Delete(':id')
  @Access('webhooks:write')
  @Route({
    summary: 'Delete a webhook with the log of its deliveries',
    status: 204,
    problems: { 404: ['webhook_not_found'] },
  })
  delete(@Tenant() tenantId: TenantId, @Id() id: string): Promise<void> {
    return this.webhooks.delete(tenantId, id);
  }
}
