import { join, resolve } from 'node:path';
import { Client } from 'pg';
import { lockDataDir } from './data-dir-lock.js';
import { stopOrphan } from './orphan-server.js';
import { findBinaries } from './postgres-binaries.js';
import {
  ensureCluster,
  folderArgument,
  hasCluster,
  newPassword,
  readServerFile,
  setPassword,
  writeServerFile,
} from './postgres-cluster.js';
import { PostgresServer, type ServerSettings } from './postgres-server.js';
import { choosePort } from './server-port.js';
import { chooseServerUser } from './server-user.js';

const DATABASE = 'dashoffice';
const CONNECT_TIMEOUT_MS = 10_000;
const NO_SUCH_DATABASE = '3D000';

/** For little data on a small machine; everything else is Postgres' own default, fsync among them. */
const SETTINGS: ServerSettings = {
  max_connections: '60',
  shared_buffers: '128MB',
  max_wal_size: '512MB',
  wal_compression: 'on',
  autovacuum_naptime: '15s',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // A failed statement in the log would show people's data; the application logs what it needs itself.
  log_min_messages: 'log',
  log_checkpoints: 'off',
};

export type EmbeddedPostgresOptions = {
  /** DATA_DIR; the server keeps to the folder `postgres` in it. */
  readonly dataDir: string;
  /** One line for a person each time something takes a while. */
  readonly onProgress?: (line: string) => void;
  /** Default: the port of the last start, at first any free one. */
  readonly port?: number;
  /** Overrides of postgresql.conf. `fsync: 'off'` makes the data expendable, as in tests. */
  readonly settings?: ServerSettings;
};

export type EmbeddedPostgres = {
  /** The superuser's URL of the database `dashoffice`, on 127.0.0.1. */
  readonly url: string;
  /** Process id of the server as it runs now. */
  readonly pid: number;
  /** Disconnects every client, writes everything down and ends the server. Starting again finds the same URL. */
  stop(): Promise<void>;
};

/**
 * Starts a real Postgres of the npm package on the folder, created and recovered as need be. It is started again should
 * it die on its own, and is told to end when this process exits without calling `stop`.
 *
 * @throws DataDirInUseError another process runs a server on the folder
 * @throws EmbeddedPostgresError it cannot run here; the message says what to do
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { onProgress = () => undefined } = options;
  const folder = join(resolve(options.dataDir), 'postgres');
  const lock = await lockDataDir(folder);
  try {
    const { server, password } = await open(folder, options, onProgress);
    await server.start();
    const url = urlOf(password, server.port);
    await ensureDatabase(url, password, server.port);
    return {
      url,
      get pid() {
        return server.pid;
      },
      stop: async () => {
        await server.stop();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** The URL of the server that another process runs on the folder; `undefined` when none was ever started there. */
export async function findEmbeddedPostgresUrl(dataDir: string): Promise<string | undefined> {
  const file = await readServerFile(join(resolve(dataDir), 'postgres'));
  return file && urlOf(file.password, file.port);
}

async function open(
  folder: string,
  { port, settings = {} }: EmbeddedPostgresOptions,
  onProgress: (line: string) => void,
): Promise<{ server: PostgresServer; password: string }> {
  const cluster = join(folder, 'data');
  const user = await chooseServerUser(cluster);
  const binaries = await findBinaries(user);
  const known = await readServerFile(folder);
  if (await stopOrphan(cluster)) onProgress('Stopped the Postgres that an earlier start left running');
  const file = { password: known?.password ?? newPassword(), port: port ?? (await choosePort(known?.port)) };
  await writeServerFile(folder, file);
  if (!(await hasCluster(folder))) onProgress('Creating the database');
  else if (!known) onProgress('postgres/server.json is lost or spoiled; the database gets a new password');
  const isNew = await ensureCluster({
    folder,
    user,
    binaries,
    password: file.password,
    isDurable: settings['fsync'] !== 'off',
  });
  const at = await folderArgument(cluster, user);
  if (!known && !isNew) await setPassword({ at, user, binaries, password: file.password });
  const plan = { folder, cluster, at, user, binaries, settings: { ...SETTINGS, ...settings }, onProgress };
  return { server: new PostgresServer(plan, file.port), password: file.password };
}

function urlOf(password: string, port: number, database = DATABASE): string {
  return `postgres://postgres:${password}@127.0.0.1:${port}/${database}`;
}

async function ensureDatabase(url: string, password: string, port: number): Promise<void> {
  try {
    await withClient(url, (client) => client.query('select 1'));
  } catch (error) {
    if ((error as { code?: string }).code !== NO_SUCH_DATABASE) throw error;
    await withClient(urlOf(password, port, 'postgres'), (client) => client.query(`create database ${DATABASE}`));
  }
}

async function withClient(url: string, work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
