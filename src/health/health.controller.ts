import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Public } from '../auth/access.decorator.js';
import { liveViewSchema, readyViewSchema, type LiveView, type ReadyView } from './health.dto.js';
import { Route } from '../platform/http/route.decorator.js';
import { Tag } from '../platform/http/tag.decorator.js';
import { HealthService } from './health.service.js';

@Tag('health', 'Probes for load balancers and orchestrators.')
@Controller('health')
export class HealthController {
  constructor(@Inject(HealthService) private readonly health: HealthService) {}

  /** Looks at nothing: the process answers, so it lives. */
  @Get('live')
  @Public()
  @Route({ summary: 'Say that the process lives; looks at nothing else', view: liveViewSchema })
  live(): LiveView {
    return { status: 'up' };
  }

  @Get('ready')
  @Public()
  @Route({
    summary: 'Say whether the process can work, with one line per dependency and per provider',
    description: 'Down takes the process out of rotation; degraded does not: it is somebody else’s outage.',
    view: readyViewSchema,
    others: { 503: { answer: 'Down, or about to stop', view: readyViewSchema } },
  })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<ReadyView> {
    const view = await this.health.ready();
    if (view.status === 'down') reply.status(503);
    return view;
  }
}
