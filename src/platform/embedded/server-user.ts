import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EmbeddedPostgresError, USE_OWN_DATABASE } from './embedded-postgres.errors.js';
import { ignoreMissing } from './ignore-missing.js';

/** Whom the server runs as; `undefined` means as ourselves. */
export type ServerUser = { readonly uid: number; readonly gid: number } | undefined;

const CANDIDATES = ['postgres', '_postgres', 'nobody'];

/** Postgres refuses to run as root: root lends it an unprivileged user, the one that owns the data if there is any. */
export async function chooseServerUser(clusterDir: string): Promise<ServerUser> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = await stat(clusterDir).catch(ignoreMissing);
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  // initdb looks its user up by name, so an id of our own choice would not do.
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  for (const name of CANDIDATES) {
    const line = lines.find(([user]) => user === name);
    if (line) return { uid: Number(line[2]), gid: Number(line[3]) };
  }
  throw new EmbeddedPostgresError(
    `Postgres does not run as root, and this machine has none of the users ${CANDIDATES.join(', ')}. ` +
      `Start DashOffice as an ordinary user. ${USE_OWN_DATABASE}`,
  );
}

/** Whether the user can pass every folder above `path`, and read and enter (or run) `path` itself. */
export async function canReach(user: ServerUser, path: string): Promise<boolean> {
  if (!user) return true;
  const real = await realpath(path);
  if (!allows(await stat(real), user, 0o5)) return false;
  for (let folder = dirname(real); ; folder = dirname(folder)) {
    if (!allows(await stat(folder), user, 0o1)) return false;
    if (folder === dirname(folder)) return true;
  }
}

function allows(
  entry: { uid: number; gid: number; mode: number },
  user: NonNullable<ServerUser>,
  bits: number,
): boolean {
  const shift = entry.uid === user.uid ? 6 : entry.gid === user.gid ? 3 : 0;
  return ((entry.mode >> shift) & bits) === bits;
}
