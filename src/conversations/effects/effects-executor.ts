import { Injectable } from '@nestjs/common';
import { PathPool } from '../../platform/database/path-pool.js';
import { Loops } from '../../platform/loops/loops.js';
import { asTenantId } from '../../platform/tenancy/tenant-id.js';
import { Wake } from '../../platform/wake.js';
import { EffectRunner } from './effect-runner.js';

const BATCH = 16;
/** Transactions at once: as many as leave the API its share of the app pool. */
const CONCURRENCY = 4;

/** Finds pending effects across tenants; each then runs inside its own tenant. Any process may run any of them. */
@Injectable()
export class EffectsExecutor {
  constructor(
    loops: Loops,
    private readonly path: PathPool,
    private readonly runner: EffectRunner,
    private readonly wake: Wake,
  ) {
    loops.add({
      name: 'Effects',
      group: 'turns',
      topic: 'effects',
      round: async () => ((await this.runBatch()) > 0 ? 'more' : 'none'),
    });
  }

  /** @returns how many results were recorded */
  async runBatch(): Promise<number> {
    const found = await this.path.query<{ id: string; tenant_id: string }>(
      `select id::text, tenant_id from outbox
        where status = 'pending' and kind in ('action', 'api') and next_at <= now() order by id limit ${BATCH}`,
    );
    const rest = found.values();
    let recorded = 0;
    const worker = async () => {
      for (const { id, tenant_id } of rest) {
        if (!(await this.runner.run(asTenantId(tenant_id), id))) continue;
        recorded += 1;
        this.wake.signal('turns');
      }
    };
    const ended = await Promise.allSettled(Array.from({ length: Math.min(CONCURRENCY, found.length) }, worker));
    for (const end of ended) if (end.status === 'rejected') throw end.reason;
    return recorded;
  }
}
