import { randomBytes, randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { proveEncryptionKey } from './encryption-canary.js';
import { SEALED_COLUMNS } from '../../sealed-columns.js';
import { rotateKeys } from './rotate-keys.js';
import { SecretBox } from './secret-box.js';

const [oldKey, newKey] = [1, 2].map(() => randomBytes(32).toString('base64')) as [string, string];
const boxOf = (encryptionKey: string, ...oldEncryptionKeys: string[]) =>
  new SecretBox({ jwtSecret: 'x'.repeat(32), encryptionKey, oldEncryptionKeys });

let db: TestDatabase;
beforeEach(async () => {
  db = await openTestDatabase();
});
afterEach(() => db.close());

const start = (box: SecretBox) => proveEncryptionKey(db.ownerDatabase, box, SEALED_COLUMNS);

it('INV-11: a start with another key than the first one is refused and told what to do', async () => {
  await start(boxOf(oldKey));
  await start(boxOf(oldKey));
  const refused = start(boxOf(newKey));
  await expect(refused).rejects.toThrow(/secrets\.json.*ENCRYPTION_KEYS_OLD/s);
  await expect(refused).rejects.not.toThrow(oldKey);
  await start(boxOf(oldKey));
});

it('a start that has the key of before among the old ones goes on, and after the rotation without it', async () => {
  await start(boxOf(oldKey));
  await start(boxOf(newKey, oldKey));
  await rotateKeys(db.ownerDatabase, boxOf(newKey, oldKey), SEALED_COLUMNS);
  await start(boxOf(newKey));
  await expect(start(boxOf(oldKey))).rejects.toThrow(/sealed with/);
});

it('of two first starts with different keys one is refused', async () => {
  const starts = await Promise.allSettled([start(boxOf(oldKey)), start(boxOf(newKey))]);
  expect(starts.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
});

it('a database of before is judged by what is sealed in it', async () => {
  const tenantId = await db.makeTenant();
  const botId = randomUUID();
  await db.owner.query(`insert into bot (id, tenant_id, name) values ($1, $2, 'Bot')`, [botId, tenantId]);
  const { keyId, sealed } = boxOf(oldKey).seal('{}');
  await db.owner.query(
    `insert into connection (id, tenant_id, bot_id, provider, name, credentials, credentials_key_id)
     values ($1, $2, $3, 'simulator', 'x', $4, $5)`,
    [randomUUID(), tenantId, botId, sealed, keyId],
  );
  await expect(start(boxOf(newKey))).rejects.toThrow(keyId);
  await start(boxOf(oldKey));
});

it('INV-8: neither role of the requests can read the canary', async () => {
  await start(boxOf(oldKey));
  const tenantId = await db.makeTenant();
  const read = 'select * from encryption_canary';
  await expect(db.tenants.transaction(tenantId, (tx) => tx.query(read))).rejects.toThrow(/permission denied/);
  await expect(db.path.query(read)).rejects.toThrow(/permission denied/);
});
