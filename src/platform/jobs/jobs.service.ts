import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import type { Job, JobResult, PgBoss } from 'pg-boss';
import { ENV, type Env } from '../config/env.js';
import { OwnerDatabase } from '../database/owner-database.js';

type Queue = { readonly name: string; run(data: unknown): Promise<void> };

/** A batch waits for its slowest job, so many small ones: 40 jobs in hand, and a slow one holds up four others. */
const WORKERS_PER_QUEUE = 8;
const BATCH_SIZE = 5;
/** For what another process added; jobs added here wake the workers here. */
const POLL_S = 5;

/**
 * Queues of background jobs on pg-boss, in a schema of their own: retried, kept over a restart. What runs at its hour is
 * in ScheduledJobs. What somebody waits for in a chat never goes this way (docs/architecture.md, The message path).
 */
@Injectable()
export class JobsService implements BeforeApplicationShutdown {
  private readonly queues: Queue[] = [];
  private boss: PgBoss | undefined;
  /** Of the queues that are open here: the id pg-boss wakes their workers by. */
  private readonly workers = new Map<string, string>();
  private starting: Promise<void> = Promise.resolve();

  constructor(
    @Inject(ENV) private readonly env: Env,
    private readonly owner: OwnerDatabase,
  ) {}

  /** Declares a queue at module init. A job may run twice: `run` has to make that harmless. */
  serve(name: string, run: (data: unknown) => Promise<void>): void {
    this.queues.push({ name, run });
  }

  /** Whether this process can hand jobs to the queue. */
  isOpen(queue: string): boolean {
    return this.workers.has(queue);
  }

  /** Hands jobs to a queue, to be run as soon as possible. @returns false while this process has no pg-boss open */
  async add(queue: string, jobs: readonly object[]): Promise<boolean> {
    const workers = this.workers.get(queue);
    if (!this.boss || !workers) return false;
    await this.boss.insert(
      queue,
      jobs.map((data) => ({ data })),
    );
    this.boss.notifyWorker(workers);
    return true;
  }

  /** Called once, after the server listens: pg-boss takes its time and nobody waits for it. */
  start(onError: (error: Error) => void): Promise<void> {
    this.starting = this.open(onError);
    return this.starting;
  }

  async beforeApplicationShutdown(): Promise<void> {
    // A stop that overtakes the start would leave its workers behind.
    await this.starting.catch(() => undefined);
    this.workers.clear();
    await this.boss?.stop({ graceful: true, timeout: 5000 });
  }

  private async open(onError: (error: Error) => void): Promise<void> {
    if (!this.env.loops.has('jobs') || this.queues.length === 0) return;
    const { PgBoss } = await import('pg-boss');
    const boss = new PgBoss({ connectionString: this.owner.url, max: 2, schema: 'jobs', schedule: false });
    boss.on('error', onError);
    this.boss = boss;
    await boss.start();
    for (const queue of this.queues) this.workers.set(queue.name, await openQueue(boss, queue));
  }
}

/** @returns what `notifyWorker` wakes its workers by */
async function openQueue(boss: PgBoss, { name, run }: Queue): Promise<string> {
  await boss.createQueue(name, { retryLimit: 3, retryDelay: 5, retryBackoff: true, deleteAfterSeconds: 3600 });
  const options = {
    batchSize: BATCH_SIZE,
    localConcurrency: WORKERS_PER_QUEUE,
    pollingIntervalSeconds: POLL_S,
    burstWhenBatchFull: true,
    perJobResults: true,
  } as const;
  return boss.work(name, options, (batch) => Promise.all(batch.map((job) => settle(job, run))));
}

/** One job of a batch that fails is tried again by itself. */
async function settle({ id, data }: Job<unknown>, run: Queue['run']): Promise<JobResult> {
  try {
    await run(data);
    return { id, status: 'completed' };
  } catch (error) {
    return { id, status: 'failed', output: { message: error instanceof Error ? error.message : String(error) } };
  }
}
