import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../test/support/database.js';
import { rotateKeys } from '../platform/crypto/rotate-keys.js';
import { SecretBox } from '../platform/crypto/secret-box.js';
import { SEALED_COLUMNS } from '../sealed-columns.js';

const rotate = (box: SecretBox) => rotateKeys(db.ownerDatabase, box, SEALED_COLUMNS);
const [oldKey, newKey, lostKey] = [1, 2, 3].map(() => randomBytes(32).toString('base64')) as [string, string, string];
const boxOf = (encryptionKey: string, ...oldEncryptionKeys: string[]) =>
  new SecretBox({ jwtSecret: 'x'.repeat(32), encryptionKey, oldEncryptionKeys });

let db: TestDatabase;
let botId: string;
let tenantId: string;

beforeAll(async () => {
  db = await openTestDatabase();
  tenantId = await db.makeTenant();
  botId = randomUUID();
  await db.owner.query(`insert into bot (id, tenant_id, name) values ($1, $2, 'Bot')`, [botId, tenantId]);
});
afterAll(() => db.close());

async function connection(box: SecretBox, plain: string, id: string = randomUUID()): Promise<string> {
  const { keyId, sealed } = box.seal(plain);
  await db.owner.query(
    `insert into connection (id, tenant_id, bot_id, provider, name, credentials, credentials_key_id)
     values ($1, $2, $3, 'simulator', 'x', $4, $5)`,
    [id, tenantId, botId, sealed, keyId],
  );
  return id;
}
async function read(id: string): Promise<{ keyId: string; sealed: Buffer }> {
  const sql = 'select credentials as sealed, credentials_key_id as "keyId" from connection where id = $1';
  const { rows } = await db.owner.query<{ keyId: string; sealed: Buffer }>(sql, [id]);
  if (!rows[0]) throw new Error(`No connection ${id}`);
  return rows[0];
}

it('INV-11: seals with the new key what an old one sealed, in as many steps as it takes, and again changes nothing', async () => {
  const [before, after] = [boxOf(oldKey), boxOf(newKey, oldKey)];
  const ids = await Promise.all(Array.from({ length: 450 }, (_, n) => connection(before, `secret ${n}`)));
  const [device] = ids;
  const { keyId, sealed } = before.seal('creds');
  await db.owner.query(
    'insert into linked_device (connection_id, tenant_id, fence, creds, key_id) values ($1, $2, 1, $3, $4)',
    [device, tenantId, sealed, keyId],
  );
  for (const id of ['a', 'b']) {
    const one = before.seal(id);
    await db.owner.query(
      `insert into linked_key (connection_id, type, id, tenant_id, key_id, sealed) values ($1, 'session', $2, $3, $4, $5)`,
      [device, id, tenantId, one.keyId, one.sealed],
    );
  }
  const done = await rotate(after);
  const counts = done.map((column) => [`${column.table}.${column.sealed}`, column.rotated, column.unreadable]);
  expect(counts).toEqual([
    ['connection.credentials', 450, 0],
    ['linked_device.creds', 1, 0],
    ['linked_key.sealed', 2, 0],
    ['linked_session.secret', 0, 0],
    ['webhook_endpoint.secret', 0, 0],
    ['webhook_endpoint.old_secret', 0, 0],
    ['encryption_canary.sealed', 0, 0],
  ]);
  const fresh = boxOf(newKey);
  for (const [n, id] of ids.entries()) {
    const row = await read(id);
    expect(fresh.open(row.keyId, row.sealed)).toBe(`secret ${n}`);
  }
  const keys = await db.owner.query<{ id: string; key_id: string; sealed: Buffer }>('select * from linked_key');
  expect(keys.rows.map((row) => fresh.open(row.key_id, row.sealed)).toSorted()).toEqual(['a', 'b']);
  expect((await rotate(after)).every(({ rotated }) => rotated === 0)).toBe(true);
});

it('counts what nobody can open, and does not stop at it', async () => {
  const [before, after] = [boxOf(oldKey), boxOf(newKey, oldKey)];
  const lost = await connection(boxOf(lostKey), 'lost');
  const altered = await connection(before, 'altered', '00000000-0000-4000-8000-000000000000');
  const fine = await connection(before, 'fine', 'ffffffff-ffff-4fff-8fff-ffffffffffff');
  await db.owner.query(`update connection set credentials = set_byte(credentials, 20, 0) || '\\x00' where id = $1`, [
    altered,
  ]);
  const [connections] = await rotate(after);
  expect(connections).toMatchObject({ rotated: 1, unreadable: 2 });
  const row = await read(fine);
  expect(boxOf(newKey).open(row.keyId, row.sealed)).toBe('fine');
  expect((await read(lost)).keyId).toBe(boxOf(lostKey).keyId);
});

it('knows every column that holds something sealed', async () => {
  const { rows } = await db.owner.query<{ name: string }>(
    `select table_name || '.' || column_name as name from information_schema.columns
      where table_schema = 'public' and data_type = 'bytea' and column_name not like '%hash'`,
  );
  const known = SEALED_COLUMNS.map(({ table, sealed }) => `${table}.${sealed}`);
  expect(rows.map(({ name }) => name).toSorted()).toEqual(known.toSorted());
});
