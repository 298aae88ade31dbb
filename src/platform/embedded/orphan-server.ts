import { execFile } from 'node:child_process';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { EmbeddedPostgresError } from './embedded-postgres.errors.js';
import { ignoreMissing } from './ignore-missing.js';

const POLL_MS = 20;
const FAST_SHUTDOWN_MS = 60_000;
const ABORT_MS = 10_000;

/** What postmaster.pid says: the server writes its id first and, in the last line, how far it has come. */
export type PostmasterPid = { readonly pid: number; readonly isReady: boolean };

export async function readPostmasterPid(cluster: string): Promise<PostmasterPid | undefined> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(ignoreMissing);
  const lines = text?.split('\n').map((line) => line.trim()) ?? [];
  const pid = Number(lines[0]);
  return pid > 0 ? { pid, isReady: lines[7] === 'ready' } : undefined;
}

/**
 * Ends a server that outlived the process which started it, so that ours can have the folder. The caller holds the
 * folder's lock, so whoever is found at work in it is left over.
 *
 * @returns whether there was one
 * @throws EmbeddedPostgresError it does not end
 */
export async function stopOrphan(cluster: string): Promise<boolean> {
  const main = await readPostmasterPid(cluster);
  const found = await serversIn(cluster, main);
  if (main && found.includes(main.pid)) {
    process.kill(main.pid, 'SIGINT');
    await waitUntilEmpty(cluster, main, FAST_SHUTDOWN_MS);
  }
  // Without their main process the others only notice at their next wait, which may be a long query away.
  for (const pid of await serversIn(cluster, main)) process.kill(pid, 'SIGQUIT');
  const left = await waitUntilEmpty(cluster, main, ABORT_MS);
  if (left.length > 0) {
    throw new EmbeddedPostgresError(`An earlier Postgres (process ${left.join(', ')}) still holds ${cluster}. End it.`);
  }
  // With nobody in the folder the file is stale, yet the server would refuse to start when its id is in use again.
  if (process.platform === 'linux') await rm(join(cluster, 'postmaster.pid'), { force: true });
  return found.length > 0;
}

async function waitUntilEmpty(cluster: string, main: PostmasterPid | undefined, withinMs: number): Promise<number[]> {
  const deadline = Date.now() + withinMs;
  let left = await serversIn(cluster, main);
  while (left.length > 0 && Date.now() < deadline) {
    await delay(POLL_MS);
    left = await serversIn(cluster, main);
  }
  return left;
}

/** Postgres processes work inside their data folder, which tells them from a stranger that got an old process id. */
async function serversIn(cluster: string, main: PostmasterPid | undefined): Promise<number[]> {
  if (process.platform === 'win32') return [];
  if (process.platform !== 'linux') return main && (await isPostgres(main.pid)) ? [main.pid] : [];
  const home = await stat(cluster).catch(ignoreMissing);
  if (!home) return [];
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0);
  const found = await Promise.all(
    pids.map(async (pid) => {
      // A process may end while we look, and other users' processes are closed to us: neither is a server of ours.
      const folder = await stat(`/proc/${pid}/cwd`).catch(() => undefined);
      if (folder?.dev !== home.dev || folder.ino !== home.ino) return false;
      const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
      return name.trim() === 'postgres';
    }),
  );
  return pids.filter((_, index) => found[index]);
}

async function isPostgres(pid: number): Promise<boolean> {
  return promisify(execFile)('ps', ['-p', String(pid), '-o', 'comm=']).then(
    ({ stdout }) => stdout.trim().endsWith('postgres'),
    () => false,
  );
}
