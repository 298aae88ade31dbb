import { SetMetadata } from '@nestjs/common';

export const CACHED_KEY = Symbol('cached');

export type CachedRule = {
  /** Every table the answer is made from. */
  readonly tables: readonly string[];
  /** Different callers of one tenant may see different things. */
  readonly isPerCaller: boolean;
};

/**
 * Lets a reading route answer from what was loaded before, as long as none of these tables was written for the tenant.
 * Only for tables that are written inside tenant transactions: what the message path writes is not seen (a test in
 * test/architecture holds this).
 */
export const Cached = (tables: readonly string[], { isPerCaller = false } = {}) =>
  SetMetadata(CACHED_KEY, { tables, isPerCaller } satisfies CachedRule);
