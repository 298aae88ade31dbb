import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import { Access } from '../auth/access.decorator.js';
import { Tenant } from '../auth/tenant.decorator.js';
import { Problems } from '../platform/http/problems.decorator.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import {
  botQuerySchema,
  sendSchema,
  sendViewSchema,
  statusViewSchema,
  type BotQuery,
  type Send,
  type SendView,
  type StatusView,
} from './send.dto.js';
import { SendService } from './send.service.js';

/** The old system's service contract, for callers that have not moved to `/api`. */
@ApiTags('service contract')
@Controller()
export class SendController {
  constructor(private readonly messages: SendService) {}

  @Post('send')
  @HttpCode(202)
  @Access('messages:send')
  @ApiResponse({ status: 202, description: 'Queued behind what the bot is saying', standardSchema: sendViewSchema })
  @Problems({
    404: ['bot_not_found'],
    409: ['no_connection: the bot has none to send by'],
    413: ['media_too_large: more than the connection takes'],
    422: ['bad_number', 'window_closed', 'media_not_found', 'template_unsupported', 'reaction_unsupported'],
  })
  send(@Tenant() tenantId: TenantId, @Body({ schema: sendSchema }) body: Send): Promise<SendView> {
    return this.messages.send(tenantId, body);
  }

  @Get('status')
  @Access('connections:read')
  @ApiResponse({ status: 200, standardSchema: statusViewSchema })
  @Problems({ 404: ['bot_not_found'] })
  status(@Tenant() tenantId: TenantId, @Query({ schema: botQuerySchema }) query: BotQuery): Promise<StatusView> {
    return this.messages.status(tenantId, query.bot_id);
  }
}
