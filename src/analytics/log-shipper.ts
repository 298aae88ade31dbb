import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { ENV, roleRuns, type Env } from '../platform/config/env.js';
import { withAdvisoryLock } from '../platform/database/advisory-lock.js';
import { PathPool } from '../platform/database/path-pool.js';
import { JobsService } from '../platform/jobs/jobs.service.js';
import { MessageLog } from './message-log.js';

const EVERY_MS = 1000;

/** Carries logged events to the message log, in one process at a time; what cannot go now goes later. */
@Injectable()
export class LogShipper implements OnApplicationBootstrap {
  private readonly logger = new Logger(LogShipper.name);
  private isShipping = false;

  constructor(
    @Inject(ENV) private readonly env: Env,
    private readonly path: PathPool,
    private readonly log: MessageLog,
    private readonly jobs: JobsService,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.jobs.schedule('message-log-partitions', '15 3 * * *', () => this.log.keepPartitions());
    if (roleRuns(this.env.role, 'jobs')) await this.log.keepPartitions();
  }

  @Interval(EVERY_MS)
  async tick(): Promise<void> {
    if (this.isShipping || !roleRuns(this.env.role, 'jobs')) return;
    this.isShipping = true;
    try {
      await withAdvisoryLock(this.path, 'message-log-shipping', () => this.log.ship());
    } catch (error) {
      this.logger.warn(`Shipping waits: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      this.isShipping = false;
    }
  }
}
