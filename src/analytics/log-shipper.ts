import { Injectable } from '@nestjs/common';
import { withAdvisoryLock } from '../platform/database/advisory-lock.js';
import { PathPool } from '../platform/database/path-pool.js';
import { DAY_MS, HOUR_MS, MINUTE_MS, ScheduledJobs } from '../platform/jobs/scheduled-jobs.js';
import { Loops } from '../platform/loops/loops.js';
import { MessageLog } from './message-log.js';

const EVERY_MS = 1000;

/** Carries logged events to the message log, in one process at a time; what cannot go now goes later. */
@Injectable()
export class LogShipper {
  constructor(path: PathPool, log: MessageLog, jobs: ScheduledJobs, loops: Loops) {
    jobs.add({
      name: 'message-log-partitions',
      group: 'jobs',
      everyMs: DAY_MS,
      offsetMs: 3 * HOUR_MS + 15 * MINUTE_MS,
      run: () => log.keepPartitions(),
    });
    loops.add({
      name: 'LogShipper',
      group: 'jobs',
      restMs: EVERY_MS,
      round: async () => void (await withAdvisoryLock(path, 'message-log-shipping', () => log.ship())),
    });
  }
}
