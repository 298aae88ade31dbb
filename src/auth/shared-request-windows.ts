import type { OnApplicationShutdown } from '@nestjs/common';
import { Redis } from 'ioredis';
import { countOf, RequestWindows, type Windows } from './request-windows.js';

/** Counts, opens the window with its first request, and answers how many milliseconds are left of it. */
const COUNT = `local hits = redis.call('INCR', KEYS[1])
if hits == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return { hits, redis.call('PTTL', KEYS[1]) }`;
/** A limit is not worth a slow answer. */
const PATIENCE_MS = 100;

/** Windows that all processes count in. While Redis is away each process counts for itself (INV-10). */
export class SharedRequestWindows implements Windows, OnApplicationShutdown {
  private readonly own = new RequestWindows();
  private readonly redis: Redis;

  constructor(url: string) {
    this.redis = new Redis(url, {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      commandTimeout: PATIENCE_MS,
      keyPrefix: 'requests:',
    });
    // Without a listener every failed attempt to connect would be printed.
    this.redis.on('error', () => undefined);
  }

  async increment(key: string, ttlMs: number, limit: number): Promise<ReturnType<typeof countOf>> {
    if (this.redis.status !== 'ready') return this.own.increment(key, ttlMs, limit);
    let counted: unknown;
    try {
      counted = await this.redis.eval(COUNT, 1, key, ttlMs);
    } catch {
      // Slow or just gone. That Redis is away is told by /health/ready.
      return this.own.increment(key, ttlMs, limit);
    }
    const [hits, leftMs] = counted as [number, number];
    return countOf(hits, limit, leftMs);
  }

  async findLeftMs(key: string): Promise<number | null> {
    const own = await this.own.findLeftMs(key);
    if (own !== null || this.redis.status !== 'ready') return own;
    try {
      const leftMs = await this.redis.pttl(key);
      return leftMs > 0 ? leftMs : null;
    } catch {
      return null;
    }
  }

  async forget(key: string): Promise<void> {
    await this.own.forget(key);
    // While Redis is away there is nothing in it to forget that would not end by itself.
    if (this.redis.status === 'ready') await this.redis.del(key).catch(() => undefined);
  }

  onApplicationShutdown(): void {
    this.redis.disconnect();
  }
}
