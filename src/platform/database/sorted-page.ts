import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import { z } from 'zod';
import { InvalidInputError } from '../errors/app-error.js';
import { decodeCursor, type Page, type PageQuery, toPage } from '../http/page.js';

/** A column, or an expression that is never null, with the type its text is read back as. */
export type SortColumn = { readonly sql: string; readonly type: 'text' | 'timestamptz' | 'bigint' };

/** `name` and `-name` for each; the minus is downwards. */
export function sortSchema<const T extends readonly string[]>(names: T, initially: T[number] | `-${T[number]}`) {
  const all = names.flatMap((name) => [name, `-${name}`]) as (T[number] | `-${T[number]}`)[];
  return z
    .enum(all)
    .default(initially as never)
    .describe('A minus in front: downwards');
}

const keySchema = z.tuple([z.string(), z.string(), z.uuid()]);

/**
 * One page of a query without joins in the order of a column and then the id; the next page starts after the last row
 * shown, whatever is inserted meanwhile.
 *
 * @throws InvalidInputError the cursor is not of this list, or of another order of it
 */
export async function sortedPage<T extends ObjectLiteral & { id: string }>(
  query: SelectQueryBuilder<T>,
  { limit, cursor, sort }: PageQuery & { readonly sort: string },
  columns: Readonly<Record<string, SortColumn>>,
): Promise<Page<T>> {
  const { alias } = query;
  const isDown = sort.startsWith('-');
  const column = columns[isDown ? sort.slice(1) : sort];
  if (!column) throw new TypeError(`The schema allows a sort that no column is given for: ${sort}`);
  if (cursor !== undefined) {
    const key = keySchema.safeParse(decodeCursor(cursor));
    if (!key.success || key.data[0] !== sort)
      throw new InvalidInputError([{ field: 'cursor', message: 'Not a cursor of this list in this order' }]);
    const [, cursorKey, cursorId] = key.data;
    query.andWhere(`(${column.sql}, ${alias}.id) ${isDown ? '<' : '>'} (:cursorKey::${column.type}, :cursorId::uuid)`, {
      cursorKey,
      cursorId,
    });
  }
  const { raw, entities } = await query
    .addSelect(textOf(column), 'page_key')
    .orderBy(column.sql, isDown ? 'DESC' : 'ASC')
    .addOrderBy(`${alias}.id`, isDown ? 'DESC' : 'ASC')
    .limit(limit + 1)
    .getRawAndEntities<{ page_key: string }>();
  const rows = entities.map((entity, index) => ({ entity, key: raw[index]?.page_key ?? '' }));
  const { items, nextCursor } = toPage(rows, limit, ({ entity, key }) => [sort, key, entity.id]);
  return { items: items.map(({ entity }) => entity), nextCursor };
}

/** An instant with its microseconds: a JavaScript Date would lose them, and rows with them. */
function textOf({ sql, type }: SortColumn): string {
  return type === 'timestamptz'
    ? `to_char(${sql} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`
    : `(${sql})::text`;
}
