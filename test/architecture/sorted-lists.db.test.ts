import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeApi } from '../../src/platform/http/api-docs.js';
import { fill, keysOf, makeRows, remake, type Rows } from '../answers/rows.js';
import { type Shop, startTestApp, type TestApp } from '../support/app.js';

type Item = Record<string, unknown>;
type SortedList = { readonly path: string; readonly sorts: readonly string[] };

const MORE = ['/api/bots/*', '/api/contacts/*', '/api/sellers/*', '/api/products/*', '/api/products/*/variants/*'];
const BELOW = ['/api/orders/*', '/api/contacts/*/notes/*', '/api/orders/*/notes/*', '/api/products/imports/*'];

let app: TestApp;
let shop: Shop;
let rows: Rows;

beforeAll(async () => {
  app = await startTestApp({ API_RATE_PER_MINUTE: '100000', API_TENANT_RATE_PER_MINUTE: '100000' });
  shop = await app.openShop();
  rows = await makeRows(app, shop);
  for (const key of [...MORE, ...MORE, ...BELOW, ...BELOW, ...BELOW]) await remake({ app, shop, rows }, key);
  // All below the last order, which has a note of its own by now.
  for (let count = 1; count <= 2; count += 1) await remake({ app, shop, rows }, '/api/orders/*/notes/*');
  // What a cursor holds is as long as a name may be.
  for (const count of [1, 2]) {
    const long = (chars: number) => `${count}`.padEnd(chars, '咖');
    const product = await shop.call('POST', '/api/products', { sku: long(64), name: { es: long(200) }, priceMinor: 1 });
    const contact = await shop.call('POST', '/api/contacts', { phone: `+52155900000${count}`, name: long(120) });
    expect([product.status, contact.status]).toEqual([201, 201]);
  }
});
afterAll(() => app.close());

function sortedLists(): SortedList[] {
  return Object.entries(describeApi(app.app).paths).flatMap(([path, { get }]) => {
    const sort = get?.parameters?.find((parameter) => 'name' in parameter && parameter.name === 'sort');
    const schema = sort && 'schema' in sort && sort.schema && 'enum' in sort.schema ? sort.schema : undefined;
    return schema?.enum ? [{ path, sorts: schema.enum.map(String) }] : [];
  });
}

async function list(path: string, query: string): Promise<{ items: Item[]; nextCursor: string | null }> {
  const { status, body } = await shop.call('GET', `${path}?${query}`);
  expect([path, query, status]).toEqual([path, query, 200]);
  return body;
}

async function pageByPage(path: string, sort: string): Promise<Item[]> {
  const all: Item[] = [];
  for (let cursor: string | null = null; ;) {
    const from: string = cursor === null ? '' : `&cursor=${cursor}`;
    const { items, nextCursor } = await list(path, `sort=${sort}&limit=1${from}`);
    all.push(...items);
    if (nextCursor === null) return all;
    cursor = nextCursor;
  }
}

/** How texts compare is for the database to say. */
function assertOrdered(path: string, name: string, items: readonly Item[]): void {
  const values = items.map((item) => item[name]);
  const isInstant = (value: unknown) => /^\d{4}-\d\d-\d\dT/.test(String(value));
  const numbers = values.map((value) => (isInstant(value) ? Date.parse(String(value)) : Number(value)));
  if (numbers.some(Number.isNaN)) return;
  expect([path, name, numbers]).toEqual([path, name, numbers.toSorted((a, b) => a - b)]);
}

describe('every list with a sort', () => {
  it('is the same page by page, upwards and downwards', async () => {
    const lists = sortedLists();
    const counts: number[] = [];
    for (const { path: template, sorts } of lists) {
      const path = fill(
        template,
        keysOf(template).map((key) => rows[key] ?? ''),
      );
      for (const name of sorts.filter((sort) => !sort.startsWith('-'))) {
        const up = await pageByPage(path, name);
        const down = await pageByPage(path, `-${name}`);
        expect([path, name, up.slice(0, 100)]).toEqual([
          path,
          name,
          (await list(path, `sort=${name}&limit=100`)).items,
        ]);
        expect([path, name, down]).toEqual([path, name, up.toReversed()]);
        assertOrdered(path, name, up);
        counts.push(up.length);
      }
    }
    expect(counts.filter((count) => count >= 3).length).toBeGreaterThan(10);
  });

  it('refuses a cursor that was made in another order, or by somebody else', async () => {
    for (const { path: template, sorts } of sortedLists()) {
      const path = fill(
        template,
        keysOf(template).map((key) => rows[key] ?? ''),
      );
      const { nextCursor } = await list(path, `sort=${sorts[0]}&limit=1`);
      const forged = Buffer.from(JSON.stringify([sorts[0], '\0', 'x'])).toString('base64url');
      for (const cursor of nextCursor === null ? [forged] : [nextCursor, forged]) {
        const { status, body } = await shop.call('GET', `${path}?sort=${sorts[1]}&cursor=${cursor}`);
        expect([path, status, body.errors?.[0]?.field]).toEqual([path, 400, 'cursor']);
      }
    }
  });
});
