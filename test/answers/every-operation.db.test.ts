import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppModule } from '../../src/app.module.js';
import { describeApi } from '../../src/platform/http/api-docs.js';
import { fingerprintOf } from '../../src/platform/http/idempotency.interceptor.js';
import { makeKey } from '../support/api-keys.js';
import { startTestApp, type Answer, type Shop, type TestApp } from '../support/app.js';
import { openBrowser } from '../support/browser.js';
import { openCutLine, type CutLine } from '../support/cut-line.js';
import { DescribedApi, type Operation } from './described-api.js';
import { fittingBody } from './fitting-bodies.js';
import { fill, keysOf, makeRows, type Rows, signIn } from './rows.js';

const UUID = /^[0-9a-f-]{36}$/;
const QUIET = { LOG_LEVEL: 'silent', LINKED_SESSIONS_MAX: '0' };

let line: CutLine;
let app: TestApp;
let shop: Shop;
let rows: Rows;
let foreign: Rows;
let api: DescribedApi;

beforeAll(async () => {
  app = await startTestApp({ ...QUIET, TRUSTED_PROXIES: '127.0.0.1' }, async (options) => {
    line = await openCutLine(options.databaseUrl);
    return AppModule.forRoot({ ...options, databaseUrl: line.url });
  });
  shop = await app.openShop();
  rows = await makeRows(app, shop);
  foreign = await makeRows(app, await app.openShop());
  api = new DescribedApi(JSON.parse(JSON.stringify(describeApi(app.app))));
});
afterAll(() => app.close());

const closed = () => api.operations.filter(({ isClosed }) => isClosed);
const refusing = (status: number, code: string) =>
  api.operations.filter((operation) => api.codesOf(operation, status).includes(code));
const takingJson = () => api.operations.filter(({ body }) => body?.['application/json']);
const taking = (header: string) =>
  api.operations.filter(({ parameters }) => parameters.some(({ name }) => name.toLowerCase() === header));
const own = ({ path }: Operation) =>
  fill(
    path,
    keysOf(path).map((key) => rows[key] ?? ''),
  );

/** Meta's own list: the tests of templates ask its double for it. */
const TEMPLATES = '/api/bots/{botId}/connections/{id}/templates';

/** Its connection is one that is linked by a code. */
const ownLinked = ({ path }: Operation) => {
  const all: Rows = { ...rows, '/api/bots/*/connections/*': rows['/api/bots/*/connections/*/session'] ?? '' };
  return fill(
    path,
    keysOf(path).map((key) => (path.endsWith('/session') ? all : rows)[key] ?? ''),
  );
};

/** Each operation's answer beside the one that is due; all of them are told, not the first that is wrong. */
async function expectAll(
  operations: readonly Operation[],
  status: number,
  code: string,
  ask: (operation: Operation) => Promise<Pick<Answer, 'status' | 'body'>>,
): Promise<void> {
  expect(operations.length).toBeGreaterThan(0);
  const wrong: string[] = [];
  for (const operation of operations) {
    const answer = await ask(operation).catch((error: unknown) => ({ status: 0, body: String(error) }));
    if (answer.status !== status || answer.body.code !== code)
      wrong.push(`${operation.name}: ${answer.status} ${JSON.stringify(answer.body).slice(0, 300)}`);
  }
  expect(wrong).toEqual([]);
}

