import type { ThrottlerStorage } from '@nestjs/throttler';

type Window = { hits: number; readonly endsMs: number };
type Count = Awaited<ReturnType<ThrottlerStorage['increment']>>;

/**
 * Counts requests in fixed windows that begin with a key's first request. Two numbers per key, where the throttler's own
 * storage keeps the time of every request.
 */
export class RequestWindows implements ThrottlerStorage {
  private readonly windows = new Map<string, Window>();
  private sweepAtMs = 0;

  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  async increment(key: string, ttlMs: number, limit: number): Promise<Count> {
    const now = this.nowMs();
    this.sweep(now, ttlMs);
    const window = this.windowOf(key, now, ttlMs);
    window.hits += 1;
    return countOf(window.hits, limit, window.endsMs - now);
  }

  /** How many keys are remembered. */
  get size(): number {
    return this.windows.size;
  }

  private windowOf(key: string, now: number, ttlMs: number): Window {
    const open = this.windows.get(key);
    if (open && open.endsMs > now) return open;
    const opened = { hits: 0, endsMs: now + ttlMs };
    this.windows.set(key, opened);
    return opened;
  }

  /** Once per window's length, so that whoever left is forgotten. */
  private sweep(now: number, ttlMs: number): void {
    if (now < this.sweepAtMs) return;
    this.sweepAtMs = now + ttlMs;
    for (const [key, { endsMs }] of this.windows) if (endsMs <= now) this.windows.delete(key);
  }
}

export function countOf(hits: number, limit: number, leftMs: number): Count {
  const isBlocked = hits > limit;
  const timeToExpire = Math.max(1, Math.ceil(leftMs / 1000));
  return { totalHits: hits, timeToExpire, isBlocked, timeToBlockExpire: isBlocked ? timeToExpire : 0 };
}
