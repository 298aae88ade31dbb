import { Body, Controller, Post } from '@nestjs/common';
import { Access } from '../auth/access.decorator.js';
import { Tenant } from '../auth/tenant.decorator.js';
import { RequestKey } from '../platform/http/idempotency.interceptor.js';
import { Route } from '../platform/http/route.decorator.js';
import { Tag } from '../platform/http/tag.decorator.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import {
  type OldMessage,
  type OldMessageAnswer,
  oldMessageAnswerSchema,
  oldMessageSchema,
} from './incoming-messages.dto.js';
import { IncomingMessages } from './incoming-messages.js';

/** The old orchestrator's contract: no /api before it, snake_case inside. */
@Tag('old contract')
@Controller('message')
export class IncomingMessagesController {
  constructor(private readonly incoming: IncomingMessages) {}

  @Post()
  @Access('messages:send')
  @Route({
    summary: 'Hand over a message that a customer sent to a bot',
    description:
      'Of the system before this one; kept as it is, without an end planned, for the programs that speak ' +
      'it. New programs use the webhooks of a provider. 202 once the message is durable; the bot answers ' +
      'by its own connection. The same message_id, or the same Idempotency-Key, is the same message.',
    status: 202,
    view: oldMessageAnswerSchema,
    problems: { 404: ['bot_not_found'], 409: ['no_connection: the bot has none to answer by'] },
  })
  receive(
    @Tenant() tenantId: TenantId,
    @Body({ schema: oldMessageSchema }) body: OldMessage,
    @RequestKey() requestKey: string | null,
  ): Promise<OldMessageAnswer> {
    return this.incoming.receive(tenantId, body, requestKey);
  }
}
