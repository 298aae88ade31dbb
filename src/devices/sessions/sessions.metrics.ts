import { Injectable } from '@nestjs/common';
import { InjectMetric, makeCounterProvider, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge } from 'prom-client';
import type { SessionState } from './session-state.js';

const OPEN = 'dashoffice_linked_session_open';
const AGE = 'dashoffice_linked_session_age_seconds';
const CLOSES = 'dashoffice_linked_session_closes_total';

/** Of the sessions this process holds; a connection's id says nothing about a tenant (INV-8). */
@Injectable()
export class SessionMetrics {
  constructor(
    @InjectMetric(OPEN) private readonly open: Gauge<'connection'>,
    @InjectMetric(AGE) private readonly age: Gauge<'connection'>,
    @InjectMetric(CLOSES) private readonly closes: Counter<'connection' | 'reason'>,
  ) {}

  state(connection: string, state: SessionState): void {
    this.open.set({ connection }, state === 'open' ? 1 : 0);
  }

  aged(connection: string, seconds: number): void {
    this.age.set({ connection }, seconds);
  }

  /** @param reason from the table of close codes, so there are few */
  closed(connection: string, reason: string): void {
    this.closes.inc({ connection, reason });
  }

  /** Another process speaks of it from here on. */
  gone(connection: string): void {
    this.open.remove({ connection });
    this.age.remove({ connection });
  }
}

export const SESSION_METRIC_PROVIDERS = [
  makeGaugeProvider({ name: OPEN, help: 'Whether a linked device held here is open', labelNames: ['connection'] }),
  makeGaugeProvider({ name: AGE, help: 'How long a linked device has been linked', labelNames: ['connection'] }),
  makeCounterProvider({
    name: CLOSES,
    help: 'Ends of sockets of linked devices, by reason',
    labelNames: ['connection', 'reason'],
  }),
];
