import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../auth/access.decorator.js';
import { liveViewSchema, readyViewSchema, type LiveView, type ReadyView } from './health.dto.js';
import { HealthService } from './health.service.js';

@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(@Inject(HealthService) private readonly health: HealthService) {}

  /** Looks at nothing: the process answers, so it lives. */
  @Get('live')
  @Public()
  @ApiResponse({ status: 200, standardSchema: liveViewSchema })
  live(): LiveView {
    return { status: 'up' };
  }

  @Get('ready')
  @Public()
  @ApiResponse({ status: 200, standardSchema: readyViewSchema })
  @ApiResponse({ status: 503, standardSchema: readyViewSchema, description: 'Down, or about to stop' })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<ReadyView> {
    const view = await this.health.ready();
    if (view.status === 'down') reply.status(503);
    return view;
  }
}
