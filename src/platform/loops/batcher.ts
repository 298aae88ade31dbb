type Call<T> = { readonly items: readonly T[]; resolve(): void; reject(error: unknown): void };

/**
 * Batches by nature: while one flush is in flight, calls collect; the next flush takes them all. There is no timer, so
 * an idle system adds no latency and a busy one shares its commits.
 */
export class NaturalBatches<T> {
  private waiting: Call<T>[] = [];
  private flushing: Promise<void> | null = null;

  /** @param flush answers one error or null per item, in order, or throws when none was taken */
  constructor(
    private readonly maxItems: number,
    private readonly flush: (items: readonly T[]) => Promise<readonly (Error | null)[]>,
  ) {}

  /** Resolves when every item was taken. @throws the first error of the call's own items */
  add(items: readonly T[]): Promise<void> {
    if (items.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.waiting.push({ items, resolve, reject });
      this.flushing ??= this.run();
    });
  }

  /** Resolves when nothing is in flight and nothing waits. */
  async idle(): Promise<void> {
    while (this.flushing) await this.flushing;
  }

  private async run(): Promise<void> {
    // Whoever arrives in the same tick shares this flush.
    await Promise.resolve();
    while (this.waiting.length > 0) {
      const calls = this.take();
      const items = calls.flatMap((call) => call.items);
      try {
        const errors = await this.flush(items);
        let at = 0;
        for (const call of calls) {
          const error = errors.slice(at, at + call.items.length).find((one) => one !== null);
          at += call.items.length;
          if (error) call.reject(error);
          else call.resolve();
        }
      } catch (error) {
        for (const call of calls) call.reject(error);
      }
    }
    this.flushing = null;
  }

  /** At least one call, and more while they fit. */
  private take(): Call<T>[] {
    let size = 0;
    const end = this.waiting.findIndex((call, index) => {
      size += call.items.length;
      return index > 0 && size > this.maxItems;
    });
    return this.waiting.splice(0, end === -1 ? this.waiting.length : end);
  }
}
