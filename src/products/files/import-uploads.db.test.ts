import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Shop } from '../../../test/support/app.js';
import { signInAs } from '../../../test/support/features.js';
import { until } from '../../../test/support/until.js';
import { MAX_FILE_BYTES } from './csv-reader.js';
import { csv, openFilesApp, type FilesApp } from '../../../test/support/product-files.js';
import { ImportRunner } from './import-runner.js';
import { ImportSweep } from './import-sweep.js';

let files: FilesApp;
let shop: Shop;
beforeAll(async () => {
  files = await openFilesApp();
  shop = await files.app.openShop();
});
afterAll(() => files.app.close());

describe('a file', () => {
  it('may come as a form', async () => {
    const form = new FormData();
    form.set('file', new Blob(['sku,name_es,price\nFORM,De un formulario,1\n'], { type: 'text/csv' }), 'x.csv');
    expect(await files.post(shop, form)).toMatchObject({ status: 202, body: { rowCount: 1 } });
  });

  it('is refused when it is none, has unknown columns, is not UTF-8 or too large', async () => {
    const other = new FormData();
    other.set('archivo', new Blob(['sku']), 'x.csv');
    expect(await files.post(shop, other)).toMatchObject({ status: 422, body: { code: 'file_missing' } });
    expect(await files.post(shop, '{}', { 'content-type': 'application/json' })).toMatchObject({
      status: 422,
      body: { code: 'file_missing' },
    });
    expect(await files.upload(shop, '')).toMatchObject({ status: 422, body: { code: 'file_columns' } });
    expect(await files.upload(shop, 'sku,precio\n')).toMatchObject({
      status: 422,
      body: { code: 'file_columns', detail: expect.stringContaining('Unknown columns: precio.') },
    });
    expect(await files.upload(shop, 'name_es\nx\n')).toMatchObject({ status: 422, body: { code: 'file_columns' } });
    expect(await files.upload(shop, 'sku,sku\nx,y\n')).toMatchObject({ status: 422, body: { code: 'file_columns' } });
    const latin1 = Buffer.from('sku,name_es,price\nC,Café,1\n', 'latin1');
    expect(await files.post(shop, latin1, csv)).toMatchObject({ status: 422, body: { code: 'file_encoding' } });
    expect(await files.upload(shop, 'sku,name_es,price\nC,a\0b,1\n')).toMatchObject({
      status: 422,
      body: { code: 'file_encoding' },
    });
    const large = Buffer.concat([Buffer.from('sku'), Buffer.alloc(MAX_FILE_BYTES, '\n')]);
    const answer = await files.post(shop, large, csv);
    expect([answer.status, answer.body.code]).toEqual([413, 'file_too_large']);
    expect(await shop.call('GET', '/api/products/imports')).toMatchObject({
      body: { items: [{ rowCount: 1 }], nextCursor: null },
    });
  });

  it('that breaks off inside quotes is not imported', async () => {
    expect(await files.upload(shop, 'sku,name_es,price\nA,A,1\nB,"Sin fin,1\n')).toMatchObject({
      status: 422,
      body: { code: 'file_broken', detail: expect.stringContaining('line 3') },
    });
  });

  it('is taken by routes that read files only', async () => {
    const answer = await fetch(`${files.app.url}/api/products`, {
      method: 'POST',
      headers: { authorization: await files.tokenOf(shop), ...csv },
      body: 'sku\n',
    });
    expect(answer.status).toBe(415);
  });
});

describe('imports', () => {
  it('are not for viewers, nor anybody without a token, nor another business', async () => {
    const viewer = await signInAs(files.app, shop, 'viewer');
    expect((await files.upload(viewer, 'sku\n')).status).toBe(403);
    expect((await files.app.call('POST', '/api/products/imports')).status).toBe(401);
    const { body } = await files.upload(shop, 'sku,name_es,price\nX,X,1\n', '?dryRun=true');
    const stranger = await files.app.openShop();
    expect((await viewer.call('GET', `/api/products/imports/${body.id}`)).status).toBe(200);
    for (const path of ['', '/problems'])
      expect(await stranger.call('GET', `/api/products/imports/${body.id}${path}`)).toMatchObject({
        status: 404,
        body: { code: 'product_import_not_found' },
      });
    expect((await stranger.call('GET', '/api/products/imports')).body.items).toEqual([]);
    expect((await files.upload(shop, 'sku\n', '?dryRun=maybe')).body.errors).toMatchObject([{ field: 'dryRun' }]);
  });

  it('that a dead process left are taken up again, and those that never go through are given up', async () => {
    const by = await files.app.openShop();
    const { body } = await files.upload(by, 'sku,name_es,price\nX,X,1\n', '?dryRun=true');
    const leave = (state: string, age: string) =>
      files.app.owner.query(
        `update product_import set state = $2, finished_at = null, is_dry_run = false, alive_at = now() - interval '5 min',
           created_at = now() - $3::interval where id = $1`,
        [body.id, state, age],
      );
    await files.app.owner.query(
      `insert into product_import_row (import_id, tenant_id, line, cells)
       select id, tenant_id, 2, '{"line": 2, "sku": "X", "name": {"es": "X"}, "description": {}, "priceMinor": 100}' from product_import where id = $1`,
      [body.id],
    );
    const sweep = files.app.app.get(ImportSweep, { strict: false });
    const state = async () => (await by.call('GET', `/api/products/imports/${body.id}`)).body.state;
    await leave('running', '5 min');
    await sweep.sweep();
    await until('the import to be taken up', async () => (await state()) === 'done');
    expect(await files.list(by)).toMatchObject([{ sku: 'X' }]);
    await files.app.app.get(ImportRunner, { strict: false }).run(by.tenantId, body.id);
    expect(await files.list(by)).toMatchObject([{ sku: 'X', revision: 1 }]);
    await leave('running', '2 hours');
    await sweep.sweep();
    expect(await state()).toBe('failed');
    await leave('reading', '5 min');
    await sweep.sweep();
    expect((await by.call('GET', `/api/products/imports/${body.id}`)).status).toBe(404);
  });
});
