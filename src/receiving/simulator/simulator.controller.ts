import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Access } from '../../auth/access.decorator.js';
import { Tenant } from '../../auth/tenant.decorator.js';
import { Problems } from '../../platform/http/problems.decorator.js';
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

const botIdSchema = z.uuid();

@ApiTags('simulator')
@Controller('bots/:id/simulator/messages')
export class SimulatorController {
  constructor(private readonly chat: SimulatorChatService) {}

  @Post()
  @HttpCode(202)
  @Access('simulator:use')
  @ApiResponse({ status: 202, description: 'Stored; the answer comes by itself', standardSchema: simulatedViewSchema })
  @Problems({ 404: ['bot_not_found'], 409: ['no_simulator'] })
  say(
    @Tenant() tenantId: TenantId,
    @Param('id', { schema: botIdSchema }) botId: string,
    @Body({ schema: simulateMessageSchema }) body: SimulateMessage,
  ): Promise<SimulatedView> {
    return this.chat.say(tenantId, botId, body);
  }

  @Get()
  @Access('simulator:use')
  @ApiResponse({ status: 200, standardSchema: chatViewSchema })
  @Problems({ 404: ['bot_not_found'] })
  read(
    @Tenant() tenantId: TenantId,
    @Param('id', { schema: botIdSchema }) botId: string,
    @Query({ schema: chatQuerySchema }) query: ChatQuery,
  ): Promise<ChatView> {
    return this.chat.read(tenantId, botId, query);
  }
}
