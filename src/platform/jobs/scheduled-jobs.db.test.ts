import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { ROLES } from '../../roles.js';
import { Clock } from '../clock.js';
import { readEnv } from '../config/env.js';
import { Loops } from '../loops/loops.js';
import { Wake } from '../wake.js';
import { DAY_MS, HOUR_MS, MINUTE_MS, ScheduledJobs, type ScheduledJob } from './scheduled-jobs.js';

class SetClock extends Clock {
  at = new Date('2026-03-02T03:00:00Z');

  override now(): Date {
    return this.at;
  }

  pass(ms: number): void {
    this.at = new Date(this.at.getTime() + ms);
  }
}

let db: TestDatabase;
let clock: SetClock;
let name: string;
beforeAll(async () => {
  db = await openTestDatabase();
});
beforeEach(() => {
  clock = new SetClock();
  name = `job-${randomUUID()}`;
});
afterAll(() => db.close());

/** One process with a job that runs each day at 03:20. */
function open({ role = 'all', run = async () => undefined }: { role?: string; run?: ScheduledJob['run'] } = {}) {
  const runs: Date[] = [];
  const loops = new Loops(readEnv({ ROLE: role }, ROLES), new Wake());
  const jobs = new ScheduledJobs(db.path, clock, loops);
  const job: ScheduledJob = {
    name,
    group: 'jobs',
    everyMs: DAY_MS,
    offsetMs: 3 * HOUR_MS + 20 * MINUTE_MS,
    run: async (signal) => {
      runs.push(clock.now());
      await run(signal);
    },
  };
  jobs.add(job);
  return { runs, loops, look: (signal = AbortSignal.any([])) => jobs.runIfDue(job, signal) };
}

describe('a scheduled job', () => {
  it('runs when it never ran, and then at its hour', async () => {
    const { look, runs } = open();
    expect([await look(), await look()]).toEqual([true, false]);
    clock.pass(19 * MINUTE_MS);
    expect(await look()).toBe(false);
    clock.pass(MINUTE_MS);
    expect([await look(), await look()]).toEqual([true, false]);
    expect(runs.map((at) => at.toISOString())).toEqual(['2026-03-02T03:00:00.000Z', '2026-03-02T03:20:00.000Z']);
  });

  it('runs at the start after nine days off: at once, and once in all the processes that start', async () => {
    const before = open();
    await before.look();
    clock.pass(9 * DAY_MS);
    const processes = [open(), open(), open()];
    for (const { loops } of processes) loops.start();
    await Promise.all(processes.map(({ loops }) => loops.stop()));
    expect(processes.flatMap(({ runs }) => runs)).toEqual([clock.now()]);
    clock.pass(20 * MINUTE_MS);
    expect(await open().look()).toBe(true);
  });

  it('is tried again soon after it failed', async () => {
    let isBroken = true;
    const { look, runs } = open({
      run: async () => {
        if (isBroken) throw new Error('not today');
      },
    });
    expect(await look()).toBe(true);
    clock.pass(4 * MINUTE_MS);
    expect(await look()).toBe(false);
    clock.pass(MINUTE_MS);
    isBroken = false;
    expect([await look(), await look()]).toEqual([true, false]);
    expect(runs).toHaveLength(2);
  });

  it('is taken up by another process when its own is told to stop, and when it died', async () => {
    const stopping = new AbortController();
    const stopped = open({
      run: async (signal) => {
        stopping.abort();
        signal.throwIfAborted();
      },
    });
    await stopped.look(stopping.signal);
    const gate = Promise.withResolvers<void>();
    const frozen = open({ run: () => gate.promise });
    const running = frozen.look();
    await expect.poll(() => frozen.runs).toHaveLength(1);
    expect(await open().look()).toBe(false);
    clock.pass(15 * MINUTE_MS);
    expect(await open().look()).toBe(true);
    // Back from the dead, it does not set what the other has set.
    gate.resolve();
    await running;
    expect(await open().look()).toBe(false);
  });

  it('runs in no process whose role is not for it', async () => {
    const { loops, runs } = open({ role: 'api' });
    loops.start();
    await loops.stop();
    expect(runs).toEqual([]);
  });
});
