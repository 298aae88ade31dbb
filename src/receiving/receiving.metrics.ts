import { Injectable } from '@nestjs/common';
import { InjectMetric, makeCounterProvider, makeHistogramProvider } from '@willsoto/nestjs-prometheus';
import type { Counter, Histogram } from 'prom-client';

const EVENTS = 'dashoffice_provider_webhook_events_total';
const LAG = 'dashoffice_provider_webhook_lag_seconds';

type Kind =
  'message' | 'group_message' | 'echo' | 'status' | 'status_unmatched' | 'notice' | 'unknown_number' | 'refused';

/** What providers brought, by webhook or socket, and how long after it happened by their own clocks. */
@Injectable()
export class ReceivingMetrics {
  constructor(
    @InjectMetric(EVENTS) private readonly events: Counter<'provider' | 'event'>,
    @InjectMetric(LAG) private readonly lag: Histogram<'provider' | 'connection'>,
  ) {}

  count(provider: string, event: Kind, count = 1): void {
    if (count > 0) this.events.inc({ provider, event }, count);
  }

  /**
   * Providers count in whole seconds, some are ahead of us; a lag below zero is none. What has exactly the time of its
   * arrival came without one, and says nothing.
   */
  measureLag(provider: string, connectionId: string, happenedAt: Date, receivedAt: Date): void {
    const seconds = (receivedAt.getTime() - happenedAt.getTime()) / 1000;
    if (seconds === 0) return;
    this.lag.observe({ provider, connection: connectionId }, Math.max(0, seconds));
  }
}

export const RECEIVING_METRIC_PROVIDERS = [
  makeCounterProvider({
    name: EVENTS,
    help: 'What providers brought: message, group_message, echo, status, status_unmatched, notice, unknown_number, refused',
    labelNames: ['provider', 'event'],
  }),
  makeHistogramProvider({
    name: LAG,
    help: 'From when a message or status happened, by the provider, to its arrival; of what comes with a time',
    labelNames: ['provider', 'connection'],
    buckets: [1, 2, 5, 10, 30, 60, 300, 1800, 7200, 86_400],
  }),
];
