import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { PROVIDER_NAMES, type ProviderName } from './whatsapp-provider.js';
import { ProviderFactory } from './provider.factory.js';

const PING_TIMEOUT_MS = 2000;

@Injectable()
export class ProvidersHealth {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly providers: ProviderFactory,
  ) {}

  checkAll(): Promise<HealthIndicatorResult>[] {
    return PROVIDER_NAMES.map((name) => this.check(name));
  }

  /** Degraded, never down: someone else's outage must not take our instances out of rotation. */
  async check(name: ProviderName): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check(`provider-${name}`);
    try {
      await this.providers.get(name).ping(AbortSignal.timeout(PING_TIMEOUT_MS));
      return indicator.up();
    } catch (error) {
      return indicator.degraded(error instanceof Error ? error.message || error.name : String(error));
    }
  }
}
