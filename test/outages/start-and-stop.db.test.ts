import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { choosePort } from '../../src/platform/embedded/server-port.js';
import { openCutLine, type CutLine } from '../support/cut-line.js';
import { inboundText, signWebhook, webhookBody } from '../support/graph-double-webhook.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { startProcess, type StartedProcess } from '../support/started-process.js';

const ADMIN = { email: 'ana@tienda.test', password: 'clave-larga-de-ana' };
const [KEY, OTHER_KEY] = [1, 2].map(() => randomBytes(32).toString('base64')) as [string, string];

let dataDir: string;
let database: TestDatabase;
let line: CutLine;
let url: string;
let variables: Record<string, string>;
let running: StartedProcess[];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'dashoffice-start-'));
  database = await createTestDatabase();
  line = await openCutLine(database.url);
  const port = String(await choosePort());
  url = `http://127.0.0.1:${port}`;
  running = [];
  variables = {
    DATABASE_URL: line.url,
    DATA_DIR: dataDir,
    PORT: port,
    JWT_SECRET: 'j'.repeat(40),
    ENCRYPTION_KEY: KEY,
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    LINKED_SESSIONS_MAX: '0',
  };
});
afterEach(async () => {
  for (const one of running) await one.end('SIGKILL');
  await line.cut();
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
});

function start(overrides: Record<string, string> = {}): StartedProcess {
  const started = startProcess({ ...variables, ...overrides });
  running.push(started);
  return started;
}

async function open(overrides: Record<string, string> = {}): Promise<StartedProcess> {
  const started = start(overrides);
  await started.saying('is open at');
  return started;
}

async function call(method: string, path: string, body?: unknown, authorization = '') {
  const headers = { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
  const answer = await fetch(url + path, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const json = (await answer.json()) as Record<string, unknown>;
  return { status: answer.status, body: json, headers: answer.headers };
}

async function connectNumber(phoneNumberId: string, appSecret: string): Promise<void> {
  const { body: session } = await call('POST', '/api/auth/login', ADMIN);
  const authorization = `Bearer ${String(session['accessToken'])}`;
  const bot = await call('POST', '/api/bots', { name: 'Bot', locale: 'es', quietMs: 10_000 }, authorization);
  const credentials = { phoneNumberId, accessToken: 'token', appSecret, verifyToken: 'verify-me' };
  const connection = { provider: 'official', name: 'Ventas', credentials };
  const path = `/api/bots/${String(bot.body['id'])}/connections`;
  expect((await call('POST', path, connection, authorization)).status).toBe(201);
}

async function post(id: string, appSecret: string): Promise<number> {
  const message = inboundText({ phoneNumberId: '20001', from: '5215512345678', text: id, id });
  const { headers, payload } = signWebhook(webhookBody({ messages: [message] }), appSecret);
  const answer = await fetch(`${url}/webhooks/official`, { method: 'POST', headers, body: new Uint8Array(payload) });
  return answer.status;
}

async function stored(): Promise<string[]> {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query<{ key: string }>(
    'select dedupe_key as key from inbox order by conversation_id, seq',
  );
  await client.end();
  return rows.map(({ key }) => key);
}

describe('a start while Postgres is away', () => {
  it(
    'INV-1, INV-3: keeps webhooks on the disk, and stores those that are proved first of all',
    { timeout: 60_000 },
    async () => {
      const before = await open();
      await connectNumber('20001', 'app-secret');
      expect((await before.end('SIGTERM')).code).toBe(0);
      await line.cut();

      const killed = start();
      await killed.saying('Waiting for Postgres (DATABASE_URL)');
      expect([await post('w.1', 'app-secret'), await post('w.2', 'app-secret')]).toEqual([200, 200]);
      await killed.end('SIGKILL');

      const waiting = start();
      await waiting.saying('Waiting for Postgres (DATABASE_URL)');
      expect(await post('w.3', 'app-secret')).toBe(200);
      expect(await post('w.forged', 'guessed')).toBe(200);
      expect((await call('GET', '/health/live')).status).toBe(200);
      expect(await call('GET', '/health/ready')).toMatchObject({ status: 503, body: { status: 'down' } });
      const refused = await call('GET', '/api/bots');
      expect([refused.status, refused.body['code'], refused.headers.get('retry-after')]).toEqual([
        503,
        'database_unavailable',
        '5',
      ]);
      await line.mend();
      await waiting.saying('is open at');
      expect(await post('w.4', 'app-secret')).toBe(200);
      expect(await stored()).toEqual(['w.1', 'w.2', 'w.3', 'w.4']);
    },
  );

  it('is ended by a signal within 5 s, also when Postgres takes connections and says nothing', async () => {
    const mute = createServer().listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const { port } = mute.address() as AddressInfo;
    const waiting = start({ DATABASE_URL: `postgres://nobody:x@127.0.0.1:${port}/none` });
    await waiting.saying('Waiting for Postgres');
    const { code, tookMs } = await waiting.end('SIGTERM');
    expect([code, tookMs < 5500]).toEqual([0, true]);
    mute.close();
  });

  it('ends at once when Postgres refuses, and names the variable', async () => {
    const wrong = new URL(database.url);
    wrong.password = 'guessed';
    const refused = start({ DATABASE_URL: wrong.href });
    expect((await refused.end()).code).toBe(1);
    expect(refused.said()).toMatch(/DATABASE_URL: .*password authentication failed/);
    expect(refused.said()).not.toContain('guessed');
  });
});

describe('a start that cannot be', () => {
  it('INV-11: has another encryption key than the database, and says what to do', async () => {
    expect((await (await open()).end('SIGTERM')).code).toBe(0);
    const refused = start({ ENCRYPTION_KEY: OTHER_KEY });
    expect((await refused.end()).code).toBe(1);
    expect(refused.said()).toMatch(/did not start.*secrets\.json.*ENCRYPTION_KEYS_OLD/s);
    expect((await (await open({ ENCRYPTION_KEY: OTHER_KEY, ENCRYPTION_KEYS_OLD: KEY })).end('SIGTERM')).code).toBe(0);
  });

  it.each([
    ['is a file', () => join(dataDir, 'file')],
    ['lies in a file', () => join(dataDir, 'file', 'data')],
    ['lies where no folder can be made', () => '/proc/dashoffice/data'],
  ])('has a DATA_DIR that %s, which is named', async (_, folder) => {
    await writeFile(join(dataDir, 'file'), '');
    const refused = start({ DATA_DIR: folder() });
    expect((await refused.end()).code).toBe(1);
    expect(refused.said()).toContain('DATA_DIR: not a folder');
  });

  it('has a HOST that is not of this machine, which is named', async () => {
    const refused = start({ HOST: '192.0.2.1' });
    expect((await refused.end()).code).toBe(1);
    expect(refused.said()).toContain('HOST: not an address of this machine');
  });
});

it('a stop ends within 10 s and well when only an unfinished request is left', { timeout: 30_000 }, async () => {
  const server = await open();
  const half = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined);
  await once(half, 'connect');
  half.write(
    'POST /api/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{',
  );
  expect((await call('GET', '/health/live')).status).toBe(200);
  const { code, tookMs } = await server.end('SIGTERM');
  expect([code, tookMs < 10_000]).toEqual([0, true]);
});
