import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { Access } from '../auth/access.decorator.js';
import { Tenant } from '../auth/tenant.decorator.js';
import { RequestKey } from '../platform/http/idempotency.interceptor.js';
import { Route } from '../platform/http/route.decorator.js';
import { Tag } from '../platform/http/tag.decorator.js';
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
@Tag(
  'old contract',
  'The service contract of the system before this one: snake_case, and no /api in front. It is served on as it is, for the programs that speak it; a new program uses the routes below /api.',
)
@Controller()
export class SendController {
  constructor(private readonly messages: SendService) {}

  @Post('send')
  @Access('messages:send')
  @Route({
    summary: 'Send a message to a customer',
    description:
      'Of the system before this one; kept as it is, without an end planned, for the programs that speak ' +
      'it. New programs use POST /api/conversations/{id}/messages. The message is queued in the customer’s ' +
      'conversation, behind what the bot is saying; the conversation is opened where there is none. With ' +
      'an Idempotency-Key it can be repeated safely.',
    status: 202,
    view: sendViewSchema,
    answer: 'Queued behind what the bot is saying',
    problems: {
      404: ['bot_not_found'],
      409: ['no_connection: the bot has none to send by'],
      413: ['media_too_large: more than the connection takes'],
      422: ['bad_number', 'window_closed', 'media_not_found', 'template_unsupported', 'reaction_unsupported'],
    },
  })
  send(
    @Tenant() tenantId: TenantId,
    @Body({ schema: sendSchema }) body: Send,
    @RequestKey() requestKey: string | null,
  ): Promise<SendView> {
    return this.messages.send(tenantId, body, requestKey);
  }

  @Get('status')
  @Access('connections:read')
  @Route({
    summary: 'Show whether a bot can be reached, and by which connections',
    description:
      'Of the system before this one; kept as it is, without an end planned, for the programs that speak ' +
      'it. New programs use GET /api/bots/{botId}/connections.',
    view: statusViewSchema,
    problems: { 404: ['bot_not_found'] },
  })
  status(@Tenant() tenantId: TenantId, @Query({ schema: botQuerySchema }) query: BotQuery): Promise<StatusView> {
    return this.messages.status(tenantId, query.bot_id);
  }
}
