import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { DeliveryMetrics } from '../../src/delivery/delivery.metrics.js';
import { ConnectionMetrics } from '../../src/connections/health/connection.metrics.js';

export function testMetrics(): DeliveryMetrics {
  const registers = [new Registry()];
  const help = 'test';
  return new DeliveryMetrics(
    new Counter({ name: 'sends', help, labelNames: ['provider', 'connection', 'outcome'], registers }),
    new Histogram({ name: 'latency', help, labelNames: ['provider'], registers }),
    new Gauge({ name: 'open', help, labelNames: ['status'], registers }),
    new Gauge({ name: 'oldest', help, registers }),
    new Counter({ name: 'unconfirmed', help, labelNames: ['provider', 'connection'], registers }),
  );
}

export function testConnectionMetrics(): ConnectionMetrics {
  const registers = [new Registry()];
  const labelNames = ['provider', 'connection'] as const;
  return new ConnectionMetrics(
    new Counter({ name: 'failovers', help: 'test', labelNames: [...labelNames, 'reason'], registers }),
    new Gauge({ name: 'health', help: 'test', labelNames, registers }),
    new Gauge({ name: 'restricted', help: 'test', labelNames, registers }),
  );
}
