import type { z } from 'zod';
import { InvalidInputError } from '../errors/app-error.js';
import { decodeCursor } from './page.js';

/** Where a page begins. @throws InvalidInputError not a cursor of this list */
export function keyOf(
  cursor: string | undefined,
  schema: z.ZodType<[string, string]>,
  field = 'cursor',
): [string, string] | [null, null] {
  if (cursor === undefined) return [null, null];
  const key = schema.safeParse(decodeCursor(cursor));
  if (!key.success) throw new InvalidInputError([{ field, message: 'Not a cursor of this list' }]);
  return key.data;
}
