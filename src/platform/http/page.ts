import { z } from 'zod';
import { InvalidInputError } from '../errors/app-error.js';

/** `?limit=&cursor=`; a cursor comes from the page before and means nothing to the client. */
export const pageQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20).describe('At most so many'),
  cursor: z.string().max(2000).optional().describe('The `nextCursor` of the page before; absent: the first page'),
});
export type PageQuery = z.infer<typeof pageQuerySchema>;

export type Page<T> = { readonly items: T[]; readonly nextCursor: string | null };

export function pageSchema<T extends z.ZodType>(item: T) {
  return z
    .object({ items: z.array(item), nextCursor: z.string().nullable().describe('null: this is the last page') })
    .meta({ example: { items: examplesOf(item), nextCursor: null } });
}

/** A list that is short enough to come whole. `order`: in which it stands. */
export function listSchema<T extends z.ZodType>(item: T, order?: string) {
  const items = z.array(item);
  return z
    .object({ items: order === undefined ? items : items.describe(order) })
    .meta({ example: { items: examplesOf(item) } });
}

function examplesOf(item: z.ZodType): unknown[] {
  const { example } = item.meta() ?? {};
  return example === undefined ? [] : [example];
}

const keySchema = z.array(z.union([z.string(), z.number()])).min(1);

export function encodeCursor(key: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** @throws InvalidInputError not a cursor of ours */
export function decodeCursor(cursor: string): (string | number)[] {
  try {
    return keySchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch (cause) {
    throw Object.assign(new InvalidInputError([{ field: 'cursor', message: 'Not a cursor of this list' }]), { cause });
  }
}

/** Cuts `limit + 1` rows to a page: the extra row only says that there is another one. */
export function toPage<T>(rows: readonly T[], limit: number, keyOf: (row: T) => readonly (string | number)[]): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > limit && last !== undefined ? encodeCursor(keyOf(last)) : null };
}
