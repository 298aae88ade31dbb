import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Clock } from '../../platform/clock.js';
import type { ProviderName } from '../../providers/whatsapp-provider.js';
import type { PathConnection } from '../../connections/path-connection.js';

/** What is limited: the number customers see, however many connections speak from it. */
export type LimitedConnection = Pick<PathConnection, 'provider' | 'connectionId' | 'number'>;

export type Limits = {
  readonly perSecond: number;
  /** Messages to one customer at once; each is owed back at the pace below. */
  readonly pairBurst: number;
  readonly pairEveryMs: number;
};

/**
 * Meta: 80/s a number, 1 in 6 s a customer with a burst of 45 (provider reference 2.5). Twilio passes Meta's limits on
 * and queues what is above its own pace (3.5). Evolution and Baileys drive a linked device, for which WhatsApp names no
 * limit and bans what is too quick: the pace is our choice. The simulator has none.
 */
const LIMITS: Record<ProviderName, Limits | null> = {
  official: { perSecond: 80, pairBurst: 45, pairEveryMs: 6000 },
  twilio: { perSecond: 80, pairBurst: 45, pairEveryMs: 6000 },
  evolution: { perSecond: 20, pairBurst: 45, pairEveryMs: 6000 },
  baileys: { perSecond: 20, pairBurst: 45, pairEveryMs: 6000 },
  simulator: null,
};

/** The part of a connection's burst that stays free for better lanes: reply, transactional, campaign. */
const RESERVED_SHARE = [0, 0.1, 0.3] as const;
const MAX_PAIRS = 20_000;

type Bucket = { tokens: number; at: number };
type ConnectionBucket = Bucket & { pausedUntil: number; nextSlotAt: number };

/**
 * How fast a number may send, as this process sees it. A refusal costs nothing and says when to come again; those
 * waiting for one number are told different times, so that they do not all return at once.
 */
@Injectable()
export class SendLimits {
  private readonly connections = new Map<string, ConnectionBucket>();
  private readonly pairs = new LRUCache<string, Bucket>({ max: MAX_PAIRS });

  constructor(private readonly clock: Clock) {}

  /** @returns 0 when it may leave now, and that is then counted; else milliseconds to wait */
  take(connection: LimitedConnection, address: string, lane: number): number | Promise<number> {
    return this.takeHere(connection, address, lane, limitsOf(connection));
  }

  /** The provider said the whole number is too fast. */
  pause(limited: LimitedConnection, forMs: number): void {
    const now = this.clock.now().getTime();
    const connection = this.connectionOf(keyOf(limited), null, now);
    connection.pausedUntil = Math.max(connection.pausedUntil, now + forMs);
  }

  protected takeHere(limited: LimitedConnection, address: string, lane: number, limits: Limits | null): number {
    const now = this.clock.now().getTime();
    const key = keyOf(limited);
    const connection = this.connectionOf(key, limits, now);
    if (connection.pausedUntil > now) return connection.pausedUntil - now + spread(connection);
    if (!limits) return 0;
    const pair = this.pairOf(`${key} ${address}`, limits, now);
    if (pair.tokens < 1) return Math.ceil((1 - pair.tokens) * limits.pairEveryMs);
    const reserved = reservedOf(lane, limits);
    if (connection.tokens - reserved < 1) {
      const soonest = now + ((1 + reserved - connection.tokens) * 1000) / limits.perSecond;
      connection.nextSlotAt = Math.max(soonest, connection.nextSlotAt + 1000 / limits.perSecond);
      return Math.ceil(connection.nextSlotAt - now);
    }
    connection.tokens -= 1;
    pair.tokens -= 1;
    return 0;
  }

  private connectionOf(connectionId: string, limits: Limits | null, now: number): ConnectionBucket {
    let connection = this.connections.get(connectionId);
    if (!connection) {
      connection = { tokens: limits?.perSecond ?? 0, at: now, pausedUntil: 0, nextSlotAt: 0 };
      this.connections.set(connectionId, connection);
    }
    if (limits) refill(connection, now, limits.perSecond, 1000 / limits.perSecond);
    return connection;
  }

  private pairOf(key: string, limits: Limits, now: number): Bucket {
    const pair = this.pairs.get(key) ?? { tokens: limits.pairBurst, at: now };
    this.pairs.set(key, pair);
    refill(pair, now, limits.pairBurst, limits.pairEveryMs);
    return pair;
  }
}

export function keyOf({ connectionId, number }: LimitedConnection): string {
  return number ?? connectionId;
}

export function limitsOf({ provider }: LimitedConnection): Limits | null {
  return Object.hasOwn(LIMITS, provider) ? LIMITS[provider as ProviderName] : null;
}

export function reservedOf(lane: number, { perSecond }: Limits): number {
  return (RESERVED_SHARE[lane] ?? 0) * perSecond;
}

function refill(bucket: Bucket, now: number, burst: number, everyMs: number): void {
  bucket.tokens = Math.min(burst, bucket.tokens + Math.max(0, now - bucket.at) / everyMs);
  bucket.at = now;
}

/** Up to a second, a different one for each that asks. */
function spread(connection: ConnectionBucket): number {
  connection.nextSlotAt += 13;
  return connection.nextSlotAt % 1000;
}
