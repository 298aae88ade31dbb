import { Injectable } from '@nestjs/common';
import type { HealthIndicatorResult } from '@nestjs/terminus';
import { unwellConnections, type UnwellConnections } from '../connections/health/unwell-connections.js';
import { PathPool } from '../platform/database/path-pool.js';
import { ProvidersHealth } from '../providers/providers.health.js';
import { withinTime } from './within-time.js';

/** How each provider is, with what Postgres knows of the connections by it. */
@Injectable()
export class ProvidersReport {
  constructor(
    private readonly providers: ProvidersHealth,
    private readonly path: PathPool,
  ) {}

  async checkAll(): Promise<HealthIndicatorResult[]> {
    // Without Postgres its own line says so.
    const unwell = await withinTime(unwellConnections(this.path)).catch(() => []);
    return this.providers.checkAll((name) => {
      const found = unwell.find(({ provider }) => provider === name);
      return found ? troubleOf(found) : null;
    });
  }
}

function troubleOf({ active, degraded, lost }: UnwellConnections): string {
  return `of ${active} active connections ${degraded} fail and ${lost} lost their authorisation`;
}
