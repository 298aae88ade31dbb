import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFeatures } from '../../../test/support/features.js';
import type { Shop, TestApp } from '../../../test/support/app.js';
import { AuthModule } from '../../auth/auth.module.js';
import { BotsModule } from '../../bots/bots.module.js';

let app: TestApp;
let shop: Shop;
beforeAll(async () => {
  app = await startFeatures([AuthModule, BotsModule]);
  shop = await app.openShop();
  for (const name of ['Zafiro', 'Ámbar', 'menta', 'Boldo', 'Cedro']) await shop.call('POST', '/api/bots', { name });
});
afterAll(() => app.close());

describe('?sort=', () => {
  const walk = async (sort: string) => {
    const names: string[] = [];
    let cursor = '';
    do {
      const { body } = await shop.call('GET', `/api/bots?limit=2&sort=${sort}${cursor}`);
      names.push(...body.items.map(({ name }: { name: string }) => name));
      cursor = body.nextCursor ? `&cursor=${body.nextCursor}` : '';
    } while (cursor);
    return names;
  };

  it('walks all pages in that order, up and down', async () => {
    const made = ['Zafiro', 'Ámbar', 'menta', 'Boldo', 'Cedro'];
    expect(await walk('createdAt')).toEqual(made);
    expect(await walk('-createdAt')).toEqual(made.toReversed());
    const byName = await walk('name');
    expect(byName.toSorted()).toEqual(made.toSorted());
    expect(byName.indexOf('Boldo')).toBeLessThan(byName.indexOf('Cedro'));
    expect(byName.indexOf('Cedro')).toBeLessThan(byName.indexOf('menta'));
    expect(await walk('-name')).toEqual(byName.toReversed());
  });

  it('refuses an unknown order, and a cursor of another one', async () => {
    const strange = await shop.call('GET', '/api/bots?sort=tenantId');
    expect([strange.status, strange.body.errors?.[0]?.field]).toEqual([400, 'sort']);
    const { body } = await shop.call('GET', '/api/bots?limit=2&sort=name');
    const other = await shop.call('GET', `/api/bots?limit=2&sort=-name&cursor=${body.nextCursor}`);
    expect([other.status, other.body.errors?.[0]?.field]).toEqual([400, 'cursor']);
  });
});
