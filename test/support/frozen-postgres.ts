import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrateUp } from '../../src/platform/database/migrate.js';
import { startEmbeddedPostgres } from '../../src/platform/embedded/embedded-postgres.js';

export type FrozenPostgres = {
  /** The superuser's URL of a migrated database on a server of the test's own. */
  readonly url: string;
  /** Its processes stop where they are: the kernel takes connections and statements, and nobody answers. */
  freeze(): Promise<void>;
  thaw(): void;
  stop(): Promise<void>;
};

export async function openFrozenPostgres(): Promise<FrozenPostgres> {
  const dataDir = await mkdtemp(join(tmpdir(), 'dashoffice-frozen-'));
  const postgres = await startEmbeddedPostgres({ dataDir, settings: { fsync: 'off', max_connections: '60' } });
  await migrateUp(postgres.url);
  let frozen: number[] = [];
  const thaw = () => {
    for (const pid of frozen) send(pid, 'SIGCONT');
    frozen = [];
  };
  return {
    url: postgres.url,
    freeze: async () => {
      // The one that starts the others first.
      send(postgres.pid, 'SIGSTOP');
      frozen = [postgres.pid, ...(await childrenOf(postgres.pid))];
      for (const pid of frozen) send(pid, 'SIGSTOP');
    },
    thaw,
    stop: async () => {
      thaw();
      await postgres.stop();
      await rm(dataDir, { recursive: true });
    },
  };
}

/** A process may have ended since it was listed. */
function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

async function childrenOf(parent: number): Promise<number[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0);
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')));
  return pids.filter((_, at) => Number(stats[at]?.split(') ').at(-1)?.split(' ')[1]) === parent);
}
