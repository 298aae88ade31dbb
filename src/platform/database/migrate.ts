import pg from 'pg';
import { DataSource } from 'typeorm';
import { MIGRATIONS } from './migrations.js';

const LOCK_KEY = 7_264_001;

/** Brings the schema up to date as its owner; two processes that start together wait for each other. */
export function migrateUp(ownerUrl: string): Promise<string[]> {
  return withOwner(ownerUrl, async (source) => {
    const done = await source.runMigrations({ transaction: 'each' });
    return done.map(({ name }) => name);
  });
}

/** Takes the newest migration back. */
export function migrateDown(ownerUrl: string): Promise<void> {
  return withOwner(ownerUrl, (source) => source.undoLastMigration({ transaction: 'each' }));
}

/** Whether the database lacks a migration this build knows. */
export function hasPendingMigrations(ownerUrl: string): Promise<boolean> {
  return withOwner(ownerUrl, (source) => source.showMigrations());
}

async function withOwner<T>(url: string, work: (source: DataSource) => Promise<T>): Promise<T> {
  const source = new DataSource({ type: 'postgres', driver: pg, url, migrations: MIGRATIONS, extra: { max: 2 } });
  await source.initialize();
  const lock = source.createQueryRunner();
  try {
    await lock.query('select pg_advisory_lock($1)', [LOCK_KEY]);
    return await work(source);
  } finally {
    await lock.release();
    await source.destroy();
  }
}
