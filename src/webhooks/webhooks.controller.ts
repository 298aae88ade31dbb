import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Param,
  Patch,
  Post,
  Query,
  UseInterceptors,
} from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Access } from '../auth/access.decorator.js';
import { Tenant } from '../auth/tenant.decorator.js';
import type { Page } from '../platform/http/page.js';
import { RevisionEtagInterceptor } from '../platform/http/revision-etag.interceptor.js';
import { Cached } from '../platform/cache/cached.decorator.js';
import { SparseFields } from '../platform/http/sparse-fields.js';
import { Problems } from '../platform/http/problems.decorator.js';
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

const webhookId = { schema: z.uuid() };

@ApiTags('webhooks')
@Controller('webhooks')
@UseInterceptors(RevisionEtagInterceptor)
export class WebhooksController {
  constructor(private readonly webhooks: WebhooksService) {}

  @Get('event-types')
  @Access('webhooks:read')
  @ApiOperation({ summary: 'What an endpoint can be told, with an example of each' })
  @ApiResponse({ status: 200, standardSchema: eventTypesSchema })
  eventTypes(): EventTypes {
    return this.webhooks.eventTypes();
  }

  @Get()
  @Access('webhooks:read')
  @Cached(['webhook_endpoint'])
  @SparseFields(webhookViewSchema)
  @ApiOperation({ summary: 'Webhooks, newest first' })
  @ApiResponse({ status: 200, standardSchema: webhookPageSchema })
  list(
    @Tenant() tenantId: TenantId,
    @Query({ schema: listWebhooksSchema }) page: ListWebhooks,
  ): Promise<Page<WebhookView>> {
    return this.webhooks.list(tenantId, page);
  }

  /** Takes no Idempotency-Key: the first answer would have to be kept, and the secret with it. */
  @Post()
  @Access('webhooks:write')
  @ApiOperation({ summary: 'Tell an address what happens; the answer shows the signing secret, once' })
  @ApiResponse({ status: 201, standardSchema: newWebhookSchema })
  @Problems({ 409: ['too_many_webhooks'], 422: ['webhook_address_not_allowed: https on the public internet only'] })
  create(
    @Tenant() tenantId: TenantId,
    @Body({ schema: createWebhookSchema }) body: CreateWebhook,
  ): Promise<NewWebhook> {
    return this.webhooks.create(tenantId, body);
  }

  @Get(':id')
  @Access('webhooks:read')
  @Cached(['webhook_endpoint'])
  @SparseFields(webhookViewSchema)
  @ApiResponse({ status: 200, standardSchema: webhookViewSchema })
  @Problems({ 404: ['webhook_not_found'] })
  get(@Tenant() tenantId: TenantId, @Param('id', webhookId) id: string): Promise<WebhookView> {
    return this.webhooks.get(tenantId, id);
  }

  @Patch(':id')
  @Access('webhooks:write')
  @ApiHeader({ name: 'if-match', required: false, description: 'The revision read before, in quotes' })
  @ApiResponse({ status: 200, standardSchema: webhookViewSchema })
  @Problems({ 404: ['webhook_not_found'], 422: ['webhook_address_not_allowed: https on the public internet only'] })
  change(
    @Tenant() tenantId: TenantId,
    @Param('id', webhookId) id: string,
    @Body({ schema: changeWebhookSchema }) body: ChangeWebhook,
    @Headers('if-match') ifMatch?: string,
  ): Promise<WebhookView> {
    return this.webhooks.change(tenantId, id, body, ifMatch);
  }

  @Post(':id/rotate-secret')
  @HttpCode(200)
  @Access('webhooks:write')
  @ApiOperation({ summary: 'A new signing secret, shown once; the one before it signs too for 24 hours' })
  @ApiResponse({ status: 200, standardSchema: newWebhookSchema })
  @Problems({ 404: ['webhook_not_found'] })
  rotateSecret(@Tenant() tenantId: TenantId, @Param('id', webhookId) id: string): Promise<NewWebhook> {
    return this.webhooks.rotateSecret(tenantId, id);
  }

  @Delete(':id')
  @HttpCode(204)
  @Access('webhooks:write')
  @ApiOperation({ summary: 'Delete a webhook with the log of its deliveries' })
  @ApiResponse({ status: 204 })
  @Problems({ 404: ['webhook_not_found'] })
  delete(@Tenant() tenantId: TenantId, @Param('id', webhookId) id: string): Promise<void> {
    return this.webhooks.delete(tenantId, id);
  }
}
