import { Injectable } from '@nestjs/common';
import { InjectMetric, makeCounterProvider, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge } from 'prom-client';
import type { ConnectionHealth } from '../path-connection.js';

const FAILOVERS = 'dashoffice_provider_failovers_total';
const HEALTH = 'dashoffice_connection_health';
const RESTRICTED = 'dashoffice_connection_restricted_until_seconds';

const HEALTH_VALUES: Record<ConnectionHealth, number> = { up: 1, unknown: 1, degraded: 0.5, auth_lost: 0 };

export type ConnectionStanding = {
  readonly provider: string;
  readonly connectionId: string;
  readonly health: ConnectionHealth;
  readonly restrictedUntil: Date | null;
};

/** How connections stand. `connection` is an id, never a name (INV-8). */
@Injectable()
export class ConnectionMetrics {
  constructor(
    @InjectMetric(FAILOVERS) readonly failovers: Counter<'provider' | 'connection' | 'reason'>,
    @InjectMetric(HEALTH) private readonly health: Gauge<'provider' | 'connection'>,
    @InjectMetric(RESTRICTED) private readonly restricted: Gauge<'provider' | 'connection'>,
  ) {}

  /** All there are: what is not among them is forgotten. */
  show(connections: readonly ConnectionStanding[]): void {
    this.health.reset();
    this.restricted.reset();
    for (const { provider, connectionId: connection, health, restrictedUntil } of connections) {
      this.health.set({ provider, connection }, HEALTH_VALUES[health]);
      if (restrictedUntil) this.restricted.set({ provider, connection }, restrictedUntil.getTime() / 1000);
    }
  }
}

export const CONNECTION_METRIC_PROVIDERS = [
  makeCounterProvider({
    name: FAILOVERS,
    help: 'Messages that left a connection for another one, by the connection they left and why',
    labelNames: ['provider', 'connection', 'reason'],
  }),
  makeGaugeProvider({
    name: HEALTH,
    help: 'Active connections: 1 well, 0.5 not called because calls fail (the breaker is open), 0 not authorised',
    labelNames: ['provider', 'connection'],
  }),
  makeGaugeProvider({
    name: RESTRICTED,
    help: 'Unix time until which the provider restricts the number',
    labelNames: ['provider', 'connection'],
  }),
];
