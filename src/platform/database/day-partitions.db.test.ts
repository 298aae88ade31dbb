import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { keepDayPartitions } from './day-partitions.js';

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

const KEPT_DAYS = 30;
/** One row each: from before what is kept until long after the days that stood ready. */
const ROWS = {
  inbox: `insert into inbox (tenant_id, conversation_id, seq, kind, dedupe_key, body, received_at)
    select gen_random_uuid(), gen_random_uuid(), d, 'msg', d::text, '{}', now() - d * interval '1 day'
      from generate_series(0, 39) d`,
  message_log: `insert into message_log (id, tenant_id, kind, at, body)
    select d, gen_random_uuid(), 'message.in', now() - d * interval '1 day', '{}' from generate_series(0, 39) d`,
} as const;

describe.each(Object.keys(ROWS) as (keyof typeof ROWS)[])('the day partitions of %s', (table) => {
  const parts = async () =>
    (
      await db.owner.query<{ part: string }>(
        `select relid::text as part from pg_partition_tree($1) where isleaf order by 1`,
        [table],
      )
    ).rows.map(({ part }) => part);
  const timeOf = table === 'inbox' ? 'received_at' : 'at';
  const misplaced = async () =>
    (
      await db.owner.query(
        `select 1 from ${table} where tableoid::regclass::text <>
          $1 || '_' || to_char(${timeOf} at time zone 'UTC', 'YYYYMMDD')`,
        [table],
      )
    ).rows.length;
  const count = async () => (await db.owner.query(`select ${timeOf} from ${table}`)).rows.length;

  it('take in what lies in the default partition, whatever its days, and lose nothing that is kept', async () => {
    for (const part of await parts()) if (!part.endsWith('_default')) await db.owner.query(`drop table ${part}`);
    await db.owner.query(ROWS[table]);
    expect(await misplaced()).toBe(40);
    await keepDayPartitions(db.path, table, KEPT_DAYS);
    expect([await misplaced(), await count()]).toEqual([0, KEPT_DAYS + 1]);
  });

  it('are as they were when it is done again, also by two at once', async () => {
    const before = await parts();
    await Promise.all([1, 2].map(() => keepDayPartitions(db.path, table, KEPT_DAYS)));
    expect([await parts(), await misplaced(), await count()]).toEqual([before, 0, KEPT_DAYS + 1]);
  });

  it('stand ready for the coming week, with the indexes of the table', async () => {
    const { rows } = await db.owner.query(
      `select count(*)::int as ready, count(distinct (select count(*) from pg_index i where i.indrelid = p.relid))::int as kinds
         from pg_partition_tree($1) p
        where p.isleaf and p.relid::text >= $1 || '_' || to_char(now() at time zone 'UTC', 'YYYYMMDD')
          and p.relid::text not like '%default'`,
      [table],
    );
    expect(rows).toEqual([{ ready: 8, kinds: 1 }]);
  });
});
