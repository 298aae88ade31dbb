import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { AppError } from '../platform/errors/app-error.js';
import { RateLimitedError } from './auth.errors.js';
import { networkOf } from './network-of.js';
import type { RequestWindows } from './request-windows.js';
import { REQUEST_WINDOWS } from './sign-in-gate.js';
import { hashOf } from './tenant-secret.js';

const MINUTE_MS = 60_000;
const REFUSALS_PER_MINUTE = 60;
const MAX_PROVEN = 10_000;
/** A secret that does not hold, and a link that does not. */
const REFUSED = new Set([401, 422]);

/**
 * Slows down whoever tries out tokens, links and keys: after 60 refusals within a minute an address waits for its end,
 * and its further tries never reach the database. A secret that held when it was last tried does not wait, so that a
 * neighbour at the same address cannot lock it out.
 */
@Injectable()
export class RefusalGate {
  /** By hash, so that no secret stays in memory. */
  private readonly proven = new LRUCache<string, true>({ max: MAX_PROVEN });

  constructor(@Inject(REQUEST_WINDOWS) private readonly windows: RequestWindows) {}

  /**
   * Work that proves a secret which is used again and again.
   *
   * @throws RateLimitedError the address has been refused too often; `work` is not done
   */
  async watchSecret<T>(address: string, secret: string, work: () => Promise<T>): Promise<T> {
    const hash = hashOf(secret).toString('base64');
    const isProven = this.proven.get(hash) === true;
    try {
      const result = await (isProven ? this.counted(networkOf(address), work) : this.watch(address, work));
      this.proven.set(hash, true);
      return result;
    } catch (error) {
      if (isRefusal(error)) this.proven.delete(hash);
      throw error;
    }
  }

  /** @throws RateLimitedError the address has been refused too often; `work` is not done */
  async watch<T>(address: string, work: () => Promise<T>): Promise<T> {
    const whose = networkOf(address);
    const waitMs = await this.windows.findLeftMs(`refused:wait:${whose}`);
    if (waitMs !== null) throw new RateLimitedError('address', REFUSALS_PER_MINUTE, Math.ceil(waitMs / 1000));
    return this.counted(whose, work);
  }

  private async counted<T>(whose: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (isRefusal(error)) await this.count(whose);
      throw error;
    }
  }

  private async count(whose: string): Promise<void> {
    const { totalHits, timeToExpire } = await this.windows.increment(`refused:${whose}`, MINUTE_MS, 0);
    if (totalHits >= REFUSALS_PER_MINUTE) await this.windows.increment(`refused:wait:${whose}`, timeToExpire * 1000, 0);
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof AppError && REFUSED.has(error.status);
}
