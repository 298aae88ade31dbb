import { randomBytes, randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Answer, Shop, TestApp } from '../../test/support/app.js';
import { signInAs, startFeatures } from '../../test/support/features.js';
import { AuthModule } from '../auth/auth.module.js';
import { MediaModule } from './media.module.js';
import { StoredFiles } from './stored-files.service.js';

const PNG = Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), randomBytes(2000)]);
const MAX_BYTES = 10_000;

let app: TestApp;
let shop: Shop;
let stranger: Shop;

beforeAll(async () => {
  const variables = { MEDIA_MAX_BYTES: String(MAX_BYTES), PUBLIC_URL: 'https://shop.test/' };
  app = await startFeatures([AuthModule, MediaModule], variables);
  [shop, stranger] = [await app.openShop(), await app.openShop()];
});
afterAll(() => app.close());

type FilePart = { bytes?: Buffer; type?: string; name?: string; field?: string };

async function upload(by: Shop | null, part: FilePart = {}): Promise<Answer> {
  const { bytes = PNG, type = 'image/png', name = 'café.png', field = 'file' } = part;
  const form = new FormData();
  form.set(field, new Blob([new Uint8Array(bytes)], { type }), name);
  const { headers, body } = new Response(form);
  const request = {
    method: 'POST',
    headers: { ...(await signedIn(by)), 'content-type': headers.get('content-type') ?? '' },
    body,
    duplex: 'half' as const,
  };
  const answer = await fetch(`${app.url}/api/media`, request);
  return { status: answer.status, body: await answer.json(), headers: answer.headers };
}

async function signedIn(by: Shop | null): Promise<Record<string, string>> {
  if (!by) return {};
  const { body } = await app.call('POST', '/api/auth/login', { email: by.email, password: by.password });
  return { authorization: `Bearer ${body.accessToken}` };
}

describe('an upload', () => {
  test('gets an id and a link that opens without a token', async () => {
    const made = await upload(shop);
    expect(made).toMatchObject({
      status: 201,
      body: { state: 'stored', mimeType: 'image/png', kind: 'image', filename: 'café.png', sizeBytes: PNG.length },
    });
    const file = await fetch(app.url + made.body.url);
    expect(Buffer.from(await file.arrayBuffer())).toEqual(PNG);
    expect(Object.fromEntries(file.headers)).toMatchObject({
      'content-type': 'image/png',
      'content-length': String(PNG.length),
      'content-disposition': "inline; filename*=UTF-8''caf%C3%A9.png",
      'x-content-type-options': 'nosniff',
      'cache-control': expect.stringMatching(/^private, max-age=3[56]\d\d, immutable$/),
    });
    expect((await shop.call('GET', `/api/media/${made.body.id}`)).body).toMatchObject({ sha256: made.body.sha256 });
  });

  test('is refused beyond the limit, and nothing of it is kept', async () => {
    const large = await upload(shop, { bytes: Buffer.concat([PNG, randomBytes(MAX_BYTES)]) });
    expect(large).toMatchObject({ status: 413, body: { code: 'media_too_large' } });
    const huge = await upload(shop, { bytes: Buffer.concat([PNG, randomBytes(5_000_000)]) });
    expect(huge).toMatchObject({ status: 413, body: { code: 'media_too_large' } });
  });

  test.each([
    ['of a type nobody takes', { type: 'text/html', bytes: Buffer.from('<html>') }, 415, 'media_type_refused'],
    ['that is not what it says', { bytes: Buffer.from('<script>alert(1)</script>') }, 415, 'media_type_refused'],
    ['without anything in it', { bytes: Buffer.alloc(0) }, 422, 'media_missing'],
    ['under another name', { field: 'photo' }, 422, 'media_missing'],
  ])('%s is refused', async (_, part, status, code) => {
    expect(await upload(shop, part)).toMatchObject({ status, body: { code } });
  });

  test('has to be a form', async () => {
    expect(await shop.call('POST', '/api/media', { file: 'x' })).toMatchObject({
      status: 422,
      body: { code: 'media_missing' },
    });
  });

  test('needs the right to send', async () => {
    expect((await upload(null)).status).toBe(401);
    const viewer = await signInAs(app, shop, 'viewer');
    expect((await upload(viewer)).status).toBe(403);
    const seller = await signInAs(app, shop, 'seller');
    expect((await upload(seller)).status).toBe(201);
  });

  test('keeps no path in its name', async () => {
    const { body } = await upload(shop, { name: 'a/../../b\\c.png' });
    expect(body.filename).not.toMatch(/[/\\]/);
  });
});

