import type { ThrottlerStorage } from '@nestjs/throttler';

type Window = { hits: number; readonly endsMs: number };
type Count = Awaited<ReturnType<ThrottlerStorage['increment']>>;

const SWEEP_EVERY_MS = 60_000;

/** Counts in windows of time; `findLeftMs` and `forget` are for those that stand for something. */
export interface Windows extends ThrottlerStorage {
  increment(key: string, ttlMs: number, limit: number): Promise<Count>;
  /** @returns milliseconds until the window ends, or null when none is open */
  findLeftMs(key: string): Promise<number | null>;
  forget(key: string): Promise<void>;
}

/**
 * Counts requests in fixed windows that begin with a key's first request. Two numbers per key, where the throttler's own
 * storage keeps the time of every request.
 */
export class RequestWindows implements Windows {
  private readonly windows = new Map<string, Window>();
  private sweepAtMs = 0;

  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  async increment(key: string, ttlMs: number, limit: number): Promise<Count> {
    const now = this.nowMs();
    this.sweep(now);
    const window = this.windowOf(key, now, ttlMs);
    window.hits += 1;
    return countOf(window.hits, limit, window.endsMs - now);
  }

  async findLeftMs(key: string): Promise<number | null> {
    const leftMs = (this.windows.get(key)?.endsMs ?? 0) - this.nowMs();
    return leftMs > 0 ? leftMs : null;
  }

  async forget(key: string): Promise<void> {
    this.windows.delete(key);
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

  /** So that whoever left is forgotten. */
  private sweep(now: number): void {
    if (now < this.sweepAtMs) return;
    this.sweepAtMs = now + SWEEP_EVERY_MS;
    for (const [key, { endsMs }] of this.windows) if (endsMs <= now) this.windows.delete(key);
  }
}

export function countOf(hits: number, limit: number, leftMs: number): Count {
  const isBlocked = hits > limit;
  const timeToExpire = Math.max(1, Math.ceil(leftMs / 1000));
  return { totalHits: hits, timeToExpire, isBlocked, timeToBlockExpire: isBlocked ? timeToExpire : 0 };
}