describe('every operation', () => {
  it('has a row for each parameter of its path', () => {
    const without = api.operations.filter(({ path }) => keysOf(path).some((key) => !rows[key]));
    expect(without.map(({ name }) => name)).toEqual([]);
  });

  it('finds nothing of another tenant, whichever parameter names it', async () => {
    const wrong: string[] = [];
    let asked = 0;
    for (const operation of closed()) {
      const keys = keysOf(operation.path);
      for (const [at, key] of keys.entries()) {
        if (!UUID.test(foreign[key] ?? '')) continue;
        asked += 1;
        const url = fill(
          operation.path,
          keys.map((other, n) => (n === at ? foreign : rows)[other] ?? ''),
        );
        const answer = await shop.call(operation.method, url + queryOf(operation), fittingBody(api, operation, rows));
        if (answer.status !== 404)
          wrong.push(`${operation.name} ${key}: ${answer.status} ${JSON.stringify(answer.body)}`);
      }
    }
    expect(asked).toBeGreaterThan(80);
    expect(wrong).toEqual([]);
  });

  it('refuses a body with a member it does not know, and names it', async () => {
    await expectAll(takingJson(), 400, 'invalid_input', async (operation) => {
      const body = { ...fittingBody(api, operation, rows), notAMember: 1 };
      const answer = await shop.call(operation.method, own(operation), body);
      return JSON.stringify(answer.body.errors ?? '').includes('notAMember') ? answer : { ...answer, status: 0 };
    });
  });

  it('refuses what does not fit, in the address or in the body', async () => {
    await expectAll(refusing(400, 'invalid_input'), 400, 'invalid_input', async (operation) => {
      const { method, path, parameters } = operation;
      const query = parameters.filter((parameter) => parameter.in === 'query');
      const tries = [
        ...keysOf(path).map((key) => own(operation).replace(rows[key] ?? '', 'x')),
        ...query.map(({ name }) => `${own(operation)}?${name}=${'x'.repeat(600)}`),
      ];
      for (const url of tries) {
        const answer = await shop.call(method, url);
        if (answer.body.code === 'invalid_input') return answer;
      }
      const headers = { authorization: shop.authorization, 'content-type': Object.keys(operation.body ?? {})[0] ?? '' };
      const broken = await fetch(app.url + own(operation), { method, headers, body: '[]' });
      return { status: broken.status, body: await broken.json() };
    });
  });

  it('refuses a body that is too large, of a type it does not take, or no JSON', async () => {
    const send =
      (headers: Record<string, string>, payload = '{}') =>
      async (operation: Operation) => {
        const { statusCode, body } = await app.app
          .getHttpAdapter()
          .getInstance()
          .inject({ method: operation.method as 'POST', url: own(operation), headers, payload });
        return { status: statusCode, body: JSON.parse(body) };
      };
    const json = { 'content-type': 'application/json' };
    const tooLarge = send({ ...json, 'content-length': '4000000' });
    const unknown = send({ 'content-type': 'application/x-nothing' });
    await expectAll(refusing(413, 'payload_too_large'), 413, 'payload_too_large', tooLarge);
    await expectAll(refusing(415, 'unsupported_media_type'), 415, 'unsupported_media_type', unknown);
    await expectAll(refusing(400, 'bad_request'), 400, 'bad_request', send(json, '{'));
  });

  it('answers 403 to an API key made for something else', async () => {
    const keys = [await makeKey(app, shop, ['bots:read']), await makeKey(app, shop, ['products:read'])];
    await expectAll(refusing(403, 'forbidden'), 403, 'forbidden', async (operation) => {
      const url = own(operation) + queryOf(operation);
      const [one, other] = await Promise.all(keys.map((key) => key.call(operation.method, url)));
      return one?.body.code === 'forbidden' ? one : (other ?? { status: 0, body: null });
    });
  });

  it('answers 403 to a change by cookie without its CSRF token', async () => {
    const browser = openBrowser(app);
    await browser.signIn(shop.email, shop.password);
    const changing = closed().filter(({ method }) => method !== 'GET');
    await expectAll(changing, 403, 'csrf_token_invalid', (operation) => browser.call(operation.method, own(operation)));
  });
});

describe('every operation that takes an Idempotency-Key', () => {
  it('refuses it for another request, and while the first is not answered', async () => {
    const { body: me } = await shop.call('GET', '/api/auth/me');
    const begin = (key: string, fingerprint: string) =>
      app.owner.query('insert into idempotency_key (tenant_id, key, fingerprint, attempt) values ($1, $2, $3, $4)', [
        shop.tenantId,
        key,
        fingerprint,
        randomUUID(),
      ]);
    const ask = async (operation: Operation, fingerprint?: string) => {
      const { method } = operation;
      const url = own(operation);
      const body = fittingBody(api, operation, rows);
      const key = randomUUID();
      await begin(key, fingerprint ?? fingerprintOf(me.id, { method, url, body }));
      return shop.call(method, url, body, { 'idempotency-key': key });
    };
    const keyed = taking('idempotency-key');
    await expectAll(keyed, 422, 'idempotency_key_reused', (operation) => ask(operation, 'of another request'));
    await expectAll(keyed, 409, 'idempotency_in_progress', (operation) => ask(operation));
  });
});

