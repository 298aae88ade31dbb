import { execFile } from 'node:child_process';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/support/postgres.js';
import { hasPendingMigrations } from '../platform/database/migrate.js';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

function migrate(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const env = { PATH: process.env['PATH'], DATABASE_URL: database.url };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, ['dist/cli/migrate.js', ...args], { env }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
    });
    child.stdin?.end();
  });
}

it('`down` says what it would drop and changes nothing until somebody agrees', async () => {
  const asked = await migrate('down');
  expect(asked).toMatchObject({ code: 1, err: expect.stringContaining('--yes') });
  expect(asked.out).toMatch(/goes back\.\nFor good, with what is in it:\n {2}(table|column) /);
  expect(await hasPendingMigrations(database.url)).toBe(false);
});

it('`down --yes` takes it back', async () => {
  expect(await migrate('down', '--yes')).toMatchObject({ code: 0, out: expect.stringContaining('Took') });
  expect(await hasPendingMigrations(database.url)).toBe(true);
});
