import { Controller, Get, Headers, HttpCode, Post, Query, Req, type RawBodyRequest } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Public } from '../auth/access.decorator.js';
import { OfficialWebhookService } from './official-webhook.service.js';
import { MalformedWebhookError } from './provider.errors.js';

/** Where Meta posts. Public, because a signature proves the sender and a verify token the subscription. */
@ApiTags('webhooks')
@Controller('webhooks/official')
export class OfficialWebhookController {
  constructor(private readonly webhook: OfficialWebhookService) {}

  @Get()
  @Public()
  @ApiOperation({ summary: 'Answers the verification of the webhook address with its challenge' })
  verify(@Query() query: Record<string, unknown>): Promise<string> {
    return this.webhook.answerHandshake(query);
  }

  @Post()
  @HttpCode(200)
  @Public()
  @ApiOperation({ summary: 'Takes a signed batch of messages and statuses; 200 only once all of it is durable' })
  async receive(
    @Req() request: RawBodyRequest<FastifyRequest>,
    @Headers('x-hub-signature-256') signature?: string,
  ): Promise<{ received: true }> {
    if (!request.rawBody) throw new MalformedWebhookError('body', 'JSON');
    await this.webhook.receive(request.rawBody, request.body, signature);
    return { received: true };
  }
}
