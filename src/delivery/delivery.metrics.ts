import { Injectable } from '@nestjs/common';
import {
  InjectMetric,
  makeCounterProvider,
  makeGaugeProvider,
  makeHistogramProvider,
} from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge, Histogram } from 'prom-client';

const SENDS = 'dashoffice_provider_sends_total';
const LATENCY = 'dashoffice_provider_send_duration_seconds';
const OPEN = 'dashoffice_outbox_open_messages';
const UNCONFIRMED = 'dashoffice_unconfirmed_messages_total';
const OLDEST_UNKNOWN = 'dashoffice_outbox_oldest_unknown_seconds';

/** `outcome` is accepted, unknown, deferred or a rejection class; `connection` its id, never a name (INV-8). */
@Injectable()
export class DeliveryMetrics {
  constructor(
    @InjectMetric(SENDS) readonly sends: Counter<'provider' | 'connection' | 'outcome'>,
    @InjectMetric(LATENCY) readonly latency: Histogram<'provider'>,
    @InjectMetric(OPEN) readonly open: Gauge<'status'>,
    @InjectMetric(OLDEST_UNKNOWN) readonly oldestUnknown: Gauge,
    @InjectMetric(UNCONFIRMED) readonly unconfirmed: Counter<'provider' | 'connection'>,
  ) {}
}

export const DELIVERY_METRIC_PROVIDERS = [
  makeCounterProvider({
    name: SENDS,
    help: 'Send attempts by outcome',
    labelNames: ['provider', 'connection', 'outcome'],
  }),
  makeHistogramProvider({
    name: LATENCY,
    help: 'Time a provider took to answer a send',
    labelNames: ['provider'],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  }),
  makeGaugeProvider({ name: OPEN, help: 'Messages not yet settled, by status', labelNames: ['status'] }),
  makeCounterProvider({
    name: UNCONFIRMED,
    help: 'Messages that were accepted and never reported on, ended as unknown',
    labelNames: ['provider', 'connection'],
  }),
  makeGaugeProvider({ name: OLDEST_UNKNOWN, help: 'Age of the oldest send whose outcome is not known' }),
];
