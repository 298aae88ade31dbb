import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import type { Page } from '../../platform/http/page.js';
import { Cached } from '../../platform/cache/cached.decorator.js';
import { SparseFields } from '../../platform/http/sparse-fields.js';
import { Problems } from '../../platform/http/problems.decorator.js';
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
  apiKeyViewSchema,
} from './api-keys.dto.js';
import { ApiKeysService } from './api-keys.service.js';

@ApiTags('api keys')
@Controller('api-keys')
export class ApiKeysController {
  constructor(private readonly keys: ApiKeysService) {}

  @Get()
  @Access('api-keys:read')
  @Cached(['api_key'])
  @SparseFields(apiKeyViewSchema)
  @ApiOperation({ summary: 'API keys, newest first, with those that ended' })
  @ApiResponse({ status: 200, standardSchema: apiKeyPageSchema })
  list(
    @Tenant() tenantId: TenantId,
    @Query({ schema: listApiKeysSchema }) page: ListApiKeys,
  ): Promise<Page<ApiKeyView>> {
    return this.keys.list(tenantId, page);
  }

  /** Takes no Idempotency-Key: the first answer would have to be kept, and the key with it. */
  @Post()
  @Access('api-keys:write')
  @ApiOperation({ summary: 'Make a key; the answer shows it, once' })
  @ApiResponse({ status: 201, standardSchema: newApiKeySchema })
  create(@CurrentUser() caller: Caller, @Body({ schema: createApiKeySchema }) body: CreateApiKey): Promise<NewApiKey> {
    return this.keys.create(caller, body);
  }

  @Delete(':id')
  @Access('api-keys:write')
  @HttpCode(204)
  @ApiOperation({ summary: 'Revoke a key: at once here, within 5 seconds in every other process' })
  @ApiResponse({ status: 204 })
  @Problems({ 404: ['api_key_not_found'] })
  revoke(@Tenant() tenantId: TenantId, @Param('id', { schema: z.uuid() }) id: string): Promise<void> {
    return this.keys.revoke(tenantId, id);
  }
}
