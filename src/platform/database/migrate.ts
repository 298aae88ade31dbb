import pg from 'pg';
import { DataSource, type QueryRunner } from 'typeorm';
import { MIGRATIONS } from './migrations.js';

const LOCK_KEY = 7_264_001;
const CONNECT_TIMEOUT_MS = 10_000;

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

export type Loss = {
  readonly migration: string;
  /** Such as `table note (12 rows)` and `column note.title`. */
  readonly dropped: readonly string[];
};

/** What taking the newest migration back would drop: tried in a transaction that is undone. Null: there is none. */
export function previewDown(ownerUrl: string): Promise<Loss | null> {
  return withOwner(ownerUrl, async (source) => {
    const runner = source.createQueryRunner();
    try {
      const done: { name: string }[] = await runner.query('select name from migrations order by id desc limit 1');
      const newest = source.migrations.find((migration) => migration.constructor.name === done[0]?.name);
      if (!newest) return null;
      await runner.startTransaction();
      const before = await columnsOf(runner);
      await newest.down(runner);
      const after = new Set((await columnsOf(runner)).map(nameOf));
      await runner.rollbackTransaction();
      const lost = before.filter((column) => !after.has(nameOf(column)));
      return {
        migration: newest.constructor.name,
        dropped: await describe(runner, lost, new Set([...after].map(tableOf))),
      };
    } finally {
      await runner.release();
    }
  });
}

type Column = { readonly table: string; readonly column: string };
const nameOf = ({ table, column }: Column) => `${table}.${column}`;
const tableOf = (name: string) => name.split('.')[0];

/** Of tables, partitions left out. */
function columnsOf(runner: QueryRunner): Promise<Column[]> {
  return runner.query(
    `select c.relname as table, a.attname as column from pg_class c join pg_namespace n on n.oid = c.relnamespace
       join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition order by 1, a.attnum`,
  );
}

async function describe(
  runner: QueryRunner,
  lost: readonly Column[],
  kept: ReadonlySet<string | undefined>,
): Promise<string[]> {
  const lines = lost.filter(({ table }) => kept.has(table)).map((column) => `column ${nameOf(column)}`);
  for (const table of new Set(lost.map((column) => column.table).filter((name) => !kept.has(name)))) {
    const [counted]: { rows: string }[] = await runner.query(`select count(*) as rows from "${table}"`);
    lines.push(`table ${table} (${counted?.rows ?? 0} rows)`);
  }
  return lines;
}

/** Whether the database lacks a migration this build knows. */
export function hasPendingMigrations(ownerUrl: string): Promise<boolean> {
  return withOwner(ownerUrl, (source) => source.showMigrations());
}

async function withOwner<T>(url: string, work: (source: DataSource) => Promise<T>): Promise<T> {
  const source = new DataSource({
    type: 'postgres',
    driver: pg,
    url,
    migrations: MIGRATIONS,
    extra: { max: 2 },
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
  });
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
