import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Public } from '../auth/access.decorator.js';
import { liveViewSchema, readyViewSchema, type LiveView, type ReadyView } from './health.dto.js';
import { Route } from '../platform/http/route.decorator.js';
import { Tag } from '../platform/http/tag.decorator.js';
import { ENV, type Env } from '../platform/config/env.js';
import { isInsider } from './insider.js';
import { HealthService } from './health.service.js';

@Tag('health', 'Probes for load balancers and orchestrators.')
@Controller('health')
export class HealthController {
  constructor(
    @Inject(HealthService) private readonly health: HealthService,
    @Inject(ENV) private readonly env: Env,
  ) {}

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
    description:
      'Down takes the process out of rotation; degraded does not: it is somebody else’s outage. Details are for ' +
      'callers on this machine or, when METRICS_TOKEN is set, for its bearer.',
    view: readyViewSchema,
    others: { 503: { answer: 'Down, or about to stop', view: readyViewSchema } },
  })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<ReadyView> {
    const view = await this.health.ready();
    if (view.status === 'down') reply.status(503);
    if (isInsider(reply.request, this.env.metricsToken)) return view;
    return { ...view, checks: view.checks.map((check) => ({ ...check, detail: null })) };
  }
}
