import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Access } from '../auth/access.decorator.js';
import { Tenant } from '../auth/tenant.decorator.js';
import { Problems } from '../platform/http/problems.decorator.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import {
  type OldMessage,
  type OldMessageAnswer,
  oldMessageAnswerSchema,
  oldMessageSchema,
} from './incoming-messages.dto.js';
import { IncomingMessages } from './incoming-messages.js';

/** The old orchestrator's contract: no /api before it, snake_case inside. */
@ApiTags('service contract')
@Controller('message')
export class IncomingMessagesController {
  constructor(private readonly incoming: IncomingMessages) {}

  @Post()
  @HttpCode(202)
  @Access('messages:send')
  @ApiOperation({ summary: 'Hand over a message that a customer sent to a bot' })
  @ApiResponse({ status: 202, standardSchema: oldMessageAnswerSchema })
  @Problems({ 404: ['bot_not_found'], 409: ['no_connection: the bot has none to answer by'] })
  receive(
    @Tenant() tenantId: TenantId,
    @Body({ schema: oldMessageSchema }) body: OldMessage,
  ): Promise<OldMessageAnswer> {
    return this.incoming.receive(tenantId, body);
  }
}
