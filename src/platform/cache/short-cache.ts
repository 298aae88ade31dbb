type Entry<V> = { readonly value: Promise<V>; readonly untilMs: number };

/**
 * Keeps what was loaded for a few seconds, in this process. Callers that ask at once share one load; a load that fails
 * is forgotten; `clear` also forgets loads still under way, so that nothing read before a change is kept after it.
 */
export class ShortCache<V> {
  private readonly entries = new Map<string, Entry<V>>();

  constructor(
    private readonly lifeMs: number,
    private readonly maxEntries: number,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  get(key: string, load: () => Promise<V>): Promise<V> {
    const kept = this.entries.get(key);
    if (kept && kept.untilMs > this.nowMs()) return kept.value;
    const entry = { value: load(), untilMs: this.nowMs() + this.lifeMs };
    this.entries.delete(key);
    this.dropOldest();
    this.entries.set(key, entry);
    entry.value.catch(() => {
      if (this.entries.get(key) === entry) this.entries.delete(key);
    });
    return entry.value;
  }

  clear(): void {
    this.entries.clear();
  }

  private dropOldest(): void {
    const oldest = this.entries.keys().next();
    if (this.entries.size >= this.maxEntries && !oldest.done) this.entries.delete(oldest.value);
  }
}
