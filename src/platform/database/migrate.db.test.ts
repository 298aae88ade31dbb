import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { hasPendingMigrations, migrateDown, migrateUp } from './migrate.js';
import { MIGRATIONS } from './migrations.js';

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

const SHAPE = `
  select table_name, column_name, data_type, is_nullable from information_schema.columns
   where table_schema = 'public' and table_name !~ '_[0-9]{8}$' order by 1, 2`;

it('takes every migration back and applies it again to the same schema', async () => {
  const before = await db.owner.query(SHAPE);
  for (let taken = 0; taken < MIGRATIONS.length; taken += 1) await migrateDown(db.url);
  const emptied = await db.owner.query(
    `select table_name from information_schema.tables where table_schema = 'public' and table_name <> 'migrations'`,
  );
  expect(emptied.rows).toEqual([]);
  expect(await hasPendingMigrations(db.url)).toBe(true);
  expect(await migrateUp(db.url)).toHaveLength(MIGRATIONS.length);
  expect(await hasPendingMigrations(db.url)).toBe(false);
  const after = await db.owner.query(SHAPE);
  expect(after.rows).toEqual(before.rows);
});

it('lets two processes that start together migrate once', async () => {
  await migrateDown(db.url);
  const done = await Promise.all([migrateUp(db.url), migrateUp(db.url)]);
  expect(done.flat()).toHaveLength(1);
});
