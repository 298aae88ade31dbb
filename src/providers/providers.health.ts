import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { ProviderFactory } from './provider.factory.js';
import { PROVIDER_NAMES, type ProviderName } from './whatsapp-provider.js';

const PING_TIMEOUT_MS = 2000;

/** One line per provider: whether it answers at all, and what is known of connections by it. */
@Injectable()
export class ProvidersHealth {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly providers: ProviderFactory,
  ) {}

  /** @param troubleOf what is wrong with connections of a provider that itself answers; null when nothing is */
  checkAll(troubleOf: (name: ProviderName) => string | null): Promise<HealthIndicatorResult[]> {
    return Promise.all(PROVIDER_NAMES.map((name) => this.check(name, troubleOf(name))));
  }

  /** Degraded, never down: someone else's outage must not take our instances out of rotation. */
  private async check(name: ProviderName, trouble: string | null): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check(`provider-${name}`);
    try {
      await this.providers.find(name)?.ping(AbortSignal.timeout(PING_TIMEOUT_MS));
      return trouble === null ? indicator.up() : indicator.degraded(trouble);
    } catch (error) {
      return indicator.degraded(error instanceof Error ? error.message || error.name : String(error));
    }
  }
}
