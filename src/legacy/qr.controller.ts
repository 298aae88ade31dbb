import { Controller, Get, Headers, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Access } from '../auth/access.decorator.js';
import { Tenant } from '../auth/tenant.decorator.js';
import { Route } from '../platform/http/route.decorator.js';
import { Tag } from '../platform/http/tag.decorator.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { type QrQuery, qrQuerySchema, type QrView, qrViewSchema } from './qr.dto.js';
import { QrService } from './qr.service.js';

/** Whoever sees the code may link a phone of theirs, so that it takes the right to change connections. */
@Tag('old contract')
@Controller()
export class QrController {
  constructor(private readonly codes: QrService) {}

  @Get('qr')
  @Access('connections:write')
  @Route({
    summary: 'Show the QR code that links a phone',
    description:
      'Of the system before this one; kept as it is, without an end planned, for the programs that speak ' +
      'it. New programs use POST /api/bots/{botId}/connections/{id}/link. Asks for a code where none is ' +
      'under way, and waits some seconds for it.',
    view: qrViewSchema,
    answer: 'The code to scan, as text or as a picture',
    produces: ['application/json', 'image/png'],
    problems: {
      404: ['bot_not_found'],
      409: [
        'no_linked_device: none of the bot’s connections is paired by a QR code',
        'already_linked: there is no picture',
        'code_not_ready: there is no picture yet',
      ],
      503: ['baileys_not_installed: the optional package is missing'],
    },
  })
  async qr(
    @Tenant() tenantId: TenantId,
    @Query({ schema: qrQuerySchema }) query: QrQuery,
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<QrView | Buffer> {
    void reply.header('cache-control', 'no-store').header('vary', 'accept');
    if ((query.format ?? wants(accept)) === 'json') return this.codes.show(tenantId, query);
    const picture = await this.codes.draw(tenantId, query);
    void reply.header('content-type', 'image/png');
    return picture;
  }
}

function wants(accept = ''): 'json' | 'png' {
  return accept.startsWith('image/') ? 'png' : 'json';
}
