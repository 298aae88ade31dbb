import { timingSafeEqual } from 'node:crypto';
import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { register } from 'prom-client';
import { Public } from '../auth/access.decorator.js';
import { ENV, type Env } from '../platform/config/env.js';
import { Route } from '../platform/http/route.decorator.js';
import { AppError } from '../platform/errors/app-error.js';

const LOOPBACK = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

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
    if (!this.mayRead(reply.request)) throw new MetricsHiddenError();
    reply.header('content-type', register.contentType);
    return register.metrics();
  }

  private mayRead({ headers, ip }: FastifyRequest): boolean {
    if (!this.env.metricsToken) return LOOPBACK.has(ip) && headers['x-forwarded-for'] === undefined;
    const given = Buffer.from(headers.authorization ?? '');
    const wanted = Buffer.from(`Bearer ${this.env.metricsToken}`);
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  }
}
