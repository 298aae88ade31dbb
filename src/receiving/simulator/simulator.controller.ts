import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { Access } from '../../auth/access.decorator.js';
import { Tenant } from '../../auth/tenant.decorator.js';
import { Id } from '../../platform/http/id.decorator.js';
import { Route } from '../../platform/http/route.decorator.js';
import { Tag } from '../../platform/http/tag.decorator.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import { SimulatorChatService } from './simulator-chat.service.js';
import {
  chatQuerySchema,
  chatViewSchema,
  simulatedViewSchema,
  simulateMessageSchema,
  type ChatQuery,
  type ChatView,
  type SimulatedView,
  type SimulateMessage,
} from './simulator.dto.js';

@Tag('simulator', 'A provider without WhatsApp behind it, to try a bot out.')
@Controller('bots/:id/simulator/messages')
export class SimulatorController {
  constructor(private readonly chat: SimulatorChatService) {}

  @Post()
  @Access('simulator:use')
  @Route({
    summary: 'Write to a bot as a customer would',
    description:
      'Goes the same way as a message from WhatsApp: inbox, turn, outbox. Read what the bot answers with ' +
      'GET on the same path.',
    status: 202,
    view: simulatedViewSchema,
    answer: 'Stored; the answer comes by itself',
    problems: { 404: ['bot_not_found'], 409: ['no_simulator'] },
  })
  say(
    @Tenant() tenantId: TenantId,
    @Id() botId: string,
    @Body({ schema: simulateMessageSchema }) body: SimulateMessage,
  ): Promise<SimulatedView> {
    return this.chat.say(tenantId, botId, body);
  }

  @Get()
  @Access('simulator:use')
  @Route({
    summary: 'Read what a simulated customer and the bot wrote',
    view: chatViewSchema,
    problems: { 404: ['bot_not_found'] },
  })
  read(
    @Tenant() tenantId: TenantId,
    @Id() botId: string,
    @Query({ schema: chatQuerySchema }) query: ChatQuery,
  ): Promise<ChatView> {
    return this.chat.read(tenantId, botId, query);
  }
}
