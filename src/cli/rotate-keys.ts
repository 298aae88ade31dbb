import 'reflect-metadata';
import { existsSync } from 'node:fs';
import { readEnv } from '../platform/config/env.js';
import { ROLES } from '../roles.js';
import { loadSecrets } from '../platform/config/secrets.js';
import { rotateKeys } from '../platform/crypto/rotate-keys.js';
import { SecretBox } from '../platform/crypto/secret-box.js';
import { OwnerDatabase } from '../platform/database/owner-database.js';
import { openOwnersDatabase } from './owners-database.js';
import { SEALED_COLUMNS } from '../sealed-columns.js';

if (existsSync('.env')) process.loadEnvFile('.env');
const say = (line: string) => process.stdout.write(`${line}\n`);

try {
  const env = readEnv(process.env, ROLES);
  const box = new SecretBox(await loadSecrets(env));
  if (box.oldKeyIds.length === 0) say('ENCRYPTION_KEYS_OLD names no other key than the current one: nothing to open');
  const { url, close } = await openOwnersDatabase(env, say);
  try {
    const done = await rotateKeys(new OwnerDatabase(url), box, SEALED_COLUMNS);
    for (const { table, sealed, rotated, unreadable } of done) {
      say(`${table}.${sealed}: ${rotated} sealed anew${unreadable > 0 ? `, ${unreadable} cannot be opened` : ''}`);
    }
    const unreadable = done.reduce((sum, column) => sum + column.unreadable, 0);
    if (unreadable > 0) {
      say(`${unreadable} values are sealed with other keys: add those to ENCRYPTION_KEYS_OLD and run this again`);
      process.exitCode = 1;
    } else say('Everything is sealed with the current key: ENCRYPTION_KEYS_OLD is not needed any more');
  } finally {
    await close();
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
