import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Shop, TestApp } from '../../test/support/app.js';
import { startFeatures } from '../../test/support/features.js';
import { AuthModule } from '../auth/auth.module.js';
import { FlowsModule } from './flows.module.js';

let app: TestApp;
let shop: Shop;
beforeAll(async () => {
  app = await startFeatures([AuthModule, FlowsModule]);
  shop = await app.openShop();
});
afterAll(() => app.close());

const TOO_LARGE = { steps: 'x'.repeat(256 * 1024) };
const newFlow = (key: string, draft: object = {}) => shop.call('POST', '/api/flows', { key, title: 'Menú', draft });

it('a second flow with a key is refused', async () => {
  expect((await newFlow('menu')).status).toBe(201);
  expect(await newFlow('menu')).toMatchObject({
    status: 409,
    body: { code: 'flow_key_taken', errors: [{ field: 'key' }] },
  });
});

it('a draft that fits no row is refused', async () => {
  const tooLarge = { status: 413, body: { code: 'flow_draft_too_large', errors: [{ field: 'draft' }] } };
  expect(await newFlow('grande', TOO_LARGE)).toMatchObject(tooLarge);
  const { body } = await newFlow('chico');
  expect(await shop.call('PUT', `/api/flows/${body.id}/draft`, { draft: TOO_LARGE })).toMatchObject(tooLarge);
});

it('an archived flow is neither edited nor published', async () => {
  const { body } = await newFlow('viejo');
  expect((await shop.call('PATCH', `/api/flows/${body.id}`, { isArchived: true })).status).toBe(200);
  const archived = { status: 409, body: { code: 'flow_archived' } };
  expect(await shop.call('PUT', `/api/flows/${body.id}/draft`, { draft: {} })).toMatchObject(archived);
  expect(await shop.call('POST', `/api/flows/${body.id}/publish`, {})).toMatchObject(archived);
});
