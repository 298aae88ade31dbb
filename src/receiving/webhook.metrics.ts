import { Injectable } from '@nestjs/common';
import { InjectMetric, makeCounterProvider, makeHistogramProvider } from '@willsoto/nestjs-prometheus';
import type { Counter, Histogram } from 'prom-client';

const EVENTS = 'dashoffice_provider_webhook_events_total';
const LAG = 'dashoffice_provider_webhook_lag_seconds';

type Kind =
  'message' | 'group_message' | 'echo' | 'status' | 'status_unmatched' | 'notice' | 'unknown_number' | 'refused';

/** What webhooks brought, and how long after it happened by the provider's own clock. */
@Injectable()
export class WebhookMetrics {
  constructor(
    @InjectMetric(EVENTS) private readonly events: Counter<'provider' | 'event'>,
    @InjectMetric(LAG) private readonly lag: Histogram<'provider' | 'connection'>,
  ) {}

  count(provider: string, event: Kind, count = 1): void {
    if (count > 0) this.events.inc({ provider, event }, count);
  }

  /** Providers tell whole seconds, some are ahead of us; a lag below zero is none. */
  measureLag(provider: string, connectionId: string, happenedAt: Date, now: Date): void {
    const seconds = (now.getTime() - happenedAt.getTime()) / 1000;
    this.lag.observe({ provider, connection: connectionId }, Math.max(0, seconds));
  }
}

export const WEBHOOK_METRIC_PROVIDERS = [
  makeCounterProvider({
    name: EVENTS,
    help: 'What webhooks brought: message, group_message, status, status_unmatched, notice, unknown_number, refused',
    labelNames: ['provider', 'event'],
  }),
  makeHistogramProvider({
    name: LAG,
    help: 'From when a message or status happened, by the provider, to its webhook. Not of Twilio, whose webhooks tell no time',
    labelNames: ['provider', 'connection'],
    buckets: [1, 2, 5, 10, 30, 60, 300, 1800, 7200, 86_400],
  }),
];
