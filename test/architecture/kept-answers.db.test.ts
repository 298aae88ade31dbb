import { AsyncLocalStorage } from 'node:async_hooks';
import { DataSource, type Logger } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fill, keysOf, makeRows, type Rows } from '../answers/rows.js';
import { type Shop, startTestApp, type TestApp } from '../support/app.js';
import { routesOf } from '../support/routes.js';

/** The statements that run on behalf of one request, whatever else the app does meanwhile. */
const heard = new AsyncLocalStorage<string[]>();

let app: TestApp;
let shop: Shop;
let rows: Rows;
let isTable: ReadonlySet<string>;

beforeAll(async () => {
  app = await startTestApp({ API_RATE_PER_MINUTE: '100000', API_TENANT_RATE_PER_MINUTE: '100000' });
  shop = await app.openShop();
  rows = await makeRows(app, shop);
  const tables = await app.owner.query<{ name: string }>(
    "select table_name as name from information_schema.tables where table_schema = 'public'",
  );
  isTable = new Set(tables.rows.map(({ name }) => name));
  const logQuery = (sql: string) => void heard.getStore()?.push(sql);
  app.app.get(DataSource).logger = { logQuery, logQueryError: logQuery } as unknown as Logger;
});
afterAll(() => app.close());

async function tablesBehind(url: string): Promise<Set<string>> {
  const statements: string[] = [];
  const { statusCode, body } = await heard.run(statements, async () => {
    // It begins when it is awaited.
    return await app.app.inject({ method: 'GET', url, headers: { authorization: shop.authorization } });
  });
  expect([url, statusCode, body.slice(0, 200)]).toEqual([url, 200, expect.anything()]);
  const named = statements.flatMap((sql) => Array.from(sql.matchAll(/\b(?:from|join)\s+"?([a-z_]+)/gi)));
  return new Set(named.flatMap(([, table = '']) => (isTable.has(table) ? [table] : [])));
}

describe('a kept answer', () => {
  it('names every table it was read from, so that a write of any of them makes it old', async () => {
    const missing: string[] = [];
    const kept = routesOf(app).flatMap(({ name, cached }) => (cached ? [{ name, cached }] : []));
    for (const { name, cached } of kept) {
      const path = name.replace('GET ', '').replaceAll(/:(\w+)/g, '{$1}');
      const url = fill(
        path,
        keysOf(path).map((key) => rows[key] ?? ''),
      );
      const tables = await tablesBehind(url);
      for (const table of tables)
        if (![...cached.tables, ...(cached.knownRows ?? [])].includes(table)) missing.push(`${name}: ${table}`);
    }
    expect(kept.length).toBeGreaterThan(20);
    expect(missing).toEqual([]);
  });
});
