import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Shop, startTestApp, type TestApp } from '../../../test/support/app.js';

let app: TestApp;
let shop: Shop;

beforeAll(async () => {
  app = await startTestApp();
  shop = await app.openShop();
  for (let index = 0; index < 10; index += 1) await shop.call('POST', '/api/bots', { name: `Bot ${index}` });
});
afterAll(() => app.close());

const get = (url: string, acceptEncoding?: string) =>
  app.app.inject({
    method: 'GET',
    url,
    headers: {
      authorization: shop.authorization,
      ...(acceptEncoding === undefined ? {} : { 'accept-encoding': acceptEncoding }),
    },
  });

describe('answers', () => {
  it('are compressed for whoever takes it, as Brotli where that is taken', async () => {
    const plain = await get('/api/bots?limit=100');
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(plain.rawPayload.length).toBeGreaterThan(1400);

    const brotli = await get('/api/bots?limit=100', 'gzip, deflate, br');
    expect(brotli.headers).toMatchObject({
      'content-encoding': 'br',
      vary: expect.stringContaining('accept-encoding'),
    });
    expect(brotli.rawPayload.length).toBeLessThan(plain.rawPayload.length / 3);
    expect(brotliDecompressSync(brotli.rawPayload).toString()).toBe(plain.body);

    const gzip = await get('/api/bots?limit=100', 'gzip;q=0.8, deflate');
    expect(gzip.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(gzip.rawPayload).toString()).toBe(plain.body);
  });

  it('that fit a packet are left alone, and those nobody asked to compress', async () => {
    const small = await get('/api/bots?limit=2', 'br');
    expect([small.statusCode, small.headers['content-encoding']]).toEqual([200, undefined]);
    expect(JSON.parse(small.body).items).toHaveLength(2);
    const refused = await get('/api/bots?limit=100', 'identity');
    expect(refused.headers['content-encoding']).toBeUndefined();
  });
});

describe('a compressed body', () => {
  it('is not opened', async () => {
    const { statusCode } = await app.app.inject({
      method: 'POST',
      url: '/api/bots',
      headers: { authorization: shop.authorization, 'content-type': 'application/json', 'content-encoding': 'gzip' },
      payload: Buffer.from('1f8b0800', 'hex'),
    });
    expect(statusCode).toBe(400);
  });
});
