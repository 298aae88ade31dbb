import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import type { PgBoss } from 'pg-boss';
import { ENV, roleRuns, type Env } from '../config/env.js';
import { OwnerDatabase } from '../database/owner-database.js';

type Job = { readonly name: string; readonly cron: string; run(): Promise<void> };

/**
 * Background jobs on pg-boss, in a schema of their own: retried, never run twice at once, kept over a restart.
 * Turns and sends never go this way (docs/architecture.md, The message path).
 */
@Injectable()
export class JobsService implements BeforeApplicationShutdown {
  private readonly jobs: Job[] = [];
  private boss: PgBoss | undefined;
  private starting: Promise<void> = Promise.resolve();

  constructor(
    @Inject(ENV) private readonly env: Env,
    private readonly owner: OwnerDatabase,
  ) {}

  /** Declares a job at module init. @param cron five fields, UTC */
  schedule(name: string, cron: string, run: () => Promise<void>): void {
    this.jobs.push({ name, cron, run });
  }

  /** Called once, after the server listens: pg-boss takes its time and nobody waits for it. */
  start(onError: (error: Error) => void): Promise<void> {
    this.starting = this.open(onError);
    return this.starting;
  }

  async beforeApplicationShutdown(): Promise<void> {
    // A stop that overtakes the start would leave its workers behind.
    await this.starting.catch(() => undefined);
    await this.boss?.stop({ graceful: true, timeout: 5000 });
  }

  private async open(onError: (error: Error) => void): Promise<void> {
    if (!roleRuns(this.env.role, 'jobs') || this.jobs.length === 0) return;
    const { PgBoss } = await import('pg-boss');
    const boss = new PgBoss({ connectionString: this.owner.url, max: 2, schema: 'jobs' });
    boss.on('error', onError);
    this.boss = boss;
    await boss.start();
    for (const { name, cron, run } of this.jobs) {
      await boss.createQueue(name, { policy: 'singleton', retryLimit: 3, retryBackoff: true });
      await boss.work(name, { pollingIntervalSeconds: 30 }, async () => run());
      await boss.schedule(name, cron);
    }
  }
}
