import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type Answer, type TestApp } from '../../test/support/app.js';
import { makeKey } from '../../test/support/api-keys.js';

const PER_CALLER = 5;
const PER_TENANT = 12;

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({
    API_RATE_PER_MINUTE: String(PER_CALLER),
    API_TENANT_RATE_PER_MINUTE: String(PER_TENANT),
  });
});
afterAll(() => app.close());

type Call = (method: string, path: string) => Promise<Answer>;
const ask = async (call: Call, times: number) => {
  const statuses: number[] = [];
  for (let time = 0; time < times; time += 1) statuses.push((await call('GET', '/api/bots')).status);
  return statuses;
};
const times = (count: number, status: number) => Array.from({ length: count }, () => status);
const left = ({ headers }: Answer) =>
  ['ratelimit-limit', 'ratelimit-remaining'].map((name) => Number(headers.get(name)));

describe('the rate limits of the API', () => {
  it('tell how many requests are left, and refuse the next with the time to wait', async () => {
    const shop = await app.openShop();
    const first = await shop.call('GET', '/api/bots');
    expect([first.status, ...left(first)]).toEqual([200, PER_CALLER, PER_CALLER - 1]);
    expect(Number(first.headers.get('ratelimit-reset'))).toBe(60);
    expect(await ask(shop.call, PER_CALLER - 1)).toEqual(times(PER_CALLER - 1, 200));
    const refused = await shop.call('GET', '/api/bots');
    expect([refused.status, refused.body.code, ...left(refused)]).toEqual([429, 'rate_limited', PER_CALLER, 0]);
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    const wait = Number(refused.headers.get('retry-after'));
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(60);
    expect(refused.headers.get('ratelimit-reset')).toBe(String(wait));
  });

  it('count over all routes of a caller, whatever the method', async () => {
    const shop = await app.openShop();
    await ask(shop.call, PER_CALLER - 1);
    expect((await shop.call('GET', '/api/products')).status).toBe(200);
    expect((await shop.call('POST', '/api/bots')).status).toBe(429);
  });

  it('hold a key and its owner apart: neither is refused for the other', async () => {
    const shop = await app.openShop();
    const one = await makeKey(app, shop, ['bots:read']);
    const other = await makeKey(app, shop, ['bots:read']);
    expect(await ask(one.call, PER_CALLER + 1)).toEqual([...times(PER_CALLER, 200), 429]);
    expect((await other.call('GET', '/api/bots')).status).toBe(200);
    expect((await shop.call('GET', '/api/bots')).status).toBe(200);
  });

  it('hold all callers of a tenant together, not counting what was refused', async () => {
    const shop = await app.openShop();
    const keys = [];
    for (let made = 0; made < 3; made += 1) keys.push(await makeKey(app, shop, ['bots:read']));
    const [one, two, three] = keys;
    if (!one || !two || !three) throw new Error('no keys');
    expect(await ask(one.call, 20)).toEqual([...times(PER_CALLER, 200), ...times(15, 429)]);
    const open = PER_TENANT - 3 - PER_CALLER;
    expect(await ask(two.call, open - 1)).toEqual(times(open - 1, 200));
    const last = await three.call('GET', '/api/bots');
    expect([last.status, ...left(last)]).toEqual([200, PER_TENANT, 0]);
    const refused = await three.call('GET', '/api/bots');
    expect([refused.status, refused.body.detail]).toEqual([
      429,
      expect.stringMatching(/^This tenant may ask 12 times/),
    ]);
  });

  it("never slow one tenant for another's traffic", async () => {
    const loud = await app.openShop();
    const quiet = await app.openShop();
    await ask(loud.call, 40);
    const answer = await quiet.call('GET', '/api/bots');
    expect([answer.status, ...left(answer)]).toEqual([200, PER_CALLER, PER_CALLER - 1]);
  });

  it('leave probes, webhooks and the public routes alone', async () => {
    for (let time = 0; time < PER_TENANT * 2; time += 1) {
      for (const path of ['/health/live', '/metrics', '/webhooks/official']) {
        const { status, headers } = await app.call('GET', path);
        expect([path, status === 429, headers.get('ratelimit-limit')]).toEqual([path, false, null]);
      }
    }
  });
});
