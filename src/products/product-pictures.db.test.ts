import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Shop, TestApp } from '../../test/support/app.js';
import { startFeatures } from '../../test/support/features.js';
import { AuthModule } from '../auth/auth.module.js';
import { ProductsModule } from './products.module.js';

const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, ...Array.from({ length: 100 }, () => 7)]);
const ADDRESS = 'https://fotos.test/1.jpg';

let app: TestApp;
let shop: Shop;
let picture: string;
beforeAll(async () => {
  app = await startFeatures([AuthModule, ProductsModule]);
  shop = await app.openShop();
  picture = `media:${await upload(shop, new Blob([PNG], { type: 'image/png' }))}`;
});
afterAll(() => app.close());

async function upload(by: Shop, file: Blob): Promise<string> {
  const form = new FormData();
  form.set('file', file, 'taza');
  const response = await fetch(`${app.url}/api/media`, {
    method: 'POST',
    headers: { authorization: by.authorization },
    body: form,
  });
  expect(response.status).toBe(201);
  return ((await response.json()) as { id: string }).id;
}

const mug = (images: string[], more: object = {}) => ({
  sku: randomUUID(),
  name: { es: 'Taza' },
  priceMinor: 9000,
  images: images.map((url) => ({ url })),
  ...more,
});

describe('pictures of a product', () => {
  it('are addresses and uploaded files in their order, with links that open', async () => {
    const { status, body } = await shop.call('POST', '/api/products', mug([picture, ADDRESS]));
    expect([status, body.images]).toEqual([
      201,
      [
        { url: picture, link: expect.stringMatching(/^\/media\//) },
        { url: ADDRESS, link: ADDRESS },
      ],
    ]);
    const file = await fetch(app.url + body.images[0].link);
    expect(new Uint8Array(await file.arrayBuffer())).toEqual(PNG);
  });

  it('are its variants’ too, unless they have their own', async () => {
    const variants = [
      { sku: randomUUID(), optionValues: [{ es: 'S' }] },
      { sku: randomUUID(), optionValues: [{ es: 'M' }], images: [{ url: picture }] },
    ];
    const shirt = mug([ADDRESS], { optionNames: [{ es: 'Talla' }], variants });
    const { body } = await shop.call('POST', '/api/products', shirt);
    const urls = body.variants.map(({ optionValues, images }: { optionValues: object; images: { url: string }[] }) => [
      optionValues,
      images.map(({ url }) => url),
    ]);
    expect(urls).toEqual(
      expect.arrayContaining([
        [[{ es: 'S' }], [ADDRESS]],
        [[{ es: 'M' }], [picture]],
      ]),
    );
  });

  it('INV-8: are files of this shop that are there, and pictures', async () => {
    const other = await app.openShop();
    const foreign = `media:${await upload(other, new Blob([PNG], { type: 'image/png' }))}`;
    const text = `media:${await upload(shop, new Blob(['hola'], { type: 'text/plain' }))}`;
    const { body: made } = await shop.call('POST', '/api/products', mug([], { optionNames: [{ es: 'Talla' }] }));
    const path = `/api/products/${made.id}`;
    const variant = { sku: randomUUID(), optionValues: [{ es: 'S' }] };
    const { body: small } = await shop.call('POST', `${path}/variants`, variant);
    for (const url of [foreign, text, `media:${randomUUID()}`]) {
      const images = [{ url }];
      const answers = [
        await shop.call('POST', '/api/products', mug([url])),
        await shop.call('PATCH', path, { images }),
        await shop.call('POST', `${path}/variants`, { ...variant, sku: randomUUID(), images }),
        await shop.call('PATCH', `${path}/variants/${small.id}`, { images }),
      ];
      for (const { status, body } of answers)
        expect([url, status, body.code, body.errors]).toEqual([
          url,
          422,
          'unknown_image',
          [{ field: 'images', message: `There is no picture ${url}` }],
        ]);
    }
    const wrong = await shop.call('POST', '/api/products', mug(['media:x']));
    expect([wrong.status, wrong.body.errors[0].field]).toEqual([400, 'images.0.url']);
  });

  it('come and go in files as they are written, and strange ones are told', async () => {
    const own = await app.openShop();
    const url = `media:${await upload(own, new Blob([PNG], { type: 'image/png' }))}`;
    await own.call('POST', '/api/products', mug([url], { sku: 'TAZA' }));
    const headers = { authorization: own.authorization, 'content-type': 'text/csv' };
    const csv = await (await fetch(`${app.url}/api/products/export`, { headers })).text();
    expect(csv).toContain(url);
    const check = async (body: string) => {
      const answer = await fetch(`${app.url}/api/products/imports?dryRun=true`, { method: 'POST', headers, body });
      return (await answer.json()) as { unchangedCount: number; problems: object[] };
    };
    expect(await check(csv)).toMatchObject({ unchangedCount: 1, problems: [] });
    expect((await check(csv.replace(url, picture))).problems).toEqual([
      { line: 2, column: 'images', reason: `No hay una imagen ${picture} en sus archivos` },
    ]);
  });

  it('show nothing once the file is deleted', async () => {
    const url = `media:${await upload(shop, new Blob([PNG], { type: 'image/png' }))}`;
    const { body } = await shop.call('POST', '/api/products', mug([url]));
    expect((await shop.call('DELETE', `/api/media/${url.replace('media:', '')}`)).status).toBe(204);
    const [image] = (await shop.call('GET', `/api/products/${body.id}`)).body.images;
    expect((await fetch(app.url + image.link)).status).toBe(404);
    expect((await shop.call('PATCH', `/api/products/${body.id}`, { priceMinor: 1 })).status).toBe(200);
  });
});
