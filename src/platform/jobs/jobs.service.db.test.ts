import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { until } from '../../../test/support/until.js';
import { readEnv } from '../config/env.js';
import { ROLES } from '../../roles.js';
import { JobsService } from './jobs.service.js';

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

const unexpected = (error: Error) => {
  throw error;
};

it('keeps its queues in a schema of its own', async () => {
  const jobs = new JobsService(readEnv({}, ROLES), db.ownerDatabase);
  jobs.serve('letters', async () => undefined);
  await jobs.start(unexpected);
  await jobs.beforeApplicationShutdown();
  const { rows } = await db.owner.query(`select name from jobs.queue where name = 'letters'`);
  expect(rows).toEqual([{ name: 'letters' }]);
});

it('starts nothing in a role that does not keep house', async () => {
  const jobs = new JobsService(readEnv({ ROLE: 'api', DATABASE_URL: db.url }, ROLES), db.ownerDatabase);
  jobs.serve('never', async () => undefined);
  await jobs.start(unexpected);
  await jobs.beforeApplicationShutdown();
  const { rows } = await db.owner.query(`select 1 from jobs.queue where name = 'never'`);
  expect(rows).toEqual([]);
});

it('waits for its own start before it stops', async () => {
  const jobs = new JobsService(readEnv({}, ROLES), db.ownerDatabase);
  jobs.serve('late', async () => undefined);
  const starting = jobs.start(unexpected);
  await jobs.beforeApplicationShutdown();
  await starting;
});

it('runs what is added to a queue, and what failed again', async () => {
  const jobs = new JobsService(readEnv({}, ROLES), db.ownerDatabase);
  const seen: unknown[] = [];
  jobs.serve('parcels', async (data) => {
    seen.push(data);
    if (seen.length === 1) throw new Error('the first time');
  });
  expect(await jobs.add('parcels', [{ n: 1 }])).toBe(false);
  await jobs.start(unexpected);
  await db.owner.query(`update jobs.queue set retry_delay = 0, retry_backoff = false where name = 'parcels'`);
  expect(await jobs.add('parcels', [{ n: 1 }])).toBe(true);
  await until('the second try', async () => seen.length === 2);
  await jobs.beforeApplicationShutdown();
  expect(seen).toEqual([{ n: 1 }, { n: 1 }]);
  expect(await jobs.add('parcels', [{ n: 2 }])).toBe(false);
});
