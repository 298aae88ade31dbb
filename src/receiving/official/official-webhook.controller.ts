import { Controller, Get, Headers, Post, Query, Req, type RawBodyRequest } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Public } from '../../auth/access.decorator.js';
import { Receiver } from '../receiver.js';
import { OfficialAdapter } from './official.adapter.js';
import { LARGE_BODY_BYTES } from '../../platform/http/body-limits.js';
import { Route } from '../../platform/http/route.decorator.js';
import { Tag } from '../../platform/http/tag.decorator.js';
import { MalformedWebhookError } from '../../providers/provider.errors.js';

/**
 * Where Meta posts. Public, because a signature proves the sender and a verify token the subscription.
 *
 * A part for a number that no connection has is answered 200 although nothing can prove it, because there is no secret
 * to prove it with: Meta sends a whole app's numbers here, also one whose connection was deleted, repeats what is not
 * answered 200 for days, and in the end stops sending. Such a part is counted and dropped; only what the secret of its
 * own number has signed is ever stored. A webhook without any signature is none of Meta's and gets 401.
 */
@Tag(
  'provider webhooks',
  'Where providers post what happened at WhatsApp. For providers, not for you: each proves by a signature or a secret who it is.',
)
@Controller('webhooks/official')
export class OfficialWebhookController {
  constructor(
    private readonly receiver: Receiver,
    private readonly adapter: OfficialAdapter,
  ) {}

  @Get()
  @Public()
  @Route({
    summary: 'Answers the verification of the webhook address with its challenge',
    problems: { 403: ['handshake_refused'] },
  })
  verify(@Query() query: Record<string, unknown>): Promise<string> {
    return this.adapter.answerHandshake(query);
  }

  @Post()
  @Public()
  @Route({
    maxBodyBytes: LARGE_BODY_BYTES,
    summary: 'Takes a signed batch of messages and statuses; 200 only once all of it is durable',
    problems: {
      400: ['malformed_webhook: nothing in it could be read', 'bad_request: the body cannot be read'],
      401: ['bad_webhook_signature: nothing was stored'],
      413: ['payload_too_large'],
      415: ['unsupported_media_type'],
    },
  })
  async receive(
    @Req() request: RawBodyRequest<FastifyRequest>,
    @Headers('x-hub-signature-256') signature?: string,
  ): Promise<{ received: true }> {
    if (!request.rawBody) throw new MalformedWebhookError('body', 'JSON');
    await this.receiver.receive(this.adapter, { rawBody: request.rawBody, body: request.body, signature });
    return { received: true };
  }
}
