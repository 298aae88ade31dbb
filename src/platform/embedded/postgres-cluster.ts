import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chown, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { EmbeddedPostgresError, USE_OWN_DATABASE } from './embedded-postgres.errors.js';
import { ignoreMissing } from './ignore-missing.js';
import type { PostgresBinaries } from './postgres-binaries.js';
import { canReach, type ServerUser } from './server-user.js';

const INITDB_TIMEOUT_MS = 120_000;

/** What is chosen once per cluster and kept beside it, readable by its owner only. */
export type ServerFile = { readonly port: number; readonly password: string };

export type ClusterPlan = {
  readonly folder: string;
  readonly user: ServerUser;
  readonly binaries: PostgresBinaries;
  readonly password: string;
  /** Whether it must be on the disk when creating it returns. */
  readonly isDurable: boolean;
};

/** How a process of the server's user is told its data folder. */
export type FolderArgument = { readonly argument: string; readonly cwd: string };

/** Only a server's own variables: what we were started with may hold secrets, or PG… names that would mislead it. */
export const SERVER_ENV: NodeJS.ProcessEnv = Object.fromEntries(
  Object.entries({
    PATH: process.env['PATH'],
    SystemRoot: process.env['SystemRoot'],
    TEMP: process.env['TEMP'],
    TZ: 'UTC',
    LC_ALL: 'C',
  }).filter(([, value]) => value !== undefined),
);

const serverFileSchema = z.object({ port: z.int().min(1).max(65_535), password: z.string().min(1) });

/** Undefined also when it is spoiled: both can be chosen anew. */
export async function readServerFile(folder: string): Promise<ServerFile | undefined> {
  const text = await readFile(join(folder, 'server.json'), 'utf8').catch(ignoreMissing);
  try {
    return serverFileSchema.parse(JSON.parse(text ?? ''));
  } catch {
    return undefined;
  }
}

/** Replaced in one step, so that a crash never leaves half a password. */
export async function writeServerFile(folder: string, content: ServerFile): Promise<void> {
  const unfinished = join(folder, 'server.json.new');
  await writeFile(unfinished, JSON.stringify(content), { mode: 0o600, flush: true });
  await rename(unfinished, join(folder, 'server.json'));
}

export function newPassword(): string {
  return randomBytes(24).toString('base64url');
}

export async function hasCluster(folder: string): Promise<boolean> {
  return (await readFile(join(folder, 'data', 'PG_VERSION')).catch(ignoreMissing)) !== undefined;
}

/**
 * Creates the cluster when there is none; an interrupted creation leaves nothing behind that counts.
 *
 * @returns whether there was none
 * @throws EmbeddedPostgresError the data is another major version's
 */
export async function ensureCluster(plan: ClusterPlan): Promise<boolean> {
  const { folder, user, binaries } = plan;
  const cluster = join(folder, 'data');
  const major = (await readFile(join(cluster, 'PG_VERSION'), 'utf8').catch(ignoreMissing))?.trim();
  if (major === binaries.major) return false;
  if (major !== undefined) {
    throw new EmbeddedPostgresError(
      `${cluster} was written by Postgres ${major}, and this DashOffice brings Postgres ${binaries.major}. ` +
        `Go back to the version that wrote it, or move the folder away to begin anew. ${USE_OWN_DATABASE}`,
    );
  }
  const unfinished = join(folder, 'data.new');
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  if (user) await chown(unfinished, user.uid, user.gid);
  await initialise(unfinished, plan);
  await rename(unfinished, cluster);
  return true;
}

/** For a cluster that no server runs on: Postgres' single-user mode asks for no password. */
export async function setPassword({
  at: { argument, cwd },
  user,
  binaries,
  password,
}: Pick<ClusterPlan, 'user' | 'binaries' | 'password'> & { readonly at: FolderArgument }): Promise<void> {
  const single = execFile(binaries.postgres, ['--single', '-D', argument, 'postgres'], {
    ...user,
    cwd,
    env: SERVER_ENV,
    timeout: INITDB_TIMEOUT_MS,
  });
  single.stdin?.end(`alter role postgres password '${password}';\n`);
  const [code] = (await once(single, 'exit')) as [number | null];
  if (code !== 0) throw new EmbeddedPostgresError(`Postgres took no new password. ${USE_OWN_DATABASE}`);
}

async function initialise(cluster: string, { user, binaries, password, isDurable }: ClusterPlan): Promise<void> {
  const secrets = await mkdtemp(join(tmpdir(), 'dashoffice-'));
  try {
    const passwordFile = join(secrets, 'password');
    await writeFile(passwordFile, password, { mode: 0o600 });
    if (user) await Promise.all([secrets, passwordFile].map((path) => chown(path, user.uid, user.gid)));
    const { argument, cwd } = await folderArgument(cluster, user);
    const flags = [
      `--pgdata=${argument}`,
      `--pwfile=${passwordFile}`,
      '--username=postgres',
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // Sorted the same way on every system, whatever its C library.
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--no-instructions',
      ...(isDurable ? [] : ['--no-sync']),
    ];
    await promisify(execFile)(binaries.initdb, flags, { ...user, cwd, env: SERVER_ENV, timeout: INITDB_TIMEOUT_MS });
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string };
    throw new EmbeddedPostgresError(
      `The database could not be created in ${cluster}: ${stderr.trim() || message}\n${USE_OWN_DATABASE}`,
      { cause: error },
    );
  } finally {
    await rm(secrets, { recursive: true });
  }
}

/**
 * The folder as the server's user can open it. A clone in root's own home is closed to that user, but a process may
 * be started inside it: Linux then gives the folder a second name that passes no closed parent.
 */
export async function folderArgument(cluster: string, user: ServerUser): Promise<FolderArgument> {
  if (await canReach(user, cluster)) return { argument: cluster, cwd: cluster };
  if (process.platform === 'linux') return { argument: '/proc/self/cwd', cwd: cluster };
  throw new EmbeddedPostgresError(
    `Postgres does not run as root, and the user it would run as cannot reach ${cluster}. ` +
      `Set DATA_DIR to a folder outside root's home. ${USE_OWN_DATABASE}`,
  );
}
