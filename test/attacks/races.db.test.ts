import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Shop, startTestApp, type TestApp } from '../support/app.js';

let app: TestApp;
let other: Awaited<ReturnType<TestApp['startAnother']>>;
let shop: Shop;
beforeAll(async () => {
  app = await startTestApp();
  other = await app.startAnother();
  shop = await app.openShop();
});
afterAll(async () => {
  await other.close();
  await app.close();
});

/** The same caller, by turns at one server and at the other. */
function at(turn: number): Shop['call'] {
  if (turn % 2 === 0) return shop.call;
  const { authorization } = shop;
  return (method, path, body, headers) => other.call(method, path, body, { authorization, ...headers });
}

describe('50 equal requests at once with one Idempotency-Key', () => {
  it('on two servers make one order, and all that are answered are told of that one', { timeout: 60_000 }, async () => {
    const product = { sku: 'P', name: { es: 'P' }, priceMinor: 500, currency: 'MXN', initialStock: 100 };
    const { id: productId } = (await shop.call('POST', '/api/products', product)).body;
    const { id: contactId } = (await shop.call('POST', '/api/contacts', { phone: '+5215512345678' })).body;
    const body = { contactId, lines: [{ productId, quantity: 1 }] };
    const headers = { 'idempotency-key': randomUUID() };
    const place = (_: unknown, turn: number) => at(turn)('POST', '/api/orders', body, headers);
    const answers = await Promise.all(Array.from({ length: 50 }, place));
    const placed = answers.filter(({ status }) => status === 201);
    const busy = answers.filter(({ status, body: { code } }) => status === 409 && code === 'idempotency_in_progress');
    expect(placed.length).toBeGreaterThan(0);
    expect(placed.length + busy.length).toBe(50);
    expect(new Set(placed.map((answer) => answer.body.id)).size).toBe(1);
    expect((await shop.call('GET', '/api/orders')).body.items).toHaveLength(1);
    expect((await shop.call('GET', `/api/products/${productId}/stock`)).body.onHand).toBe(100 - 1);
    const late = await at(1)('POST', '/api/orders', body, headers);
    expect([late.status, late.body.id]).toEqual([201, placed[0]?.body.id]);
  });
});

describe('200 edits by 20 people at once with If-Match', () => {
  it(
    'lose none silently: each was made on the revision before it, or is answered 412',
    { timeout: 60_000 },
    async () => {
      const { id } = (await shop.call('POST', '/api/bots', { name: 'Al principio' })).body;
      const path = `/api/bots/${id}`;
      const made: Answer[] = [];
      let refused = 0;
      const person = async (_: unknown, turn: number) => {
        for (let edit = 0; edit < 10; edit += 1) {
          const etag = (await at(turn)('GET', path)).headers.get('etag') ?? '';
          const answer = await at(turn)('PATCH', path, { name: `${turn}-${edit}` }, { 'if-match': etag });
          if (answer.status === 200) made.push(answer);
          else if (answer.status === 412 && answer.body.code === 'revision_mismatch') refused += 1;
          if (answer.status === 200) expect(`"${answer.body.revision - 1}"`).toBe(etag);
        }
      };
      await Promise.all(Array.from({ length: 20 }, person));
      expect(made.length + refused).toBe(200);
      expect(made.length).toBeGreaterThan(10);
      expect(refused).toBeGreaterThan(0);
      const first = 1;
      const revisions = made.map(({ body }) => Number(body.revision)).toSorted((a, b) => a - b);
      expect(revisions).toEqual(made.map((_, n) => first + 1 + n));
      const last = made.find(({ body }) => body.revision === first + made.length);
      expect((await shop.call('GET', path)).body).toEqual(last?.body);
      expect(await changedNames(id)).toEqual(new Set(made.map(({ body }) => body.name)));
    },
  );
});

/** The names that the audit says the bot was given. */
async function changedNames(id: string): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  let cursor: string | null = '';
  while (cursor !== null) {
    const query: string = `subjectType=bot&subjectId=${id}&kind=changed&limit=100${cursor && `&cursor=${cursor}`}`;
    const { body } = await shop.call('GET', `/api/audit?${query}`);
    for (const { after } of body.items) names.add(after.name);
    cursor = body.nextCursor;
  }
  return names;
}
