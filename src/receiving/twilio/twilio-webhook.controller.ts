import { Controller, Header, Headers, HttpCode, Param, Post, Req, type RawBodyRequest } from '@nestjs/common';
import { ApiConsumes, ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Public } from '../../auth/access.decorator.js';
import { Problems } from '../../platform/http/problems.decorator.js';
import { Receiver } from '../receiver.js';
import { TwilioAdapter } from './twilio.adapter.js';

/** An answer in TwiML that says nothing: any other text could be sent to the customer as a reply. */
const EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>';

/** Where Twilio posts. Public, because a signature proves the sender. */
@ApiTags('webhooks')
@Controller('webhooks/twilio')
export class TwilioWebhookController {
  constructor(
    private readonly receiver: Receiver,
    private readonly adapter: TwilioAdapter,
  ) {}

  @Post(':connectionId')
  @HttpCode(200)
  @Header('content-type', 'text/xml; charset=utf-8')
  @Public()
  @ApiOperation({ summary: 'Takes a signed message or status of one Twilio line; 200 only once it is durable' })
  @ApiConsumes('application/x-www-form-urlencoded', 'application/json')
  @ApiProduces('text/xml')
  @ApiResponse({ status: 200, description: 'Empty TwiML' })
  @Problems({
    400: ['malformed_webhook: nothing in it could be read'],
    401: ['bad_webhook_signature: nothing was stored'],
    404: ['connection_not_found'],
    413: ['payload_too_large'],
    415: ['unsupported_media_type'],
  })
  async receive(
    @Req() request: RawBodyRequest<FastifyRequest>,
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
    return EMPTY_TWIML;
  }
}
