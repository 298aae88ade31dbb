import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Shop, TestApp } from '../../test/support/app.js';
import { startFeatures } from '../../test/support/features.js';
import { AuthModule } from '../auth/auth.module.js';
import { MediaModule } from './media.module.js';

let app: TestApp;
let shop: Shop;
beforeAll(async () => {
  app = await startFeatures([AuthModule, MediaModule]);
  shop = await app.openShop();
});
afterAll(() => app.close());

async function upload(type: string, body: string): Promise<unknown[]> {
  const headers = { authorization: shop.authorization, 'content-type': type };
  const answer = await fetch(`${app.url}/api/media`, { method: 'POST', headers, body });
  const { code } = (await answer.json()) as { code: string };
  return [answer.status, code];
}

it('what is no form is refused for what it is', async () => {
  expect(await upload('application/json', '{"file":')).toEqual([400, 'bad_request']);
  expect(await upload('application/json', `"${'x'.repeat(3 * 1024 * 1024)}"`)).toEqual([413, 'payload_too_large']);
  expect(await upload('application/x-odd', 'x')).toEqual([415, 'unsupported_media_type']);
  expect(await upload('application/json', '{}')).toEqual([422, 'media_missing']);
  expect(await upload('multipart/form-data; boundary=x', '--x\r\nno form')).toEqual([400, 'invalid_input']);
});
