import type { OwnerDatabase } from '../database/owner-database.js';
import type { SecretBox } from './secret-box.js';

const BATCH = 200;

/** Where sealed values lie, said by the feature whose table it is: the columns of one of them and of the key it was sealed with, and what names its row. */
export type SealedColumn = {
  readonly table: string;
  readonly key: readonly string[];
  readonly sealed: string;
  readonly keyId: string;
};

export type Rotated = SealedColumn & {
  readonly rotated: number;
  /** Sealed with a key that was not given, or altered: nobody can open them. */
  readonly unreadable: number;
};

/**
 * Seals anew with the current key what old ones sealed. Small transactions, so it may be stopped and run again, and
 * servers that have both keys go on meanwhile; what one of them changes at that moment is left to the next run.
 */
export async function rotateKeys(
  db: OwnerDatabase,
  box: SecretBox,
  columns: readonly SealedColumn[],
): Promise<Rotated[]> {
  const done: Rotated[] = [];
  for (const column of columns) done.push({ ...column, ...(await rotateColumn(db, box, column)) });
  return done;
}

async function rotateColumn(db: OwnerDatabase, box: SecretBox, column: SealedColumn) {
  let [rotated, after] = [0, ''];
  for (;;) {
    const batch = await rotateBatch(db, box, column, after);
    rotated += batch.rotated;
    if (batch.last === null) break;
    after = batch.last;
  }
  const { table, keyId, sealed } = column;
  const unreadable = await db.transaction(async (client) => {
    const { rows } = await client.query<{ count: number }>(
      `select count(*)::int as count from ${table} where ${sealed} is not null and ${keyId} <> $1`,
      [box.keyId],
    );
    return rows[0]?.count ?? 0;
  });
  return { rotated, unreadable };
}

/** Rows come in the order of their names; `last` is where the next batch begins, null when there is none. */
async function rotateBatch(
  db: OwnerDatabase,
  box: SecretBox,
  { table, key, sealed, keyId }: SealedColumn,
  after: string,
): Promise<{ rotated: number; last: string | null }> {
  const name = key.map((column) => `${column}::text`).join(` || ' ' || `);
  return db.transaction(async (client) => {
    const { rows } = await client.query<{ name: string; sealed: Buffer; key_id: string }>(
      `select ${name} as name, ${sealed} as sealed, ${keyId} as key_id from ${table}
        where ${keyId} = any($1) and ${sealed} is not null and ${name} > $2
        order by 1 limit ${BATCH} for update skip locked`,
      [box.oldKeyIds, after],
    );
    let rotated = 0;
    for (const row of rows) {
      const plain = open(box, row.key_id, row.sealed);
      if (plain === null) continue;
      const anew = box.seal(plain);
      await client.query(`update ${table} set ${sealed} = $2, ${keyId} = $3 where ${name} = $1`, [
        row.name,
        anew.sealed,
        anew.keyId,
      ]);
      rotated += 1;
    }
    return { rotated, last: rows.length < BATCH ? null : (rows.at(-1)?.name ?? null) };
  });
}

/** One altered value must not keep the others from their new key; it is counted at the end. */
function open(box: SecretBox, keyId: string, sealed: Buffer): string | null {
  try {
    return box.open(keyId, sealed);
  } catch {
    return null;
  }
}
