import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readEnv } from './env.js';
import { ROLES } from '../../roles.js';
import { loadSecrets } from './secrets.js';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'dashoffice-secrets-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

it('makes the secrets once, for the owner of the folder alone, and finds them again', async () => {
  const env = readEnv({ DATA_DIR: dataDir }, ROLES);
  const made = await loadSecrets(env);
  expect(Buffer.from(made.encryptionKey, 'base64')).toHaveLength(32);
  expect(await loadSecrets(env)).toEqual(made);
  const { mode } = await stat(join(dataDir, 'secrets.json'));
  expect(mode & 0o777).toBe(0o600);
});

it('prefers the environment', async () => {
  const jwtSecret = 'j'.repeat(40);
  const encryptionKey = Buffer.alloc(32, 1).toString('base64');
  const env = readEnv({ DATA_DIR: dataDir, JWT_SECRET: jwtSecret, ENCRYPTION_KEY: encryptionKey }, ROLES);
  expect(await loadSecrets(env)).toEqual({ jwtSecret, encryptionKey });
});

it('names a file that is cut short or altered, with the way out, and leaves it as it is', async () => {
  const path = join(dataDir, 'secrets.json');
  for (const spoiled of ['', '{"jwtSecret":"abc', '{}', 'null']) {
    await writeFile(path, spoiled);
    const loading = loadSecrets(readEnv({ DATA_DIR: dataDir }, ROLES));
    await expect(loading).rejects.toThrow(/secrets\.json is spoiled.*backup.*ENCRYPTION_KEY/s);
    expect(await readFile(path, 'utf8')).toBe(spoiled);
  }
});

it('takes keys of before along, and refuses one that is none', async () => {
  const [old, encryptionKey] = [1, 2].map((byte) => Buffer.alloc(32, byte).toString('base64'));
  const variables = { DATA_DIR: dataDir, JWT_SECRET: 'j'.repeat(40), ENCRYPTION_KEY: encryptionKey };
  const { oldEncryptionKeys } = await loadSecrets(readEnv({ ...variables, ENCRYPTION_KEYS_OLD: `${old}` }, ROLES));
  expect(oldEncryptionKeys).toEqual([old]);
  expect(() => readEnv({ ...variables, ENCRYPTION_KEYS_OLD: 'short' }, ROLES)).toThrow(/ENCRYPTION_KEYS_OLD/);
});
