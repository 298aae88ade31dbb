import type { Client } from 'pg';
import type { OwnerDatabase } from '../database/owner-database.js';
import type { SealedColumn } from './rotate-keys.js';
import type { SecretBox } from './secret-box.js';

export const CANARY: SealedColumn = { table: 'encryption_canary', key: ['id'], sealed: 'sealed', keyId: 'key_id' };

/** The start has another encryption key than what lies in the database was sealed with. */
export class WrongEncryptionKeyError extends Error {
  override readonly name = 'WrongEncryptionKeyError';

  constructor(sealedWith: readonly string[], box: SecretBox) {
    super(
      `The encryption key is not the one this database is sealed with (sealed with ${sealedWith.join(', ')}; this start ` +
        `has ${[box.keyId, ...box.oldKeyIds].join(', ')}). With it no connection could send or receive. Restore ` +
        '<DATA_DIR>/secrets.json from a backup, or set ENCRYPTION_KEY to the key of before; after a change of the key ' +
        'the one of before belongs in ENCRYPTION_KEYS_OLD until `npm run rotate-keys` has run.',
    );
  }
}

/**
 * At every start: makes the canary where there is none, else opens it.
 *
 * @param sealedColumns asked in a database of before the canary
 * @throws WrongEncryptionKeyError none of this start's keys opens it; without one: none is that of any sealed value
 */
export function proveEncryptionKey(
  db: OwnerDatabase,
  box: SecretBox,
  sealedColumns: readonly SealedColumn[],
): Promise<void> {
  return db.transaction(async (client) => {
    const kept = await find(client);
    if (kept) return prove(kept, box);
    await refuseForeignKeys(client, box, sealedColumns);
    const { keyId, sealed } = box.seal('canary');
    await client.query('insert into encryption_canary (sealed, key_id) values ($1, $2) on conflict do nothing', [
      sealed,
      keyId,
    ]);
    // Another process may have been faster, with another key.
    const made = await find(client);
    if (made) prove(made, box);
  });
}

type Canary = { readonly sealed: Buffer; readonly key_id: string };

async function find(client: Client): Promise<Canary | undefined> {
  return (await client.query<Canary>('select sealed, key_id from encryption_canary')).rows[0];
}

function prove({ sealed, key_id: keyId }: Canary, box: SecretBox): void {
  try {
    box.open(keyId, sealed);
  } catch {
    throw new WrongEncryptionKeyError([keyId], box);
  }
}

/** A database of before the canary. */
async function refuseForeignKeys(client: Client, box: SecretBox, columns: readonly SealedColumn[]): Promise<void> {
  const used = columns.map(({ table, keyId, sealed }) => {
    return `select ${keyId} as id from ${table} where ${sealed} is not null`;
  });
  const { rows } = await client.query<{ id: string }>(used.join(' union '));
  const ids = rows.map(({ id }) => id);
  const known = new Set([box.keyId, ...box.oldKeyIds]);
  if (ids.length > 0 && !ids.some((id) => known.has(id))) throw new WrongEncryptionKeyError(ids, box);
}
