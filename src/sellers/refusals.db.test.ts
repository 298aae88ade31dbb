import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Shop, TestApp } from '../../test/support/app.js';
import { startFeatures } from '../../test/support/features.js';
import { AuthModule } from '../auth/auth.module.js';
import { SellersModule } from './sellers.module.js';

let app: TestApp;
let shop: Shop;
let eva: string;
beforeAll(async () => {
  app = await startFeatures([AuthModule, SellersModule]);
  shop = await app.openShop();
  eva = await hire('Eva', '+5215500000001');
  await hire('Luz', '+5215500000002');
});
afterAll(() => app.close());

async function hire(name: string, phone: string): Promise<string> {
  const { status, body } = await shop.call('POST', '/api/sellers', { name, phone });
  expect([status, body]).toEqual([201, body]);
  return body.id;
}

async function refusal(method: string, path: string, body?: object): Promise<unknown[]> {
  const answer = await shop.call(method, path, body);
  return [answer.status, answer.body.code, ...(answer.body.errors ?? []).map(({ field }: { field: string }) => field)];
}

describe('a seller is refused', () => {
  it.each([
    [{ phone: '+5215500000002' }, [409, 'seller_phone_taken', 'phone']],
    [{ userId: randomUUID() }, [422, 'unknown_user', 'userId']],
    [{ botIds: [randomUUID()] }, [422, 'unknown_bot', 'botIds']],
    [{ categoryIds: [randomUUID()] }, [422, 'unknown_category', 'categoryIds']],
    [{ timezone: 'America/Ninguna' }, [400, 'invalid_input', 'timezone']],
  ])('with %j, new and later', async (fields, expected) => {
    const fresh = { name: 'Ana', phone: '+5215500000003', ...fields };
    expect(await refusal('POST', '/api/sellers', fresh)).toEqual(expected);
    expect(await refusal('PATCH', `/api/sellers/${eva}`, fields)).toEqual(expected);
  });

  it('where there is none, or where the id or a member is none', async () => {
    const nobody = `/api/sellers/${randomUUID()}`;
    expect(await refusal('GET', nobody)).toEqual([404, 'seller_not_found']);
    expect(await refusal('PATCH', nobody, {})).toEqual([404, 'seller_not_found']);
    expect(await refusal('GET', '/api/sellers/x')).toEqual([400, 'invalid_input', 'id']);
    expect(await refusal('GET', '/api/sellers/x/statistics')).toEqual([400, 'invalid_input', 'id']);
  });
});
