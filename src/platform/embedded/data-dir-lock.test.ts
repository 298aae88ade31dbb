import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DataDirInUseError, lockDataDir } from './data-dir-lock.js';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'dashoffice-lock-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

/** Another process that holds the lock until it is killed. */
async function holdElsewhere(): Promise<{ pid: number; kill(): Promise<void> }> {
  const script = `
    import { DatabaseSync } from 'node:sqlite';
    import { writeFileSync } from 'node:fs';
    const lock = new DatabaseSync(process.argv[1] + '/lock.db');
    lock.exec('begin exclusive');
    writeFileSync(process.argv[1] + '/lock.json', JSON.stringify({ pid: process.pid }));
    process.stdout.write('held');
    process.stdin.resume();`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, dataDir]);
  await once(child.stdout, 'data');
  return {
    pid: child.pid ?? 0,
    kill: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

it('creates the folder and is free again once released', async () => {
  const folder = join(dataDir, 'new', 'folder');
  (await lockDataDir(folder)).release();
  const again = await lockDataDir(folder);
  again.release();
  expect(() => again.release()).not.toThrow();
});

it('refuses a second holder and names the first', async () => {
  const lock = await lockDataDir(dataDir);
  await expect(lockDataDir(dataDir)).rejects.toThrow(
    `Another DashOffice (process ${process.pid}) is already using ${dataDir}. Stop it first`,
  );
  lock.release();
});

it('refuses while another process holds it, and takes over when that one is killed', async () => {
  const holder = await holdElsewhere();
  await expect(lockDataDir(dataDir)).rejects.toMatchObject({ name: 'DataDirInUseError', pid: holder.pid });
  await holder.kill();
  (await lockDataDir(dataDir)).release();
});

it('is not misled by a note of a holder that is gone', async () => {
  await writeFile(join(dataDir, 'lock.json'), JSON.stringify({ pid: process.pid }));
  (await lockDataDir(dataDir)).release();
});

it.each(['', '{"pid":', '{"pid":"x"}'])('still refuses when the note says %j', async (note) => {
  const lock = await lockDataDir(dataDir);
  await writeFile(join(dataDir, 'lock.json'), note);
  const refusal = await lockDataDir(dataDir).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(DataDirInUseError);
  expect((refusal as DataDirInUseError).pid).toBeUndefined();
  lock.release();
});

it('passes on what else keeps it from the file', async () => {
  await writeFile(join(dataDir, 'lock.db'), 'this is no database, and long enough to be read as one'.repeat(20));
  await expect(lockDataDir(dataDir)).rejects.not.toBeInstanceOf(DataDirInUseError);
});
