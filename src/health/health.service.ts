import { Injectable } from '@nestjs/common';
import type { HealthIndicatorResult } from '@nestjs/terminus';
import { Drain } from '../platform/drain.js';
import type { ReadyView } from './health.dto.js';
import { ProvidersReport } from './providers-report.js';
import { StoresHealth } from './stores.health.js';

/** Up, degraded or down, one line per dependency and per provider. Only what loses work takes us out of rotation. */
@Injectable()
export class HealthService {
  constructor(
    private readonly stores: StoresHealth,
    private readonly providers: ProvidersReport,
    private readonly drain: Drain,
  ) {}

  async ready(): Promise<ReadyView> {
    const results = await Promise.all([this.stores.checkAll(), this.providers.checkAll()]);
    const checks = results.flat().flatMap(toChecks);
    if (this.drain.isDraining) checks.unshift({ name: 'process', status: 'down', detail: 'stopping' });
    const worst = checks.some(({ status }) => status === 'down')
      ? 'down'
      : checks.some(({ status }) => status === 'degraded')
        ? 'degraded'
        : 'up';
    return { status: worst, checks };
  }
}

function toChecks(result: HealthIndicatorResult): ReadyView['checks'] {
  return Object.entries(result).map(([name, { status, message }]) => ({
    name,
    status: status === 'up' || status === 'degraded' ? status : 'down',
    detail: typeof message === 'string' ? message : null,
  }));
}
