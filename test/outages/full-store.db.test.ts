import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../support/app.js';
import { webhookBody } from '../support/graph-double-webhook.js';
import { openOfficialLine, postAsMeta, textTo, type OfficialLine } from '../support/official-lines.js';

const QUIET = { LOG_LEVEL: 'silent', LINKED_SESSIONS_MAX: '0' };

let app: TestApp;
let line: OfficialLine;

const post = async (id: string) =>
  (await postAsMeta(app, webhookBody({ messages: [textTo(line, id)] }), line.appSecret)).status;
const stored = async () => {
  const sql = 'select dedupe_key from inbox where connection_id = $1 order by conversation_id, seq';
  return (await app.owner.query<{ dedupe_key: string }>(sql, [line.connectionId])).rows.map((row) => row.dedupe_key);
};
const spooled = () => readdir(join(app.env.dataDir, 'spool'));
const readiness = async (name: string) => {
  const { status, body } = await app.call('GET', '/health/ready');
  return { status, check: body.checks.find((check: { name: string }) => check.name === name) };
};
const refusal = { status: 503, body: { code: 'storage_unavailable' } };

describe('a store that takes nothing', () => {
  beforeEach(async () => {
    app = await startTestApp(QUIET);
    line = await openOfficialLine(app, 'ana-secret');
  });
  afterEach(() => app.close());

  it('read-only after a failover: reads are answered, writes told to wait, webhooks kept and stored later', async () => {
    const database = new URL(app.databaseUrl).pathname.slice(1);
    const turn = async (to: 'on' | 'off') => {
      await app.owner.query('set transaction_read_only = off');
      await app.owner.query(`alter database ${database} set default_transaction_read_only = ${to}`);
      await app.owner.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
      );
    };
    app.owner.on('error', () => undefined);
    await turn('on');
    await expect.poll(() => line.shop.call('POST', '/api/bots', { name: 'Bot' })).toMatchObject(refusal);
    const refused = await line.shop.call('POST', '/api/bots', { name: 'Bot' });
    expect(refused.headers.get('retry-after')).toBe('30');
    expect((await line.shop.call('GET', '/api/bots')).status).toBe(200);
    expect([await post('w.1'), await post('w.2')]).toEqual([200, 200]);
    expect(await readiness('postgres')).toEqual({
      status: 503,
      check: { name: 'postgres', status: 'down', detail: 'Postgres is read-only' },
    });
    expect(await stored()).toEqual([]);
    await turn('off');
    await expect.poll(stored, { timeout: 15_000 }).toEqual(['w.1', 'w.2']);
    await expect.poll(spooled).toEqual([]);
    expect((await line.shop.call('POST', '/api/bots', { name: 'Bot' })).status).toBe(201);
  });

  it('a full disk of Postgres: writes are told to wait, webhooks kept and stored once there is room', async () => {
    await app.owner.query(`
      create function no_room() returns trigger language plpgsql as $$
        begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$;
      create trigger no_room before insert on inbox for each statement execute function no_room();
      create trigger no_room before insert on bot for each statement execute function no_room();`);
    expect(await line.shop.call('POST', '/api/bots', { name: 'Bot' })).toMatchObject(refusal);
    expect(await Promise.all([post('w.1'), post('w.2'), post('w.3')])).toEqual([200, 200, 200]);
    expect(await stored()).toEqual([]);
    await app.owner.query('drop function no_room cascade');
    await expect.poll(async () => (await stored()).toSorted(), { timeout: 15_000 }).toEqual(['w.1', 'w.2', 'w.3']);
    await expect.poll(spooled).toEqual([]);
  });

  it(
    'one locked table: who needs it hears so in seconds, and the rest of the API goes on',
    { timeout: 40_000 },
    async () => {
      const other = await app.openShop();
      const client = await app.owner.connect();
      await client.query('begin; lock table product in access exclusive mode');
      try {
        const waiting = Array.from({ length: 12 }, () => line.shop.call('GET', '/api/products'));
        const startedAt = performance.now();
        expect((await other.call('GET', '/api/bots')).status).toBe(200);
        for (const answer of await Promise.all(waiting)) expect(answer).toMatchObject(refusal);
        expect(performance.now() - startedAt).toBeLessThan(15_000);
      } finally {
        await client.query('rollback');
        client.release();
      }
      expect((await line.shop.call('GET', '/api/products')).status).toBe(200);
    },
  );
});

describe.runIf(canMount())('a full disk of our own', () => {
  it('refuses an upload with when to ask again, says so in readiness, and takes it once there is room', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'dashoffice-full-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', dataDir]);
    try {
      app = await startTestApp({ ...QUIET, DATA_DIR: dataDir });
      await mkdir(join(dataDir, 'media'), { recursive: true });
      const shop = await app.openShop();
      const upload = async (sizeBytes: number) => {
        const form = new FormData();
        form.append('file', new Blob([PNG, new Uint8Array(sizeBytes)], { type: 'image/png' }), 'a.png');
        const { authorization } = shop;
        const answer = await fetch(`${app.url}/api/media`, { method: 'POST', body: form, headers: { authorization } });
        return { status: answer.status, body: await answer.json(), retryAfter: answer.headers.get('retry-after') };
      };
      expect(await upload(2 * 2 ** 20)).toMatchObject({ ...refusal, retryAfter: '30' });
      expect(await readiness('disk')).toEqual({
        status: 200,
        check: { name: 'disk', status: 'degraded', detail: expect.stringMatching(/^\d MiB free in DATA_DIR$/) },
      });
      expect((await upload(1000)).status).toBe(201);
    } finally {
      await app.close().catch(() => undefined);
      execFileSync('umount', ['-l', dataDir]);
      await rm(dataDir, { recursive: true, force: true });
    }
  });
});

const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** Root of a machine, or of a container that may. */
function canMount(): boolean {
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
