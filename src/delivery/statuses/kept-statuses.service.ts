import { Inject, Injectable, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { ENV, type Env } from '../../platform/config/env.js';
import { isUnavailable } from '../../platform/database/connection-errors.js';
import { PathPool } from '../../platform/database/path-pool.js';
import { SpoolReplay } from '../../platform/spool/spool-replay.js';
import { Spool } from '../../platform/spool/spool.js';
import { Wake } from '../../platform/wake.js';
import { DeliveryStatusService, type StatusUpdate } from './delivery-status.service.js';

const ADOPT_MS = 30_000;

/**
 * The one way in for statuses, whatever provider they are from: durable when the call resolves, in Postgres or, while it
 * is down, on the disk (INV-1). Some providers send a status once and never again. Their order does not matter, so
 * nothing queues behind the disk.
 */
@Injectable()
export class KeptStatuses implements OnModuleInit, BeforeApplicationShutdown {
  private readonly spool: Spool<StatusUpdate>;
  private readonly replay: SpoolReplay<StatusUpdate>;

  constructor(
    @Inject(ENV) env: Env,
    path: PathPool,
    private readonly statuses: DeliveryStatusService,
    wake: Wake,
  ) {
    this.spool = new Spool(env.dataDir, 'spool-statuses', (kept) => ({ ...kept, at: new Date(kept.at) }));
    this.replay = new SpoolReplay(this.spool, path, (updates) => this.store(updates), isRefusal, wake);
  }

  async onModuleInit(): Promise<void> {
    await this.adopt();
  }

  /** Looks for what dead processes left on the disk. */
  @Interval(ADOPT_MS)
  async adopt(): Promise<void> {
    await this.spool.adopt();
    if (!this.spool.isEmpty) this.replay.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.replay.stop();
    await this.spool.close();
  }

  /**
   * @returns how many were about messages of ours; all of them while it cannot be looked up
   * @throws whatever Postgres refused; the provider then delivers again
   */
  async apply(updates: readonly StatusUpdate[]): Promise<{ matched: number }> {
    try {
      return await this.statuses.apply(updates);
    } catch (error) {
      if (!isUnavailable(error)) throw error;
    }
    await this.spool.append(updates);
    this.replay.start();
    return { matched: updates.length };
  }

  private async store(updates: readonly StatusUpdate[]): Promise<null[]> {
    await this.statuses.apply(updates);
    return updates.map(() => null);
  }
}

/** What cannot be stored is thrown for the whole batch and tried again; a status is refused only by what is not ours. */
function isRefusal(): boolean {
  return false;
}
