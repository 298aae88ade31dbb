import { Injectable } from '@nestjs/common';
import { PathPool } from '../../platform/database/path-pool.js';
import { Loops } from '../../platform/loops/loops.js';
import { DeliveryMetrics } from '../delivery.metrics.js';

const EVERY_MS = 5000;

/** Figures for /metrics, cheap by the partial indexes. */
@Injectable()
export class OutboxGauges {
  constructor(
    private readonly path: PathPool,
    private readonly metrics: DeliveryMetrics,
    loops: Loops,
  ) {
    loops.add({ name: 'OutboxGauges', group: 'delivery', restMs: EVERY_MS, round: () => this.measure() });
  }

  async measure(): Promise<void> {
    const rows = await this.path.query<{ status: string; count: number; oldest: number | null }>(`
      select s.status, count(o.id)::int as count,
        extract(epoch from now() - min(o.unknown_at))::float8 as oldest
      from (values ('pending'), ('sending'), ('unknown')) as s(status)
      left join outbox o on o.status = s.status and o.status in ('pending', 'sending', 'unknown') and o.kind = 'send'
      group by s.status`);
    for (const { status, count } of rows) this.metrics.open.set({ status }, count);
    this.metrics.oldestUnknown.set(rows.find(({ status }) => status === 'unknown')?.oldest ?? 0);
  }
}
