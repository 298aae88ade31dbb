import type { SelectQueryBuilder } from 'typeorm';
import { z } from 'zod';
import { InvalidInputError } from '../errors/app-error.js';
import { decodeCursor, type Page, type PageQuery, toPage } from '../http/page.js';

/** The instant as text with its microseconds: a JavaScript Date would lose them, and rows with them. */
const AT = `'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'`;
const keySchema = z.tuple([z.iso.datetime(), z.uuid()]);

/**
 * One page of a query without joins, newest first by created_at and id; the next page starts after the last row shown,
 * whatever is inserted meanwhile.
 *
 * @throws InvalidInputError the cursor is not of this kind of list
 */
export async function newestFirst<T extends { id: string }>(
  query: SelectQueryBuilder<T>,
  { limit, cursor }: PageQuery,
): Promise<Page<T>> {
  const { alias } = query;
  if (cursor !== undefined) {
    const key = keySchema.safeParse(decodeCursor(cursor));
    if (!key.success) throw new InvalidInputError([{ field: 'cursor', message: 'Not a cursor of this list' }]);
    const [cursorAt, cursorId] = key.data;
    query.andWhere(`(${alias}.created_at, ${alias}.id) < (:cursorAt::timestamptz, :cursorId::uuid)`, {
      cursorAt,
      cursorId,
    });
  }
  const { raw, entities } = await query
    .addSelect(`to_char(${alias}.created_at at time zone 'UTC', ${AT})`, 'page_at')
    .orderBy(`${alias}.created_at`, 'DESC')
    .addOrderBy(`${alias}.id`, 'DESC')
    .limit(limit + 1)
    .getRawAndEntities<{ page_at: string }>();
  const rows = entities.map((entity, index) => ({ entity, at: raw[index]?.page_at ?? '' }));
  const { items, nextCursor } = toPage(rows, limit, ({ entity, at }) => [at, entity.id]);
  return { items: items.map(({ entity }) => entity), nextCursor };
}
