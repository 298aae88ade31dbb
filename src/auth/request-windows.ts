import type { ThrottlerStorage } from '@nestjs/throttler';
import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, type RateLimiterRes } from 'rate-limiter-flexible';

type Count = Awaited<ReturnType<ThrottlerStorage['increment']>>;

/** Every call names its own limit and duration; these two are only asked for. */
const OPTIONS = { keyPrefix: 'requests', points: 1, duration: 60 };

/**
 * Counts in fixed windows that begin with a key's first request: in Redis, so that all processes count together, and in
 * this process without one and while it is away (INV-10).
 */
export class RequestWindows implements ThrottlerStorage {
  private readonly own = new RateLimiterMemory(OPTIONS);
  private readonly all: RateLimiterMemory | RateLimiterRedis;

  constructor(redis: Redis | null) {
    this.all = redis
      ? new RateLimiterRedis({
          ...OPTIONS,
          storeClient: redis,
          rejectIfRedisNotReady: true,
          insuranceLimiter: this.own,
        })
      : this.own;
  }

  /** @param ttlMs whole seconds, of which Redis counts in */
  async increment(key: string, ttlMs: number, limit: number): Promise<Count> {
    const { consumedPoints, msBeforeNext } = await this.all.penalty(key, 1, { customDuration: ttlMs / 1000 });
    const isBlocked = consumedPoints > limit;
    const timeToExpire = Math.max(1, Math.ceil(msBeforeNext / 1000));
    return { totalHits: consumedPoints, timeToExpire, isBlocked, timeToBlockExpire: isBlocked ? timeToExpire : 0 };
  }

  /** @returns milliseconds until the window ends, or null when none is open */
  async findLeftMs(key: string): Promise<number | null> {
    // One that was opened here while Redis was away goes on when it is back.
    return leftMsOf(await this.own.get(key)) ?? leftMsOf(await this.all.get(key));
  }

  async forget(key: string): Promise<void> {
    await Promise.all([this.own.delete(key), this.all.delete(key)]);
  }
}

function leftMsOf(window: RateLimiterRes | null): number | null {
  return window && window.msBeforeNext > 0 ? window.msBeforeNext : null;
}