describe('a file', () => {
  test('of another tenant is no file', async () => {
    const { body } = await upload(shop);
    const [view, removed] = [
      await stranger.call('GET', `/api/media/${body.id}`),
      await stranger.call('DELETE', `/api/media/${body.id}`),
    ];
    expect([view, removed]).toMatchObject([
      { status: 404, body: { code: 'media_not_found' } },
      { status: 404, body: { code: 'media_not_found' } },
    ]);
    expect((await shop.call('GET', `/api/media/${body.id}`)).status).toBe(200);
  });

  test('can be forgotten, and then its link opens nothing', async () => {
    const { body } = await upload(shop);
    const viewer = await signInAs(app, shop, 'viewer');
    expect((await viewer.call('DELETE', `/api/media/${body.id}`)).status).toBe(403);
    expect((await viewer.call('GET', `/api/media/${body.id}`)).status).toBe(200);
    expect((await shop.call('DELETE', `/api/media/${body.id}`)).status).toBe(204);
    expect(await app.call('GET', body.url)).toMatchObject({ status: 404, body: { code: 'media_not_found' } });
    expect((await shop.call('DELETE', `/api/media/${body.id}`)).status).toBe(404);
  });

  test('is not shown without a token', async () => {
    expect((await app.call('GET', `/api/media/${randomUUID()}`)).status).toBe(401);
    expect((await app.call('DELETE', `/api/media/${randomUUID()}`)).status).toBe(401);
  });

  test.each(['GET', 'DELETE'])('has a UUID for an id (%s)', async (method) => {
    expect(await shop.call(method, '/api/media/7')).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'id' }] },
    });
  });
});

describe('a link', () => {
  test('opens its own file, in its own time, and nothing else', async () => {
    const [{ body: mine }, { body: other }] = [await upload(shop), await upload(shop)];
    const altered = mine.url.replace(/sig=(.)/, (_: string, first: string) => `sig=${first === 'A' ? 'B' : 'A'}`);
    const moved = mine.url.replace(mine.id, other.id);
    const later = mine.url.replace(/exp=(\d+)/, (_: string, at: string) => `exp=${Number(at) + 1}`);
    const past = mine.url.replace(/exp=\d+/, 'exp=1000000000');
    for (const url of [altered, moved, later, past, `/media/${mine.id}?exp=9999999999&sig=x`]) {
      expect(await app.call('GET', url)).toMatchObject({ status: 403, body: { code: 'media_link_invalid' } });
    }
    expect((await app.call('GET', `/media/${mine.id}`)).status).toBe(400);
    expect((await app.call('GET', mine.url)).status).toBe(200);
  });

  test('gives the part that a player asks for', async () => {
    const { body } = await upload(shop);
    const part = async (range: string) => {
      const answer = await fetch(app.url + body.url, { headers: { range } });
      return { status: answer.status, range: answer.headers.get('content-range'), bytes: await answer.arrayBuffer() };
    };
    const [size, last] = [PNG.length, PNG.length - 1];
    expect(await part('bytes=0-9')).toMatchObject({ status: 206, range: `bytes 0-9/${size}` });
    expect(Buffer.from((await part('bytes=10-')).bytes)).toEqual(PNG.subarray(10));
    expect(Buffer.from((await part('bytes=-5')).bytes)).toEqual(PNG.subarray(-5));
    expect(await part(`bytes=5-999999`)).toMatchObject({ range: `bytes 5-${last}/${size}` });
    expect(await part('bytes=999999-')).toMatchObject({ status: 416, range: `bytes */${size}` });
    expect((await part('lines=1-2')).status).toBe(200);
  });

  test('hands over what a browser could run as a file to save', async () => {
    const { body } = await upload(shop, { bytes: Buffer.from('hola'), type: 'text/plain', name: 'nota.txt' });
    const { headers } = await fetch(app.url + body.url);
    expect(headers.get('content-type')).toBe('application/octet-stream');
    expect(headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''nota.txt");
  });

  test('to a file whose bytes were lost says so', async () => {
    const { body } = await upload(shop);
    await rm(join(app.env.dataDir, 'media', shop.tenantId, body.id));
    expect(await app.call('GET', body.url)).toMatchObject({ status: 404, body: { code: 'media_not_stored' } });
  });
});

describe('the message path', () => {
  test('finds a file of the tenant it works for, with an address a provider can fetch', async () => {
    const files = app.app.get(StoredFiles, { strict: false });
    const { body } = await upload(shop);
    const file = await files.find(shop.tenantId, body.id);
    if (!file) throw new Error('not found');
    expect(file).toMatchObject({ sizeBytes: PNG.length, mimeType: 'image/png', filename: 'café.png' });
    const url = files.publicUrlOf(file, 60) ?? '';
    expect(url).toMatch(/^https:\/\/shop\.test\/media\//);
    expect((await app.call('GET', url.replace('https://shop.test', ''))).status).toBe(200);
    expect(await files.find(stranger.tenantId, body.id)).toBeNull();
  });
});
