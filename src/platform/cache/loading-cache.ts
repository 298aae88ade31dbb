import { LRUCache } from 'lru-cache';

export type LoadingCache<V extends object> = {
  /** What is kept, or else what `load` brings. @throws whatever `load` throws */
  get(key: string, load: () => Promise<V>): Promise<V>;
  clear(): void;
};

/**
 * Keeps what was loaded in this process; what was used longest ago leaves first. Callers that ask at once share one
 * load; a load that fails is forgotten; `clear` also forgets loads still under way, so that nothing read before a change
 * is kept after it.
 *
 * @param lifeMs absent for what never changes
 */
export function loadingCache<V extends object>(maxEntries: number, lifeMs = 0): LoadingCache<V> {
  const kept = new LRUCache<string, V, () => Promise<V>>({
    max: maxEntries,
    ttl: lifeMs,
    ttlResolution: 0,
    fetchMethod: (_key, _stale, { context: load }) => load(),
    // Who waits for a load that is forgotten meanwhile gets it all the same.
    ignoreFetchAbort: true,
  });
  return { get: (key, load) => kept.forceFetch(key, { context: load }), clear: () => kept.clear() };
}
