import { Body, Controller, Delete, Get, Post, Query } from '@nestjs/common';
import type { Page } from '../../platform/http/page.js';
import { Id } from '../../platform/http/id.decorator.js';
import { Route } from '../../platform/http/route.decorator.js';
import { Tag } from '../../platform/http/tag.decorator.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import { Access } from '../access.decorator.js';
import { type Caller, CurrentUser, Tenant } from '../tenant.decorator.js';
import {
  apiKeyPageSchema,
  type ApiKeyView,
  type CreateApiKey,
  createApiKeySchema,
  type NewApiKey,
  newApiKeySchema,
  type ListApiKeys,
  listApiKeysSchema,
} from './api-keys.dto.js';
import { ApiKeysService } from './api-keys.service.js';

@Tag('api keys', 'Keys for programs. Each has permissions of its own and an end, and is shown once.')
@Controller('api-keys')
export class ApiKeysController {
  constructor(private readonly keys: ApiKeysService) {}

  @Get()
  @Access('api-keys:read')
  @Route({
    summary: 'API keys, newest first, with those that ended',
    view: apiKeyPageSchema,
    cached: { tables: ['api_key'] },
  })
  list(
    @Tenant() tenantId: TenantId,
    @Query({ schema: listApiKeysSchema }) page: ListApiKeys,
  ): Promise<Page<ApiKeyView>> {
    return this.keys.list(tenantId, page);
  }

  /** Takes no Idempotency-Key: the first answer would have to be kept, and the key with it. */
  @Post()
  @Access('api-keys:write')
  @Route({ summary: 'Make a key; the answer shows it, once', status: 201, view: newApiKeySchema })
  create(@CurrentUser() caller: Caller, @Body({ schema: createApiKeySchema }) body: CreateApiKey): Promise<NewApiKey> {
    return this.keys.create(caller, body);
  }

  @Delete(':id')
  @Access('api-keys:write')
  @Route({
    summary: 'Revoke a key: at once here, within 5 seconds in every other process',
    status: 204,
    problems: { 404: ['api_key_not_found'] },
  })
  revoke(@Tenant() tenantId: TenantId, @Id() id: string): Promise<void> {
    return this.keys.revoke(tenantId, id);
  }
}
