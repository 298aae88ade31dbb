import { z } from 'zod';

/** Postgres knows no year 0 and no offset of 16 hours or more; ISO 8601 writes both. */
function isKnown(text: string): boolean {
  return new Date(text).getUTCFullYear() >= 1 && !/[+-](1[6-9]|2\d):\d\d$/.test(text);
}

/** A point in time as a caller gives it. */
export const instant = z.iso.datetime({ offset: true, abort: true }).refine(isKnown, 'must be a time since the year 1');
