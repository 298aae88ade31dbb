import { setTimeout as delay } from 'node:timers/promises';
import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { ENV, roleRuns, type Env } from '../../platform/config/env.js';
import { PathPool } from '../../platform/database/path-pool.js';
import { asTenantId } from '../../platform/tenancy/tenant-id.js';
import { Wake } from '../../platform/wake.js';
import { EffectRunner } from './effect-runner.js';

const BATCH = 16;
/** Transactions at once: as many as leave the API its share of the app pool. */
const CONCURRENCY = 4;
const DOWN_RETRY_MS = 250;

/** Finds pending effects across tenants; each then runs inside its own tenant. Any process may run any of them. */
@Injectable()
export class EffectsExecutor implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Effects');
  private readonly stopping = new AbortController();
  private loop: Promise<void> = Promise.resolve();

  constructor(
    @Inject(ENV) private readonly env: Env,
    private readonly path: PathPool,
    private readonly runner: EffectRunner,
    private readonly wake: Wake,
  ) {}

  onApplicationBootstrap(): void {
    if (roleRuns(this.env.role, 'turns')) this.start();
  }

  start(): void {
    this.loop = this.run();
  }

  /** Finishes the effects in hand and takes no more. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.loop;
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      try {
        if ((await this.runBatch()) > 0) this.wake.found('effects');
        else await this.wake.untilLook('effects', this.stopping.signal);
      } catch (error) {
        this.logger.warn(`Effects wait: ${error instanceof Error ? error.message : String(error)}`);
        await delay(DOWN_RETRY_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      }
    }
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
