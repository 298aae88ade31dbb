import type { MigrationInterface, QueryRunner } from 'typeorm';
import { PATH_ROLE, protect } from '../src/platform/database/row-level-security.js';

/**
 * The housekeeping recovers from any absence: `scheduled_job` says when each job is due, and day partitions are made also
 * for days whose rows lie in the default partition already.
 */
export class Maintenance1764000000021 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table scheduled_job (
        name text primary key,
        next_at timestamptz not null
      );
      comment on table scheduled_job is 'Of the installation, not of a tenant';
      comment on column scheduled_job.next_at is 'When it is due; while it runs, when its lease ends';

      drop function ensure_day_partitions(regclass, int);
      -- Moves the rows of at most one day beyond the needed ones, so that nobody waits for long; true: there are more.
      -- Locked is the parent, not only where the rows lie: a reader that had looked the partitions up already would find
      -- the rows neither where they were nor where they are.
      create function ensure_day_partitions(parent regclass, days_ahead int) returns boolean
        language plpgsql security definer set search_path = public as $$
      declare
        today constant date := (now() at time zone 'UTC')::date;
        spare regclass; key name; part name; day date; stray date; is_stray boolean;
      begin
        perform pg_advisory_xact_lock(hashtextextended('day partitions of ' || parent::text, 0));
        select p.partdefid::regclass, a.attname into strict spare, key from pg_partitioned_table p
          join pg_attribute a on a.attrelid = p.partrelid and a.attnum = p.partattrs[0] where p.partrelid = parent;
        execute format('select max((%I at time zone ''UTC'')::date) from %s
          where (%I at time zone ''UTC'')::date not between $1 and $2', key, spare, key)
          into stray using today - 1, today + days_ahead;
        for day in select d::date from generate_series(today - 1, today + days_ahead, interval '1 day') d
          union select stray where stray is not null
        loop
          part := parent::text || '_' || to_char(day, 'YYYYMMDD');
          continue when day is distinct from stray and to_regclass(quote_ident(part)) is not null;
          execute format('lock table only %s in access exclusive mode', parent);
          execute format('create table %I (like %s including defaults including constraints)', part, parent);
          execute format('with moved as (delete from only %s where %I >= %L and %I < %L returning *)
            insert into %I select * from moved', spare, key, day::timestamp at time zone 'UTC',
            key, (day + 1)::timestamp at time zone 'UTC', part);
          execute format('alter table %s attach partition %I for values from (%L) to (%L)', parent, part,
            day::timestamp at time zone 'UTC', (day + 1)::timestamp at time zone 'UTC');
        end loop;
        execute format('select exists (select from %s)', spare) into is_stray;
        return is_stray and stray is not null;
      end $$;
      revoke all on function ensure_day_partitions(regclass, int) from public;
      grant execute on function ensure_day_partitions(regclass, int) to ${PATH_ROLE};`);
    await db.query(protect('scheduled_job', { app: null, path: 'select, insert, update' }));
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop table scheduled_job;
      drop function ensure_day_partitions(regclass, int);
      create function ensure_day_partitions(parent regclass, days_ahead int) returns void
        language plpgsql security definer set search_path = public as $$
      declare day date;
      begin
        for day in select generate_series(current_date - 1, current_date + days_ahead, interval '1 day')::date loop
          execute format('create table if not exists %I partition of %s for values from (%L) to (%L)',
            parent::text || '_' || to_char(day, 'YYYYMMDD'), parent, day::timestamp at time zone 'UTC',
            (day + 1)::timestamp at time zone 'UTC');
        end loop;
      end $$;
      revoke all on function ensure_day_partitions(regclass, int) from public;
      grant execute on function ensure_day_partitions(regclass, int) to ${PATH_ROLE};`);
  }
}
