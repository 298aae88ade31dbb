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
import { Cached } from '../platform/cache/cached.decorator.js';
import { Problems } from '../platform/http/problems.decorator.js';
import { IF_MATCH } from '../platform/http/etag.js';
import { RevisionEtagInterceptor } from '../platform/http/revision-etag.interceptor.js';
import { SparseFields } from '../platform/http/sparse-fields.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import {
  type ActivateVersion,
  activateVersionSchema,
  botPageSchema,
  botViewSchema,
  type ChangeBot,
  changeBotSchema,
  type CreateBot,
  createBotSchema,
  type ListBots,
  listBotsSchema,
} from './bots.dto.js';
import { BotsService, type BotView } from './bots.service.js';

const botId = { schema: z.uuid() };

@ApiTags('bots')
@Controller('bots')
@UseInterceptors(RevisionEtagInterceptor)
export class BotsController {
  constructor(private readonly bots: BotsService) {}

  @Get()
  @Access('bots:read')
  @Cached(['bot'])
  @SparseFields(botViewSchema)
  @ApiOperation({ summary: 'Bots' })
  @ApiResponse({ status: 200, standardSchema: botPageSchema })
  list(@Tenant() tenantId: TenantId, @Query({ schema: listBotsSchema }) page: ListBots): Promise<Page<BotView>> {
    return this.bots.list(tenantId, page);
  }

  @Post()
  @Access('bots:write')
  @ApiResponse({ status: 201, standardSchema: botViewSchema })
  create(@Tenant() tenantId: TenantId, @Body({ schema: createBotSchema }) body: CreateBot): Promise<BotView> {
    return this.bots.create(tenantId, body);
  }

  @Get(':id')
  @Access('bots:read')
  @Cached(['bot'])
  @SparseFields(botViewSchema)
  @ApiResponse({ status: 200, standardSchema: botViewSchema })
  @Problems({ 404: ['bot_not_found'] })
  get(@Tenant() tenantId: TenantId, @Param('id', botId) id: string): Promise<BotView> {
    return this.bots.get(tenantId, id);
  }

  @Patch(':id')
  @Access('bots:write')
  @ApiHeader(IF_MATCH)
  @ApiResponse({ status: 200, standardSchema: botViewSchema })
  @Problems({ 404: ['bot_not_found'] })
  change(
    @Tenant() tenantId: TenantId,
    @Param('id', botId) id: string,
    @Body({ schema: changeBotSchema }) body: ChangeBot,
    @Headers('if-match') ifMatch?: string,
  ): Promise<BotView> {
    return this.bots.change(tenantId, id, body, ifMatch);
  }

  @Post(':id/activate')
  @Access('bots:write')
  @HttpCode(200)
  @ApiHeader(IF_MATCH)
  @ApiOperation({ summary: 'Begin new conversations on this flow version' })
  @ApiResponse({ status: 200, standardSchema: botViewSchema })
  @Problems({ 404: ['bot_not_found', 'flow_version_not_found'] })
  activate(
    @Tenant() tenantId: TenantId,
    @Param('id', botId) id: string,
    @Body({ schema: activateVersionSchema }) { versionId }: ActivateVersion,
    @Headers('if-match') ifMatch?: string,
  ): Promise<BotView> {
    return this.bots.activate(tenantId, id, versionId, ifMatch);
  }

  @Delete(':id')
  @Access('bots:write')
  @HttpCode(204)
  @ApiResponse({ status: 204 })
  @Problems({ 404: ['bot_not_found'], 409: ['bot_in_use: it has connections, conversations or orders'] })
  @ApiHeader(IF_MATCH)
  delete(
    @Tenant() tenantId: TenantId,
    @Param('id', botId) id: string,
    @Headers('if-match') ifMatch?: string,
  ): Promise<void> {
    return this.bots.delete(tenantId, id, ifMatch);
  }
}
