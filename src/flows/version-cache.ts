/**
 * The last few hundred values by key, least recently used out first. For things that never change, such as a compiled
 * version: there is no way to invalidate. Callers that ask at the same moment share one load; a failed load is
 * forgotten.
 */
export class VersionCache<T> {
  private readonly byKey = new Map<string, Promise<T>>();

  constructor(private readonly capacity: number) {}

  get(key: string, load: () => Promise<T>): Promise<T> {
    const known = this.byKey.get(key);
    if (known) {
      this.byKey.delete(key);
      this.byKey.set(key, known);
      return known;
    }
    const loading = load().catch((error: unknown) => {
      this.byKey.delete(key);
      throw error;
    });
    this.byKey.set(key, loading);
    const oldest = this.byKey.keys().next();
    if (this.byKey.size > this.capacity && !oldest.done) this.byKey.delete(oldest.value);
    return loading;
  }
}
