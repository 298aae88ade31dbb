import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { describeApi } from '../../src/platform/http/api-docs.js';
import { DescribedApi, type Operation } from '../answers/described-api.js';
import { keysOf, makeRows, remake, type Rows, signIn } from '../answers/rows.js';
import { startTestApp, type Shop, type TestApp } from '../support/app.js';
import { type Ask, asksOf, toRequest } from './requests.js';

/** The same inputs in every run; others by `FUZZ_SEED=… FUZZ_CASES=… npm test -- test/fuzz`. */
const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_124);
const CASES = Number(process.env['FUZZ_CASES'] ?? 5_250);

let app: TestApp;
let shop: Shop;
let rows: Rows;
let api: DescribedApi;
let count = 0;
let successes = 0;

beforeAll(async () => {
  // What is thrown at the routes here is no proof that anything is tested.
  vi.stubEnv('ANSWERS_DIR', undefined);
  app = await startTestApp({
    LOG_LEVEL: process.env['FUZZ_LOG'] ?? 'silent',
    API_RATE_PER_MINUTE: '10000000',
    API_TENANT_RATE_PER_MINUTE: '10000000',
    LINKED_SESSIONS_MAX: '0',
    TRUSTED_PROXIES: '127.0.0.1',
    META_GRAPH_URL: 'http://127.0.0.1:9',
    TWILIO_API_URL: 'http://127.0.0.1:9',
  });
  shop = await app.openShop();
  rows = await makeRows(app, shop);
  const foreign = await makeRows(app, await app.openShop());
  for (const [key, id] of Object.entries(foreign)) rows[`foreign:${key}`] = id;
  api = new DescribedApi(JSON.parse(JSON.stringify(describeApi(app.app))));
});
afterAll(() => app.close());

describe(`any input (seed ${seed})`, () => {
  it('gets an answer that openapi.json declares, and never 5xx', { timeout: 300_000 }, async () => {
    const numRuns = Math.ceil(CASES / api.operations.length);
    const failures: string[] = [];
    for (const operation of api.operations) {
      for (const key of keysOf(operation.path)) await remake({ app, shop, rows }, key);
      const result = await fc.check(
        fc.asyncProperty(asksOf(api, operation), (ask) => check(operation, ask)),
        { seed, numRuns, verbose: 0 },
      );
      if (result.failed) failures.push(`${operation.name}\n  ${String(result.errorInstance)}`);
    }
    process.stdout.write(`${count} cases, seed ${seed}\n`);
    expect(failures).toEqual([]);
    // Else they were all turned away at the door.
    expect(successes).toBeGreaterThan(count / 5);
  });
});

async function check(operation: Operation, ask: Ask): Promise<void> {
  count += 1;
  const { url, payload, headers, method } = toRequest(operation, ask, rows);
  const answer = await app.app
    .getHttpAdapter()
    .getInstance()
    .inject({ method: method as 'GET', url, payload, headers: { ...sender(operation), ...headers } });
  const { statusCode: status, body } = answer;
  const misfit = api.misfit(operation, { status, type: answer.headers['content-type'] ?? '', body });
  if (operation.isClosed && status === 401) throw new Error('No longer signed in');
  if (status >= 500 || misfit !== null) {
    const asked = `${method} ${url.slice(0, 300)} ${JSON.stringify(headers)} ${payload?.slice(0, 500) ?? ''}`;
    throw new Error(`${asked}\n  ${status} ${body.slice(0, 600)}\n  ${misfit}`);
  }
  if (status < 300) successes += 1;
  if (method === 'DELETE' && status < 300) await replace(operation);
}

/** From an address of its own, so that guesses here do not keep us from signing in. */
function sender({ isClosed }: Operation): Record<string, string> {
  return { 'x-forwarded-for': '203.0.113.9', ...(isClosed && { authorization: shop.authorization }) };
}

async function replace({ path }: Operation): Promise<void> {
  if (path.startsWith('/api/auth/session')) {
    const { body } = await signIn(app, shop.email, shop.password);
    const authorization = `Bearer ${body.accessToken}`;
    const call: Shop['call'] = (verb, to, sent, headers) => app.call(verb, to, sent, { authorization, ...headers });
    shop = { ...shop, authorization, call };
  }
  const key = keysOf(path).at(-1);
  if (key) await remake({ app, shop, rows }, key);
}
