import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../support/database.js';

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

/** Nobody's rows: what the installation itself keeps. */
const OF_THE_INSTALLATION = ['encryption_canary', 'tenant', 'scheduled_job'];

const TABLES = `
  select c.relname as name, c.relrowsecurity as locked,
         exists (select 1 from pg_policy p where p.polrelid = c.oid) as has_policy,
         exists (select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id') as has_tenant
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition and c.relname <> 'migrations'
   order by 1`;

describe('INV-8: every table', () => {
  it('is locked by row-level security with a policy, and says whose a row is', async () => {
    const { rows } = await db.owner.query<{ name: string; locked: boolean; has_policy: boolean; has_tenant: boolean }>(
      TABLES,
    );
    expect(rows.length).toBeGreaterThan(15);
    const open = rows.filter(({ locked, has_policy }) => !locked || !has_policy).map(({ name }) => name);
    expect(open).toEqual([]);
    const ownerless = rows
      .filter(({ has_tenant, name }) => !has_tenant && !OF_THE_INSTALLATION.includes(name))
      .map(({ name }) => name);
    expect(ownerless).toEqual([]);
  });

  it('gives the partitions behind it to nobody directly', async () => {
    const { rows } = await db.owner.query(`
      select c.relname from pg_class c, aclexplode(c.relacl) a join pg_roles r on r.oid = a.grantee
       where c.relispartition and r.rolname like 'dashoffice%'`);
    expect(rows).toEqual([]);
  });
});

describe('INV-8: the functions that write for several features', () => {
  it('have the rights of who calls them, and are for the two roles alone', async () => {
    const { rows } = await db.owner.query<{ name: string; roles: string[] }>(`
      select p.proname as name, array_agg(distinct a.grantee::regrole::text order by a.grantee::regrole::text) as roles
        from pg_proc p, aclexplode(p.proacl) a
       where p.proname in ('hand_over', 'append_inbox', 'emit_event', 'endpoints_wanting') and a.grantee <> p.proowner
         and not p.prosecdef
       group by 1 order by 1`);
    const roles = ['dashoffice_app', 'dashoffice_path'];
    const names = ['append_inbox', 'emit_event', 'endpoints_wanting', 'hand_over'];
    expect(rows).toEqual(names.map((name) => ({ name, roles })));
  });
});
