import { Body, Controller, Headers, Param, Post } from '@nestjs/common';
import { Public } from '../../auth/access.decorator.js';
import { Receiver } from '../receiver.js';
import { EvolutionAdapter } from './evolution.adapter.js';
import { LARGE_BODY_BYTES } from '../../platform/http/body-limits.js';
import { Route } from '../../platform/http/route.decorator.js';
import { Tag } from '../../platform/http/tag.decorator.js';
import type { ProofHeaders } from '../../providers/evolution/evolution.proof.js';

const SUMMARY = 'Takes an event of an Evolution instance; 200 only once all of it is durable';

/** Where Evolution servers post. Public, because the connection's webhookSecret proves the sender. */
@Tag('provider webhooks')
@Controller('webhooks/evolution')
export class EvolutionWebhookController {
  constructor(
    private readonly receiver: Receiver,
    private readonly adapter: EvolutionAdapter,
  ) {}

  @Post(':connectionId')
  @Public()
  @Route({
    maxBodyBytes: LARGE_BODY_BYTES,
    summary: SUMMARY,
    problems: {
      400: ['malformed_webhook: nothing in it could be read'],
      401: ['bad_webhook_signature: nothing was stored'],
      404: ['connection_not_found'],
      503: ['credentials_unreadable'],
    },
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
  @Public()
  @Route({
    maxBodyBytes: LARGE_BODY_BYTES,
    summary: `${SUMMARY}, one path per event`,
    problems: {
      400: ['malformed_webhook: nothing in it could be read'],
      401: ['bad_webhook_signature: nothing was stored'],
      404: ['connection_not_found'],
      503: ['credentials_unreadable'],
    },
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
