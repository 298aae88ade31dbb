import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { register } from 'prom-client';
import { Public } from '../auth/access.decorator.js';
import { ENV, type Env } from '../platform/config/env.js';
import { Route } from '../platform/http/route.decorator.js';
import { AppError } from '../platform/errors/app-error.js';
import { isInsider } from './insider.js';

class MetricsHiddenError extends AppError {
  constructor() {
    super('forbidden', 403, 'Metrics are for this machine, or for the bearer of METRICS_TOKEN');
  }
}

/** Prometheus text. Not public: the token when one is set, else a caller on this machine that no proxy speaks for. */
@Controller()
export class MetricsController {
  constructor(@Inject(ENV) private readonly env: Env) {}

  @Get()
  @Public()
  @Route({ summary: 'Show the metrics of this process as Prometheus text', isHidden: true })
  async read(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    if (!isInsider(reply.request, this.env.metricsToken)) throw new MetricsHiddenError();
    reply.header('content-type', register.contentType);
    return register.metrics();
  }
}
