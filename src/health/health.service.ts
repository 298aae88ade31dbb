import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { unwellConnections, type UnwellConnections } from '../connections/health/unwell-connections.js';
import { PathPool } from '../platform/database/path-pool.js';
import { Drain } from '../platform/drain.js';
import { RedisClients } from '../platform/redis.js';
import { ProvidersHealth } from '../providers/providers.health.js';
import type { ReadyView } from './health.dto.js';

/** Up, degraded or down, one line per dependency and per provider. Only what loses work takes us out of rotation. */
@Injectable()
export class HealthService {
  constructor(
    private readonly redisClients: RedisClients,
    private readonly indicators: HealthIndicatorService,
    private readonly path: PathPool,
    private readonly providers: ProvidersHealth,
    private readonly drain: Drain,
  ) {}

  async ready(): Promise<ReadyView> {
    const results = await Promise.all([
      this.postgres(),
      ...(this.redisClients.commands ? [this.redis()] : []),
      this.providersByName(),
    ]);
    const checks = results.flat().flatMap(toChecks);
    if (this.drain.isDraining) checks.unshift({ name: 'process', status: 'down', detail: 'stopping' });
    const worst = checks.some(({ status }) => status === 'down')
      ? 'down'
      : checks.some(({ status }) => status === 'degraded')
        ? 'degraded'
        : 'up';
    return { status: worst, checks };
  }

  private async providersByName(): Promise<HealthIndicatorResult[]> {
    // Without Postgres its own line says so.
    const unwell = await unwellConnections(this.path).catch(() => []);
    return this.providers.checkAll((name) => {
      const found = unwell.find(({ provider }) => provider === name);
      return found ? troubleOf(found) : null;
    });
  }

  private async postgres(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check('postgres');
    try {
      await this.path.query('select 1');
      return indicator.up();
    } catch (error) {
      return indicator.down(messageOf(error));
    }
  }

  /** Redis holds nothing that matters (INV-10): without it we are slower, not broken. */
  private async redis(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check('redis');
    try {
      await this.redisClients.ping();
      return indicator.up();
    } catch (error) {
      return indicator.degraded(messageOf(error));
    }
  }
}

function toChecks(result: HealthIndicatorResult): ReadyView['checks'] {
  return Object.entries(result).map(([name, { status, message }]) => ({
    name,
    status: status === 'up' || status === 'degraded' ? status : 'down',
    detail: typeof message === 'string' ? message : null,
  }));
}

function troubleOf({ active, degraded, lost }: UnwellConnections): string {
  return `of ${active} active connections ${degraded} fail and ${lost} lost their authorisation`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}
