import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { DataDirInUseError } from './data-dir-lock.js';
import { findEmbeddedPostgresUrl, startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres.js';
import { findBinaries } from './postgres-binaries.js';
import { folderArgument } from './postgres-cluster.js';
import { chooseServerUser } from './server-user.js';

let dataDir: string;
let running: EmbeddedPostgres | undefined;
let said: string[];
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'dashoffice-embedded-'));
  said = [];
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  await rm(dataDir, { recursive: true });
});

async function start(settings: Record<string, string> = { fsync: 'off' }): Promise<EmbeddedPostgres> {
  running = await startEmbeddedPostgres({ dataDir, settings, onProgress: (line) => said.push(line) });
  return running;
}

async function stop(): Promise<void> {
  await running?.stop();
  running = undefined;
}

async function ask(url: string, sql: string): Promise<unknown> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ answer: unknown }>(sql);
    return rows[0]?.answer;
  } finally {
    await client.end();
  }
}

it('keeps the data and the address from one start to the next', async () => {
  const { url } = await start();
  await ask(url, "create table note as select 'kept' as answer");
  await stop();
  await expect(ask(url, 'select 1')).rejects.toThrow('ECONNREFUSED');

  const again = await start();
  expect(again.url).toBe(url);
  expect(await ask(url, 'select answer from note')).toBe('kept');
  expect(await findEmbeddedPostgresUrl(dataDir)).toBe(url);
  expect(said).toEqual(['Creating the database']);
});

it('comes back on its own when the server is killed', async () => {
  const server = await start();
  const { url, pid } = server;
  await ask(url, "create table note as select 'kept' as answer");
  process.kill(pid, 'SIGKILL');
  await vi.waitFor(async () => expect(await ask(url, 'select answer from note')).toBe('kept'), { timeout: 15_000 });
  expect(server.pid).not.toBe(pid);
  expect(said).toContain('Postgres ended on its own (SIGKILL); starting it again');
});

it('stops for good also while it waits to start again', async () => {
  const { url, pid } = await start();
  process.kill(pid, 'SIGKILL');
  await vi.waitFor(() => expect(said.at(-1)).toContain('starting it again'));
  await stop();
  await expect(ask(url, 'select 1')).rejects.toThrow('ECONNREFUSED');
});

it('takes the folder over from a server whose process was killed', async () => {
  const { url } = await start();
  await stop();
  const cluster = join(dataDir, 'postgres', 'data');
  const user = await chooseServerUser(cluster);
  const { argument, cwd } = await folderArgument(cluster, user);
  const { postgres } = await findBinaries(user);
  const flags = ['-D', argument, '-c', `port=${new URL(url).port}`, '-c', 'unix_socket_directories='];
  const orphan = spawn(postgres, flags, { ...user, cwd, stdio: 'ignore' });
  await vi.waitFor(() => ask(url, "create table note as select 'kept' as answer"), { timeout: 10_000 });

  const ended = once(orphan, 'exit');
  const again = await start();
  expect(await ended).toEqual([0, null]);
  expect(again.url).toBe(url);
  expect(await ask(url, 'select answer from note')).toBe('kept');
  expect(said).toContain('Stopped the Postgres that an earlier start left running');
});

it('starts although the process id of its last run belongs to another program now', async () => {
  await start();
  await stop();
  const cluster = join(dataDir, 'postgres', 'data');
  const other = spawn('sleep', ['60'], { ...(await chooseServerUser(cluster)), stdio: 'ignore' });
  await writeFile(join(cluster, 'postmaster.pid'), `${other.pid}\n${cluster}\n1\n1\n\n127.0.0.1\n1 1\nready\n`);
  const { url } = await start();
  expect(await ask(url, 'select 1 as answer')).toBe(1);
  expect(other.kill()).toBe(true);
});

it.each(['', '{"port":', '{"port":5432}'])('keeps the data when its server.json is spoiled: %j', async (spoiled) => {
  const { url } = await start();
  await ask(url, "create table note as select 'kept' as answer");
  await stop();
  await writeFile(join(dataDir, 'postgres', 'server.json'), spoiled);
  const again = await start();
  expect(await ask(again.url, 'select answer from note')).toBe('kept');
  expect(said.at(-1)).toMatch(/server\.json.*new password/);
  await expect(ask(url.replace(/:\d+\//, `:${new URL(again.url).port}/`), 'select 1')).rejects.toThrow('password');
});

it('moves to another port when its own was taken meanwhile', async () => {
  const { url } = await start();
  await stop();
  const squatter = createServer().listen(Number(new URL(url).port), '127.0.0.1');
  await once(squatter, 'listening');
  const moved = await start();
  expect(new URL(moved.url).port).not.toBe(new URL(url).port);
  expect(await ask(moved.url, 'select 1 as answer')).toBe(1);
  squatter.close();
});

it('creates the cluster anew when its first creation was interrupted', async () => {
  await mkdir(join(dataDir, 'postgres', 'data.new', 'base'), { recursive: true });
  const { url } = await start();
  expect(await ask(url, 'select 1 as answer')).toBe(1);
});

it("leaves another major version's data alone", async () => {
  await mkdir(join(dataDir, 'postgres', 'data'), { recursive: true });
  await writeFile(join(dataDir, 'postgres', 'data', 'PG_VERSION'), '9\n');
  await expect(start()).rejects.toThrow(/written by Postgres 9, .*DATABASE_URL/);
});

it('repeats what the server said when it does not start, and lets go of the folder', async () => {
  await expect(start({ fsync: 'off', shared_buffers: 'plenty' })).rejects.toThrow(/DATABASE_URL[^]*"shared_buffers"/);
  const { url } = await start();
  expect(await ask(url, 'select 1 as answer')).toBe(1);
});

describe('as the product runs it', () => {
  let home: string;
  let server: EmbeddedPostgres;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'dashoffice-embedded-'));
    server = await startEmbeddedPostgres({ dataDir: home });
  });
  afterAll(async () => {
    await server.stop();
    await rm(home, { recursive: true });
  });

  it('writes to the disk before it says so, unless told otherwise', async () => {
    expect(
      await ask(server.url, "select current_setting('fsync') || current_setting('synchronous_commit') as answer"),
    ).toBe('onon');
  });

  it('answers on this machine only, and to the password only', async () => {
    expect(await ask(server.url, "select current_setting('listen_addresses') as answer")).toBe('127.0.0.1');
    const stranger = new URL(server.url);
    stranger.password = 'guessed';
    await expect(ask(stranger.href, 'select 1')).rejects.toThrow('password authentication failed');
    expect((await stat(join(home, 'postgres', 'server.json'))).mode & 0o077).toBe(0);
  });

  it('never runs as root', async () => {
    const status = await readFile(`/proc/${server.pid}/status`, 'utf8');
    expect(/^Uid:\t(\d+)/m.exec(status)?.[1]).not.toBe('0');
  });

  it('refuses a second server on the folder and leaves the first alone', async () => {
    await expect(startEmbeddedPostgres({ dataDir: home })).rejects.toBeInstanceOf(DataDirInUseError);
    expect(await ask(server.url, 'select 1 as answer')).toBe(1);
  });
});
