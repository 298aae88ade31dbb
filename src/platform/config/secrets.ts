import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { BadConfigurationError, type Env } from './env.js';

export const SECRETS = Symbol('SECRETS');
export type Secrets = {
  readonly jwtSecret: string;
  /** 32 bytes, base64; everything is sealed with it. */
  readonly encryptionKey: string;
  /** Keys of before, which still open what they sealed until it is sealed anew. */
  readonly oldEncryptionKeys?: readonly string[];
};

const fileSchema = z.object({ jwtSecret: z.string().min(32), encryptionKey: z.string().length(44) });

/**
 * The two secrets of an installation: from the environment, else made once and kept in `<DATA_DIR>/secrets.json`
 * (mode 0600). Several processes on several machines need the variables; one machine does not.
 */
export async function loadSecrets(env: Env): Promise<Secrets> {
  const { jwtSecret, encryptionKey, encryptionKeysOld } = env;
  const old = encryptionKeysOld.length > 0 ? { oldEncryptionKeys: encryptionKeysOld } : {};
  if (jwtSecret && encryptionKey) return { jwtSecret, encryptionKey, ...old };
  const kept = await keptSecrets(env.dataDir);
  return { jwtSecret: jwtSecret ?? kept.jwtSecret, encryptionKey: encryptionKey ?? kept.encryptionKey, ...old };
}

/** A file of ours that was cut short or altered. New secrets in its place would make what they sealed unreadable. */
function parseSecrets(path: string, text: string): Secrets {
  try {
    return fileSchema.parse(JSON.parse(text));
  } catch {
    throw new BadConfigurationError(
      `${path} is spoiled. Restore it from a backup, or set JWT_SECRET and ENCRYPTION_KEY. Without the encryption key ` +
        'of before no stored credentials can be opened; to begin anew without them, move the whole folder away.',
    );
  }
}

async function keptSecrets(dataDir: string): Promise<Secrets> {
  const path = join(dataDir, 'secrets.json');
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text !== null) return parseSecrets(path, text);
  const made = { jwtSecret: randomBytes(48).toString('base64url'), encryptionKey: randomBytes(32).toString('base64') };
  await mkdir(dataDir, { recursive: true });
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, JSON.stringify(made), { mode: 0o600, flush: true });
  await chmod(draft, 0o600);
  await rename(draft, path);
  return made;
}
