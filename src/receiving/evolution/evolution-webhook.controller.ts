import { Body, Controller, Headers, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from '../../auth/access.decorator.js';
import { Problems } from '../../platform/http/problems.decorator.js';
import { Receiver } from '../receiver.js';
import { EvolutionAdapter } from './evolution.adapter.js';
import type { ProofHeaders } from '../../providers/evolution/evolution.proof.js';

const SUMMARY = 'Takes an event of an Evolution instance; 200 only once all of it is durable';

/** Where Evolution servers post. Public, because the connection's webhookSecret proves the sender. */
@ApiTags('webhooks')
@Controller('webhooks/evolution')
export class EvolutionWebhookController {
  constructor(
    private readonly receiver: Receiver,
    private readonly adapter: EvolutionAdapter,
  ) {}

  @Post(':connectionId')
  @HttpCode(200)
  @Public()
  @ApiOperation({ summary: SUMMARY })
  @Problems({
    400: ['malformed_webhook: nothing in it could be read'],
    401: ['bad_webhook_signature: nothing was stored'],
    404: ['connection_not_found'],
    503: ['credentials_unreadable'],
  })
  async receive(
    @Param('connectionId') connectionId: string,
    @Headers() headers: ProofHeaders,
    @Body() body: unknown,
  ): Promise<{ received: true }> {
    await this.receiver.receive(this.adapter, { connectionId, headers, body });
    return { received: true };
  }

  /** Evolution's `byEvents`: `/messages-upsert` behind the address. */
  @Post(':connectionId/:event')
  @HttpCode(200)
  @Public()
  @ApiOperation({ summary: `${SUMMARY}, one path per event` })
  @Problems({
    400: ['malformed_webhook: nothing in it could be read'],
    401: ['bad_webhook_signature: nothing was stored'],
    404: ['connection_not_found'],
    503: ['credentials_unreadable'],
  })
  async receiveByEvent(
    @Param('connectionId') connectionId: string,
    @Param('event') pathEvent: string,
    @Headers() headers: ProofHeaders,
    @Body() body: unknown,
  ): Promise<{ received: true }> {
    await this.receiver.receive(this.adapter, { connectionId, pathEvent, headers, body });
    return { received: true };
  }
}
