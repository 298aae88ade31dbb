import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../clock.js';
import { PathPool } from '../database/path-pool.js';
import { Loops } from '../loops/loops.js';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

const LOOK_MS = MINUTE_MS;
/** Longer than any run takes; one whose process died is begun again after it. */
const LEASE_MS = 15 * MINUTE_MS;
const RETRY_MS = 5 * MINUTE_MS;

export type ScheduledJob = {
  readonly name: string;
  /** Which of a role's loops it belongs to. */
  readonly group: string;
  readonly everyMs: number;
  /** After the full period in UTC: midnight for one that runs every day. */
  readonly offsetMs?: number;
  /** May run again after a run that failed half-way. Throws when the signal aborts: the next process goes on. */
  run(signal: AbortSignal): Promise<void>;
};

/**
 * Jobs that run at their hour, in one process of all that could. `scheduled_job` says when each is due next, so one whose
 * hour passed while nothing ran, or that never ran, runs as soon as a process starts:
 *
 *   due ── claimed ──→ leased ── done ───────────────→ due at its next hour
 *                             ── failed ─────────────→ due in 5 minutes
 *                             ── the process stops ──→ due now
 *                             ── the process died ───→ due in 15 minutes
 */
@Injectable()
export class ScheduledJobs {
  private readonly logger = new Logger('Jobs');

  constructor(
    private readonly path: PathPool,
    private readonly clock: Clock,
    private readonly loops: Loops,
  ) {}

  /** Called when the class that has the job is made. */
  add(job: ScheduledJob): void {
    const loop = this.loops.add({
      name: 'Jobs',
      group: job.group,
      restMs: LOOK_MS,
      round: async () => void (await this.runIfDue(job, loop.signal)),
    });
  }

  /** @returns whether it was due and nobody else had it */
  async runIfDue(job: ScheduledJob, signal: AbortSignal): Promise<boolean> {
    const now = this.clock.now();
    const leaseEndsAt = new Date(now.getTime() + LEASE_MS);
    const claimed = await this.path.query(CLAIM, [job.name, now, leaseEndsAt]);
    if (claimed.length === 0) return false;
    const nextAt = await this.run(job, signal);
    await this.path.query('update scheduled_job set next_at = $3 where name = $1 and next_at = $2', [
      job.name,
      leaseEndsAt,
      nextAt,
    ]);
    return true;
  }

  /** @returns when it is due again */
  private async run({ name, everyMs, offsetMs = 0, run }: ScheduledJob, signal: AbortSignal): Promise<Date> {
    try {
      await run(signal);
    } catch (error) {
      if (signal.aborted) return this.clock.now();
      this.logger.error({ err: error, job: name }, 'a job failed and is tried again');
      return new Date(this.clock.now().getTime() + Math.min(RETRY_MS, everyMs));
    }
    const periods = Math.floor((this.clock.now().getTime() - offsetMs) / everyMs);
    return new Date((periods + 1) * everyMs + offsetMs);
  }
}

/** Locks nothing while the job is not due. */
const CLAIM = `
  insert into scheduled_job as j (name, next_at)
  select $1, $3 where not exists (select from scheduled_job where name = $1 and next_at > $2)
  on conflict (name) do update set next_at = excluded.next_at where j.next_at <= $2
  returning 1`;
