import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Shop, TestApp } from '../../test/support/app.js';
import { startFeatures } from '../../test/support/features.js';
import { AuthModule } from '../auth/auth.module.js';
import { DevicesModule } from '../devices/devices.module.js';
import { ConnectionsModule } from './connections.module.js';
import type { ProviderList } from './connections.dto.js';

let app: TestApp;
let shop: Shop;

beforeAll(async () => {
  app = await startFeatures([AuthModule, ConnectionsModule, DevicesModule], { SIMULATOR_ALLOWED: 'true' });
  shop = await app.openShop();
});
afterAll(() => app.close());

it('names every credential of every provider in three languages, and says which are secret and needed', async () => {
  const { items } = (await shop.call('GET', '/api/providers')).body as ProviderList;
  expect(items.map(({ name }) => name)).toEqual(['official', 'twilio', 'evolution', 'baileys', 'simulator']);
  for (const { name, credentials, fields } of items) {
    const properties = Object.keys(credentials['properties'] ?? {});
    expect(fields.map((field) => field.name).toSorted(), name).toEqual(properties.toSorted());
    for (const { label } of fields) expect(new Set(Object.values(label)).size, label.en).toBeGreaterThan(1);
  }
  const marked = items.flatMap(({ fields }) => fields.filter(({ isSecret }) => isSecret).map(({ name }) => name));
  expect(marked).toEqual(['accessToken', 'appSecret', 'verifyToken', 'authToken', 'apiKey', 'webhookSecret']);
  const needed = items.find(({ name }) => name === 'official')?.fields.filter(({ isRequired }) => isRequired);
  expect(needed?.map(({ name }) => name)).toEqual(['phoneNumberId', 'accessToken', 'appSecret', 'verifyToken']);
});
