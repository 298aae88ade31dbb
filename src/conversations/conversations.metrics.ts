import { Injectable } from '@nestjs/common';
import {
  InjectMetric,
  makeCounterProvider,
  makeGaugeProvider,
  makeHistogramProvider,
} from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge, Histogram } from 'prom-client';
import type { BatchResult } from './turns/claimed.js';

/** Figures of the message path; no label names a tenant, a bot or a person. */
@Injectable()
export class ConversationMetrics {
  constructor(
    @InjectMetric('dashoffice_turns_total') private readonly turns: Counter<'result'>,
    @InjectMetric('dashoffice_turn_batch_seconds') private readonly batches: Histogram,
    @InjectMetric('dashoffice_path_problems_total') private readonly problems: Counter<'problem'>,
    @InjectMetric('dashoffice_oldest_unread_seconds') private readonly oldestUnread: Gauge,
    @InjectMetric('dashoffice_spool_bytes') private readonly spool: Gauge,
  ) {}

  countBatch({ turns, failures }: BatchResult, tookSeconds: number): void {
    this.turns.inc({ result: 'done' }, turns);
    if (failures > 0) this.turns.inc({ result: 'failed' }, failures);
    this.batches.observe(tookSeconds);
  }

  /** Conversations with unread messages that nobody would have come for: must stay 0. */
  countStranded(conversations: number): void {
    this.problems.inc({ problem: 'stranded' }, conversations);
  }

  countReadModelError(): void {
    this.problems.inc({ problem: 'read_model' });
  }

  showOldestUnread(ageSeconds: number): void {
    this.oldestUnread.set(ageSeconds);
  }

  showSpool(sizeBytes: number): void {
    this.spool.set(sizeBytes);
  }
}

export const conversationMetricProviders = [
  makeCounterProvider({ name: 'dashoffice_turns_total', help: 'Turns of conversations', labelNames: ['result'] }),
  makeHistogramProvider({
    name: 'dashoffice_turn_batch_seconds',
    help: 'From the claim of a batch of conversations to its commit',
    buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
  }),
  makeCounterProvider({
    name: 'dashoffice_path_problems_total',
    help: 'stranded: re-armed by the sweeper, must be 0; read_model: not written to Redis',
    labelNames: ['problem'],
  }),
  makeGaugeProvider({ name: 'dashoffice_oldest_unread_seconds', help: 'Age of the oldest message no turn has taken' }),
  makeGaugeProvider({ name: 'dashoffice_spool_bytes', help: 'Messages on disk, waiting for Postgres' }),
  ConversationMetrics,
];
