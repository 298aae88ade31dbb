import type { PathPool } from './path-pool.js';

/** Partitions that stand ready ahead of time. */
const DAYS_AHEAD = 7;
/** For one day's rows that have to be moved; nobody waits that long for anything else. */
const MOVE_TIMEOUT_MS = 10 * 60_000;

/**
 * Makes the next days' partitions, moves what lies in the default partition into its days', and drops the days that are
 * over. Whoever reads or writes the table waits while a day is moved, which happens only after an absence.
 */
export async function keepDayPartitions(path: PathPool, table: string, keptDays: number): Promise<void> {
  let isMore = true;
  while (isMore) {
    isMore = await path.transaction(async (client) => {
      await client.query(`set local statement_timeout = ${MOVE_TIMEOUT_MS}`);
      const { rows } = await client.query<{ isMore: boolean }>('select ensure_day_partitions($1, $2) as "isMore"', [
        table,
        DAYS_AHEAD,
      ]);
      return rows[0]?.isMore ?? false;
    });
  }
  await path.query('select drop_day_partitions($1, $2)', [table, keptDays]);
}
