import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { isDatabaseDown } from './connection-errors.js';

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

const insertFlow = (tenantId: string, key: string) =>
  [
    `insert into flow (id, tenant_id, key, title, draft) values (gen_random_uuid(), $1, $2, $2, '{}')`,
    [tenantId, key],
  ] as const;

describe('TenantDatabase', () => {
  it('INV-8: shows a transaction the rows of its own tenant and no others', async () => {
    const [ana, beto] = [await db.makeTenant(), await db.makeTenant()];
    await db.tenants.transaction(ana, (tx) => tx.query(...mutable(insertFlow(ana, 'ana'))));
    const seen = (tenant: typeof ana) =>
      db.tenants.transaction(tenant, (tx) => tx.query<{ key: string }[]>('select key from flow'));
    expect(await seen(ana)).toEqual([{ key: 'ana' }]);
    expect(await seen(beto)).toEqual([]);
  });

  it('INV-8: refuses to write a row for somebody else', async () => {
    const [ana, beto] = [await db.makeTenant(), await db.makeTenant()];
    const foreign = db.tenants.transaction(ana, (tx) => tx.query(...mutable(insertFlow(beto, 'stolen'))));
    await expect(foreign).rejects.toThrow(/row-level security/);
  });

  it('leaves nothing behind when the work fails half way', async () => {
    const ana = await db.makeTenant();
    const failing = db.tenants.transaction(ana, async (tx) => {
      await tx.query(...mutable(insertFlow(ana, 'half')));
      throw new Error('half way');
    });
    await expect(failing).rejects.toThrow('half way');
    const { rows } = await db.owner.query(`select 1 from flow where key = 'half'`);
    expect(rows).toEqual([]);
  });

  it('runs the whole work again after a serialization failure', async () => {
    const ana = await db.makeTenant();
    let runs = 0;
    const result = await db.tenants.transaction(ana, async (tx) => {
      runs += 1;
      await tx.query(...mutable(insertFlow(ana, 'again')));
      if (runs === 1) await tx.query(`do $$ begin raise exception 'conflict' using errcode = '40001'; end $$`);
      return runs;
    });
    expect(result).toBe(2);
    const { rows } = await db.owner.query(`select count(*)::int as n from flow where key = 'again'`);
    expect(rows).toEqual([{ n: 1 }]);
  });
});

describe('TenantDatabase and the time work may take', () => {
  it('raises the limits of Postgres for long work, and for it alone', async () => {
    const ana = await db.makeTenant();
    const limits = async (limitMs?: number) => {
      const shown = `select current_setting('statement_timeout') as statement, current_setting('lock_timeout') as lock`;
      return db.tenants.transaction(ana, (tx) => tx.query(shown), limitMs);
    };
    expect(await limits(600_000)).toEqual([{ statement: '10min', lock: '10min' }]);
    expect(await limits()).toEqual([{ statement: '0', lock: '0' }]);
  });

  it('calls the database down when the connection was lost between two statements', async () => {
    const ana = await db.makeTenant();
    const lost = db.tenants.transaction(ana, async (tx) => {
      const [{ pid }] = await tx.query('select pg_backend_pid() as pid');
      await db.owner.query('select pg_terminate_backend($1)', [pid]);
      await expect.poll(() => tx.queryRunner?.isReleased).toBe(true);
      await tx.query('select 1');
    });
    expect(isDatabaseDown(await lost.catch((error: unknown) => error))).toBe(true);
  });
});

describe('PathPool', () => {
  it('INV-8: cannot read an order or a contact', async () => {
    await expect(db.path.query('select * from sales_order')).rejects.toThrow(/permission denied/);
    await expect(db.path.query('select * from contact')).rejects.toThrow(/permission denied/);
  });

  it('tells a lost database from a wrong statement', async () => {
    const wrong = await db.path.query('select nonsense').catch((error: unknown) => error);
    expect(db.path.isDown(wrong)).toBe(false);
    expect(db.path.isDown(Object.assign(new Error('x'), { code: 'ECONNREFUSED' }))).toBe(true);
    expect(db.path.isDown(Object.assign(new Error('x'), { code: '57P01' }))).toBe(true);
  });
});

function mutable([sql, params]: readonly [string, readonly unknown[]]): [string, unknown[]] {
  return [sql, [...params]];
}
