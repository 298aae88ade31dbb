import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { PathPool } from '../platform/database/path-pool.js';
import { PROVIDER_NAMES, type ProviderName } from './whatsapp-provider.js';
import { ProviderFactory } from './provider.factory.js';

const PING_TIMEOUT_MS = 2000;

type Unwell = { readonly provider: string; readonly lines: number; readonly degraded: number; readonly lost: number };

/** Figures only: whoever may ask for them is nobody's tenant (INV-8). */
const UNWELL = `
  select provider, count(*)::int as lines, (count(*) filter (where health = 'degraded'))::int as degraded,
    (count(*) filter (where health = 'auth_lost'))::int as lost
  from connection where state = 'active' group by provider having count(*) filter (where health in ('degraded', 'auth_lost')) > 0`;

@Injectable()
export class ProvidersHealth {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly providers: ProviderFactory,
    private readonly path: PathPool,
  ) {}

  async checkAll(): Promise<HealthIndicatorResult[]> {
    // Without Postgres its own line says so.
    const unwell = await this.path.query<Unwell>(UNWELL).catch(() => []);
    return Promise.all(
      PROVIDER_NAMES.map((name) =>
        this.check(
          name,
          unwell.find(({ provider }) => provider === name),
        ),
      ),
    );
  }

  /** Degraded, never down: someone else's outage must not take our instances out of rotation. */
  private async check(name: ProviderName, unwell?: Unwell): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check(`provider-${name}`);
    try {
      await this.providers.get(name).ping(AbortSignal.timeout(PING_TIMEOUT_MS));
      return unwell ? indicator.degraded(tell(unwell)) : indicator.up();
    } catch (error) {
      return indicator.degraded(error instanceof Error ? error.message || error.name : String(error));
    }
  }
}

function tell({ lines, degraded, lost }: Unwell): string {
  return `of ${lines} active connections ${degraded} fail and ${lost} lost their authorisation`;
}