describe('every operation that takes If-Match', () => {
  it('answers 412 to a revision that is not the latest', async () => {
    await expectAll(taking('if-match'), 412, 'revision_mismatch', (operation) =>
      shop.call(operation.method, own(operation), fittingBody(api, operation, rows), { 'if-match': '"999999"' }),
    );
  });
});

describe('every GET', () => {
  it('answers as its schema says', async () => {
    const wrong: string[] = [];
    for (const operation of closed().filter(({ method, path }) => method === 'GET' && path !== TEMPLATES)) {
      const url = ownLinked(operation) + queryOf(operation);
      const response = await fetch(app.url + url, { headers: { authorization: shop.authorization } });
      const answer = {
        status: response.status,
        type: response.headers.get('content-type') ?? '',
        body: await response.text(),
      };
      const misfit = response.ok ? api.misfit(operation, answer) : `${answer.status} ${answer.body}`;
      if (misfit !== null) wrong.push(`${operation.name}: ${misfit}`);
    }
    expect(wrong).toEqual([]);
  });
});

describe('every operation of a caller that asked too often', () => {
  it('answers 429 and says when to ask again', async () => {
    const slow = await startTestApp({ ...QUIET, API_RATE_PER_MINUTE: '1' });
    try {
      const hasty = await slow.openShop();
      await hasty.call('GET', '/api/auth/me');
      await expectAll(closed(), 429, 'rate_limited', async (operation) => {
        const answer = await hasty.call(operation.method, own(operation));
        return Number(answer.headers.get('retry-after')) > 0 ? answer : { ...answer, status: 0 };
      });
    } finally {
      await slow.close();
    }
  });
});

describe('every operation while Postgres', () => {
  it.each([
    ['is away', 'database_unavailable', () => line.cut()],
    ['takes nothing', 'storage_unavailable', () => line.exhaust()],
  ])('%s answers 503 and says when to ask again', async (_, code, breakIt) => {
    // Not used before: of callers it has seen this process still knows that they are good.
    const key = await makeKey(app, shop, ['bots:read']);
    const tokens = await oneTimeTokens();
    await breakIt();
    // The pool finds its connections broken.
    await expect.poll(async () => (await shop.call('GET', '/api/sellers')).body.code).toBe(code);
    try {
      await expectAll(refusing(503, code), 503, code, async (operation) => {
        const url = own(operation) + queryOf(operation);
        const body = fittingBody(api, operation, rows);
        const answer = await key.call(operation.method, url, body && { ...body, ...tokens[operation.name] });
        return Number(answer.headers.get('retry-after')) > 0 ? answer : { ...answer, status: 0 };
      });
    } finally {
      await line.mend();
    }
  });
});

/** For the open operations that would refuse any other token without looking it up. */
async function oneTimeTokens(): Promise<Record<string, object>> {
  const { body: session } = await signIn(app, shop.email, shop.password);
  const who = { email: 'sin-base@tienda.test', name: 'S', role: 'viewer' };
  const invitation = await shop.call('POST', '/api/invitations', who);
  const reset = await shop.call('POST', `/api/users/${rows['/api/users/*']}/password-resets`);
  const tokenIn = ({ body }: Answer) => ({ token: String(body.link).split('#')[1] });
  return {
    'POST /api/auth/refresh': { refreshToken: session.refreshToken },
    'POST /api/auth/logout': { refreshToken: session.refreshToken },
    'POST /api/auth/invitations/look': tokenIn(invitation),
    'POST /api/auth/invitations/accept': tokenIn(invitation),
    'POST /api/auth/password-resets/finish': tokenIn(reset),
  };
}

/** What the operation's query must have. */
function queryOf({ parameters }: Operation): string {
  const required = parameters.filter((parameter) => parameter.in === 'query' && parameter.required);
  const fitting: Record<string, string | undefined> = {
    bot_id: rows['/api/bots/*'],
    ids: rows['/api/conversations/*'],
    from: '+5215512345678',
  };
  const values = required.map(({ name }): [string, string] => [name, fitting[name] ?? '']);
  return required.length > 0 ? `?${new URLSearchParams(values).toString()}` : '';
}
