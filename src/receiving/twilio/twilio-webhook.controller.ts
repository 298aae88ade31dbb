import { Controller, Headers, Param, Post, Req, Res, type RawBodyRequest } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../../auth/access.decorator.js';
import { Receiver } from '../receiver.js';
import { TwilioAdapter } from './twilio.adapter.js';
import { LARGE_BODY_BYTES } from '../../platform/http/body-limits.js';
import { Route } from '../../platform/http/route.decorator.js';
import { Tag } from '../../platform/http/tag.decorator.js';

/** An answer in TwiML that says nothing: any other text could be sent to the customer as a reply. */
const EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>';

/** Where Twilio posts. Public, because a signature proves the sender. */
@Tag('provider webhooks')
@Controller('webhooks/twilio')
export class TwilioWebhookController {
  constructor(
    private readonly receiver: Receiver,
    private readonly adapter: TwilioAdapter,
  ) {}

  @Post(':connectionId')
  @Public()
  @Route({
    maxBodyBytes: LARGE_BODY_BYTES,
    summary: 'Takes a signed message or status of one Twilio line; 200 only once it is durable',
    answer: 'Empty TwiML',
    produces: ['text/xml'],
    problems: {
      400: ['malformed_webhook: nothing in it could be read'],
      401: ['bad_webhook_signature: nothing was stored'],
      404: ['connection_not_found'],
      413: ['payload_too_large'],
      415: ['unsupported_media_type'],
    },
  })
  async receive(
    @Req() request: RawBodyRequest<FastifyRequest>,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('connectionId') connectionId: string,
    @Headers('x-twilio-signature') signature?: string,
  ): Promise<string> {
    await this.receiver.receive(this.adapter, {
      connectionId,
      originalUrl: request.originalUrl,
      host: request.headers.host,
      signature,
      isForm: !request.headers['content-type']?.includes('json'),
      rawBody: request.rawBody ?? Buffer.alloc(0),
    });
    void reply.header('content-type', 'text/xml; charset=utf-8');
    return EMPTY_TWIML;
  }
}
