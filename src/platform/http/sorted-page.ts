import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import { z } from 'zod';
import { InvalidInputError } from '../errors/app-error.js';
import { decodeCursor, type Page, type PageQuery, toPage } from './page.js';

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

type SortedQuery = PageQuery & { readonly sort: string };

/** How a list stands in order, and where in it a page begins. Its parts are put into the list's own SQL. */
export type PageOrder = {
  /** The text the next page's cursor keeps of a row; to be selected as one column. */
  readonly key: string;
  readonly orderBy: string;
  readonly column: string;
  readonly direction: 'ASC' | 'DESC';
  /** Key and id of the last row of the page before; nulls on the first page. */
  readonly after: readonly [string, string] | readonly [null, null];
  /** What comes after, given the placeholders of key and id. */
  readonly condition: (key: string, id: string) => string;
  readonly toPage: <R extends { readonly id: string; readonly pageKey: string }>(rows: readonly R[]) => Page<R>;
};

/**
 * Any list in the order of a column and then the id; the next page starts after the last row shown, whatever is
 * inserted meanwhile.
 *
 * @param idSql the id of a row as SQL, with its type
 * @throws InvalidInputError the cursor is not of this list, or of another order of it
 */
export function pageOrder(
  { limit, cursor, sort }: SortedQuery,
  columns: Readonly<Record<string, SortColumn>>,
  { sql: idSql, type: idType }: { readonly sql: string; readonly type: 'uuid' | 'bigint' | 'text' },
): PageOrder {
  const isDown = sort.startsWith('-');
  const column = columns[isDown ? sort.slice(1) : sort];
  if (!column) throw new TypeError(`The schema allows a sort that no column is given for: ${sort}`);
  const direction = isDown ? 'DESC' : 'ASC';
  return {
    key: textOf(column),
    orderBy: `${column.sql} ${direction}, ${idSql} ${direction}`,
    column: column.sql,
    direction,
    after: cursor === undefined ? [null, null] : keyOf(cursor, sort, [column.type, idType]),
    condition: (key, id) =>
      `(${key}::text is null or (${column.sql}, ${idSql}) ${isDown ? '<' : '>'} (${key}::text::${column.type}, ${id}::text::${idType}))`,
    toPage: (rows) => toPage(rows, limit, ({ pageKey, id }) => [sort, pageKey, id]),
  };
}

/**
 * One page of a query without joins in the order of a column and then the id.
 *
 * @throws InvalidInputError the cursor is not of this list, or of another order of it
 */
export async function sortedPage<T extends ObjectLiteral & { id: string }>(
  query: SelectQueryBuilder<T>,
  page: SortedQuery,
  columns: Readonly<Record<string, SortColumn>>,
): Promise<Page<T>> {
  const { alias } = query;
  const order = pageOrder(page, columns, { sql: `${alias}.id`, type: 'uuid' });
  const [cursorKey, cursorId] = order.after;
  if (cursorKey !== null) query.andWhere(order.condition(':cursorKey', ':cursorId'), { cursorKey, cursorId });
  const { raw, entities } = await query
    .addSelect(order.key, 'page_key')
    .orderBy(order.column, order.direction)
    .addOrderBy(`${alias}.id`, order.direction)
    .limit(page.limit + 1)
    .getRawAndEntities<{ page_key: string }>();
  const rows = entities.map((entity, index) => ({ entity, id: entity.id, pageKey: raw[index]?.page_key ?? '' }));
  const { items, nextCursor } = order.toPage(rows);
  return { items: items.map(({ entity }) => entity), nextCursor };
}

/** An instant with its microseconds: a JavaScript Date would lose them, and rows with them. */
function textOf({ sql, type }: SortColumn): string {
  return type === 'timestamptz'
    ? `to_char(${sql} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`
    : `(${sql})::text`;
}

const CURSOR_PARTS = {
  // Postgres knows no text with a zero character.
  text: z.string().regex(/^[^\0]*$/),
  timestamptz: z.iso.datetime(),
  bigint: z.string().regex(/^-?\d{1,18}$/),
  uuid: z.uuid(),
};

function keyOf(
  cursor: string,
  sort: string,
  [key, id]: readonly [keyof typeof CURSOR_PARTS, keyof typeof CURSOR_PARTS],
) {
  const known = z.tuple([z.literal(sort), CURSOR_PARTS[key], CURSOR_PARTS[id]]).safeParse(decodeCursor(cursor));
  if (!known.success)
    throw new InvalidInputError([{ field: 'cursor', message: 'Not a cursor of this list in this order' }]);
  return [known.data[1], known.data[2]] as const;
}
