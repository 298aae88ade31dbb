import { readFile } from 'node:fs/promises';
import openapiTS, { astToString } from 'openapi-typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Shop, startTestApp, type TestApp } from '../../test/support/app.js';
import { createDashOfficeClient, dataOf, type DashOfficeClient, ProblemError } from './client.js';

let app: TestApp;
let shop: Shop;
let client: DashOfficeClient;
beforeAll(async () => {
  app = await startTestApp();
  shop = await app.openShop();
  client = createDashOfficeClient({ baseUrl: `${app.url}/`, token: shop.authorization.replace('Bearer ', '') });
});
afterAll(() => app.close());

describe('api.d.ts', () => {
  it('is what openapi.json says; run `npm run openapi` after changing a route', async () => {
    const document: Parameters<typeof openapiTS>[0] = await readFile('openapi.json', 'utf8');
    const generated = astToString(await openapiTS(document, { defaultNonNullable: false }));
    expect((await readFile('clients/typescript/api.d.ts', 'utf8')).endsWith(generated)).toBe(true);
  });
});

describe('the client', () => {
  it('creates, reads and lists with what the server really answers', async () => {
    const made = dataOf(await client.POST('/api/bots', { body: { name: 'Café' } }));
    const read = await client.GET('/api/bots/{id}', { params: { path: { id: made.id } } });
    expect(read.data).toEqual(made);
    const page = dataOf(await client.GET('/api/bots', { params: { query: { limit: 1 } } }));
    expect(page).toEqual({ items: [made], nextCursor: null });
  });

  it('hands a refusal over with its code, or throws it on demand', async () => {
    const id = '00000000-0000-4000-8000-000000000000';
    const missing = await client.GET('/api/bots/{id}', { params: { path: { id } } });
    expect([missing.response.status, missing.error?.code]).toEqual([404, 'bot_not_found']);
    expect(() => dataOf(missing)).toThrow(ProblemError);
    expect(() => dataOf(missing)).toThrow(/^bot_not_found: /);
  });

  it('answers with nothing where there is nothing to say', async () => {
    const made = dataOf(await client.POST('/api/bots', { body: { name: 'Otro' } }));
    const params = { path: { id: made.id } };
    expect(dataOf(await client.DELETE('/api/bots/{id}', { params }))).toBeUndefined();
  });

  it('asks for a token before every request when it is given a function', async () => {
    const tokens = ['expirado', shop.authorization.replace('Bearer ', '')];
    const renewing = createDashOfficeClient({ baseUrl: app.url, token: async () => tokens.shift() ?? '' });
    expect((await renewing.GET('/api/tenant')).error?.code).toBe('not_signed_in');
    expect((await renewing.GET('/api/tenant')).data?.id).toBe(shop.tenantId);
  });

  it('tells a gateway’s page from a refusal of ours', () => {
    const response = new Response('<html>', { status: 502 });
    expect(() => dataOf({ error: '<html>', response })).toThrow('DashOffice answered 502 without a problem document');
  });
});
