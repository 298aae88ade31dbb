import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const SQLITE_BUSY = 5;

export type DataDirLock = { release(): void };

/** Another process holds the folder. `pid` is what it wrote down, `undefined` when it had no time to. */
export class DataDirInUseError extends Error {
  override readonly name = 'DataDirInUseError';

  constructor(
    readonly dataDir: string,
    readonly pid: number | undefined,
  ) {
    super(
      `Another DashOffice${pid === undefined ? '' : ` (process ${pid})`} is already using ${dataDir}. ` +
        'Stop it first, or give this one its own DATA_DIR and PORT.',
    );
  }
}

/**
 * Makes this process the only one that uses the folder, which is created when missing.
 *
 * The lock is SQLite's exclusive transaction on an empty file: the one lock of the operating system that Node ships.
 * The kernel drops it with the process, also after kill -9, so there is nothing stale to judge by a process id.
 *
 * @throws DataDirInUseError another process holds it
 */
export async function lockDataDir(dataDir: string): Promise<DataDirLock> {
  const folder = resolve(dataDir);
  await mkdir(folder, { recursive: true });
  const holderFile = join(folder, 'lock.json');
  const lock = new DatabaseSync(join(folder, 'lock.db'), { timeout: 0 });
  try {
    lock.exec('begin exclusive');
  } catch (error) {
    lock.close();
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error;
    throw new DataDirInUseError(folder, await readHolder(holderFile));
  }
  await writeFile(holderFile, JSON.stringify({ pid: process.pid }));
  return {
    release: () => {
      if (lock.isOpen) lock.close();
    },
  };
}

async function readHolder(file: string): Promise<number | undefined> {
  try {
    const { pid } = JSON.parse(await readFile(file, 'utf8')) as { pid?: unknown };
    return typeof pid === 'number' ? pid : undefined;
  } catch {
    // Not written yet, or half-written: the holder is starting at this very moment.
    return undefined;
  }
}
