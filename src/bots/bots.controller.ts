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

@Tag('bots', 'The personas that talk to customers, and their settings.')
@Controller('bots')
export class BotsController {
  constructor(private readonly bots: BotsService) {}

  @Get()
  @Access('bots:read')
  @Route({ summary: 'List bots', view: botPageSchema, cached: { tables: ['bot'] } })
  list(@Tenant() tenantId: TenantId, @Query({ schema: listBotsSchema }) page: ListBots): Promise<Page<BotView>> {
    return this.bots.list(tenantId, page);
  }

  @Post()
  @Access('bots:write')
  @Route({ summary: 'Create a bot', status: 201, view: botViewSchema })
  create(@Tenant() tenantId: TenantId, @Body({ schema: createBotSchema }) body: CreateBot): Promise<BotView> {
    return this.bots.create(tenantId, body);
  }

  @Get(':id')
  @Access('bots:read')
  @Route({
    summary: 'Show one bot',
    view: botViewSchema,
    cached: { tables: ['bot'] },
    problems: { 404: ['bot_not_found'] },
  })
  get(@Tenant() tenantId: TenantId, @Id() id: string): Promise<BotView> {
    return this.bots.get(tenantId, id);
  }

  @Patch(':id')
  @Access('bots:write')
  @Route({
    summary: 'Change the settings of a bot',
    description: 'What is absent stays as it is; null clears.',
    view: botViewSchema,
    problems: { 404: ['bot_not_found'] },
  })
  change(
    @Tenant() tenantId: TenantId,
    @Id() id: string,
    @Body({ schema: changeBotSchema }) body: ChangeBot,
    @IfMatch() ifMatch?: string,
  ): Promise<BotView> {
    return this.bots.change(tenantId, id, body, ifMatch);
  }

  @Post(':id/activate')
  @Access('bots:write')
  @Route({
    summary: 'Begin new conversations on this flow version',
    view: botViewSchema,
    problems: { 404: ['bot_not_found', 'flow_version_not_found'] },
  })
  activate(
    @Tenant() tenantId: TenantId,
    @Id() id: string,
    @Body({ schema: activateVersionSchema }) { versionId }: ActivateVersion,
    @IfMatch() ifMatch?: string,
  ): Promise<BotView> {
    return this.bots.activate(tenantId, id, versionId, ifMatch);
  }

  @Delete(':id')
  @Access('bots:write')
  @Route({
    summary: 'Delete a bot that nothing depends on',
    status: 204,
    problems: { 404: ['bot_not_found'], 409: ['bot_in_use: it has connections, conversations or orders'] },
  })
  delete(@Tenant() tenantId: TenantId, @Id() id: string, @IfMatch() ifMatch?: string): Promise<void> {
    return this.bots.delete(tenantId, id, ifMatch);
  }
}
