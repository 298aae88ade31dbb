import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { readEnv } from '../config/env.js';
import { JobsService } from './jobs.service.js';

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

const unexpected = (error: Error) => {
  throw error;
};

it('keeps a declared job with its times in a schema of its own', async () => {
  const jobs = new JobsService(readEnv({}), db.ownerDatabase);
  jobs.schedule('sweep', '15 3 * * *', async () => undefined);
  await jobs.start(unexpected);
  await jobs.beforeApplicationShutdown();
  const { rows } = await db.owner.query('select name, cron from jobs.schedule');
  expect(rows).toEqual([{ name: 'sweep', cron: '15 3 * * *' }]);
});

it('starts nothing in a role that does not keep house', async () => {
  const jobs = new JobsService(readEnv({ ROLE: 'api', DATABASE_URL: db.url }), db.ownerDatabase);
  jobs.schedule('never', '* * * * *', async () => undefined);
  await jobs.start(unexpected);
  await jobs.beforeApplicationShutdown();
  const { rows } = await db.owner.query(`select 1 from jobs.schedule where name = 'never'`);
  expect(rows).toEqual([]);
});

it('waits for its own start before it stops', async () => {
  const jobs = new JobsService(readEnv({}), db.ownerDatabase);
  jobs.schedule('late', '0 4 * * *', async () => undefined);
  const starting = jobs.start(unexpected);
  await jobs.beforeApplicationShutdown();
  await starting;
});
