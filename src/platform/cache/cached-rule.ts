export const CACHED_KEY = Symbol('cached');

/**
 * Lets a reading route answer from what was loaded before, as long as none of these tables was written for the tenant.
 * Only for tables that are written inside tenant transactions: what the message path writes is not seen (a test in
 * test/architecture holds this).
 */
export type CachedRule = {
  /** Every table the answer is made from, besides `knownRows`. */
  readonly tables: readonly string[];
  /**
   * Tables of which the answer shows only rows it finds by an id it has, or nothing that a new row could have: a row
   * that is merely added changes nothing in it, so the message path may add some unheard.
   */
  readonly knownRows?: readonly string[];
  /** Different callers of one tenant may see different things. */
  readonly isPerCaller?: boolean;
};
