import { execFileSync, spawn, type ChildProcess, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { choosePort } from '../../src/platform/embedded/server-port.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { until } from '../support/until.js';

/** What a start reads besides scripts/. */
const CLONED = [
  'bench',
  'dist',
  'migrations',
  'node_modules',
  'package.json',
  'package-lock.json',
  'rolldown.config.ts',
  'src',
  'test',
  'tsconfig.json',
];

/** Of one installation, whose database all starts here share. */
const KEYS = {
  ENCRYPTION_KEY: randomBytes(32).toString('base64'),
  JWT_SECRET: randomBytes(48).toString('base64url'),
};

type Running = { readonly pid: number; readonly parent: number; readonly rssKb: number; readonly program: string };

function processes(): Running[] {
  const lines = execFileSync('ps', ['-axo', 'pid=,ppid=,rss=,args='], { encoding: 'utf8' }).trim().split('\n');
  return lines.map((line) => {
    const [pid, parent, rssKb, ...program] = line.trim().split(/\s+/);
    return { pid: Number(pid), parent: Number(parent), rssKb: Number(rssKb), program: program.join(' ') };
  });
}

/** Everything that this process has started, and what those have. */
function below(pid: number, all = processes()): Running[] {
  return all.filter(({ parent }) => parent === pid).flatMap((child) => [child, ...below(child.pid, all)]);
}

const isAlive = (pid: number) => processes().some((running) => running.pid === pid);

describe.skipIf(process.platform === 'win32')('npm start', { timeout: 120_000 }, () => {
  let database: TestDatabase;
  let dir: string;
  let port: number;
  let started: ChildProcess;
  let said = '';

  beforeAll(async () => {
    database = await createTestDatabase();
    return () => database.drop();
  });
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'dashoffice-start-'));
    port = await choosePort();
  });
  afterEach(async () => {
    for (const { pid } of below(started.pid ?? 0)) process.kill(pid, 'SIGKILL');
    started.kill('SIGKILL');
    await rm(dir, { recursive: true, force: true });
  });

  /** In a process group of its own, as in a terminal. */
  function run(variables: Record<string, string> = {}): void {
    const { PATH, HOME } = process.env;
    const env = { PATH, HOME, ...KEYS, DATABASE_URL: database.url, DATA_DIR: dir, PORT: String(port), ...variables };
    listen(spawn('npm', ['start'], { detached: true, env }));
  }
  function listen(child: ChildProcessWithoutNullStreams): void {
    started = child;
    said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (said += text.toString()));
  }
  /** @returns process ids of npm and of what it became below */
  async function open(): Promise<{ npmPid: number; serverPid: number }> {
    run();
    await until('the server', async () => said.includes('DashOffice is open'), 60_000);
    const [server] = below(started.pid ?? 0);
    return { npmPid: started.pid ?? 0, serverPid: server?.pid ?? 0 };
  }
  const ended = async () => (await once(started, 'exit')) as [number | null, NodeJS.Signals | null];

  it('becomes the server: nothing of ours stays beside it', async () => {
    const { npmPid, serverPid } = await open();
    const tree = below(npmPid);
    for (const { pid, rssKb, program } of [...processes().filter(({ pid }) => pid === npmPid), ...tree])
      process.stdout.write(`${pid} ${Math.round(rssKb / 1024)} MB ${program}\n`);
    expect(tree).toMatchObject([{ pid: serverPid, parent: npmPid }]);
    expect(tree[0]?.program).toMatch(/node_modules\/node\/bin\/node --max-semi-space-size=4 dist\/main\.js$/);
    expect((await fetch(`http://127.0.0.1:${port}/health/live`)).status).toBe(200);
  });

  it('stops once and cleanly at Ctrl-C, which reaches npm and the server alike', async () => {
    const { npmPid, serverPid } = await open();
    const exit = ended();
    process.kill(-npmPid, 'SIGINT');
    expect(await exit).toEqual([0, null]);
    expect(said.match(/Stopping/g)).toHaveLength(1);
    expect(isAlive(serverPid)).toBe(false);
  });

  it('stops cleanly when npm alone is told to', async () => {
    const { npmPid, serverPid } = await open();
    const exit = ended();
    process.kill(npmPid, 'SIGTERM');
    await exit;
    await until('the end of the server', async () => !isAlive(serverPid));
    expect(said.match(/Stopping/g)).toHaveLength(1);
    expect(said).not.toContain('The stop was not clean');
  });

  it('stops cleanly when npm is killed', async () => {
    const { npmPid, serverPid } = await open();
    process.kill(npmPid, 'SIGKILL');
    await until('the end of the server', async () => !isAlive(serverPid));
    expect(said.match(/Stopping/g)).toHaveLength(1);
  });

  it('ends with the exit code of the server, and says once why it did not start', async () => {
    run({ PORT: '99999' });
    expect(await ended()).toEqual([1, null]);
    expect(said.match(/PORT/g)).toHaveLength(1);
  });

  it('needs no npm: the script alone becomes the server, in its own folder, wherever it was called from', async () => {
    const there = join(dir, 'clone');
    await cp('scripts', join(there, 'scripts'), { recursive: true });
    for (const name of CLONED) await symlink(resolve(name), join(there, name));
    await writeFile(join(there, '.env'), `DATABASE_URL=${database.url}\nPORT=${port}\nDATA_DIR=of-the-clone\n`);
    listen(spawn('sh', [join(there, 'scripts/start.sh')], { cwd: '/', env: { PATH: process.env['PATH'], ...KEYS } }));
    await until('the server', async () => said.includes(`DashOffice is open at http://127.0.0.1:${port}`), 60_000);
    expect(existsSync(join(there, 'of-the-clone'))).toBe(true);
    const { program } = processes().find(({ pid }) => pid === started.pid) ?? {};
    expect(program).toMatch(/node --max-semi-space-size=4 dist\/main\.js$/);
    const exit = ended();
    started.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
  });
});
