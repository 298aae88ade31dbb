import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import type { ProviderName } from '../../providers/whatsapp-provider.js';
import type { Line } from '../../connections/path-connection.js';

/** What is limited: the number customers see, however many connections speak from it. */
export type LimitedLine = Pick<Line, 'provider' | 'connectionId' | 'number'>;

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

/** The part of a line's burst that stays free for better lanes: reply, transactional, campaign. */
const RESERVED_SHARE = [0, 0.1, 0.3] as const;
const MAX_PAIRS = 20_000;

type Bucket = { tokens: number; at: number };
type LineBucket = Bucket & { pausedUntil: number; nextSlotAt: number };

/**
 * How fast a number may send, as this process sees it. A refusal costs nothing and says when to come again; those
 * waiting for one number are told different times, so that they do not all return at once.
 */
@Injectable()
export class SendLimits {
  private readonly lines = new Map<string, LineBucket>();
  private readonly pairs = new Map<string, Bucket>();

  constructor(private readonly clock: Clock) {}

  /** @returns 0 when it may leave now, and that is then counted; else milliseconds to wait */
  take(line: LimitedLine, address: string, lane: number): number | Promise<number> {
    return this.takeHere(line, address, lane, limitsOf(line));
  }

  /** The provider said the whole number is too fast. */
  pause(limited: LimitedLine, forMs: number): void {
    const now = this.clock.now().getTime();
    const line = this.lineOf(keyOf(limited), null, now);
    line.pausedUntil = Math.max(line.pausedUntil, now + forMs);
  }

  protected takeHere(limited: LimitedLine, address: string, lane: number, limits: Limits | null): number {
    const now = this.clock.now().getTime();
    const key = keyOf(limited);
    const line = this.lineOf(key, limits, now);
    if (line.pausedUntil > now) return line.pausedUntil - now + spread(line);
    if (!limits) return 0;
    const pair = this.pairOf(`${key} ${address}`, limits, now);
    if (pair.tokens < 1) return Math.ceil((1 - pair.tokens) * limits.pairEveryMs);
    const reserved = reservedOf(lane, limits);
    if (line.tokens - reserved < 1) {
      const soonest = now + ((1 + reserved - line.tokens) * 1000) / limits.perSecond;
      line.nextSlotAt = Math.max(soonest, line.nextSlotAt + 1000 / limits.perSecond);
      return Math.ceil(line.nextSlotAt - now);
    }
    line.tokens -= 1;
    pair.tokens -= 1;
    return 0;
  }

  private lineOf(connectionId: string, limits: Limits | null, now: number): LineBucket {
    let line = this.lines.get(connectionId);
    if (!line) {
      line = { tokens: limits?.perSecond ?? 0, at: now, pausedUntil: 0, nextSlotAt: 0 };
      this.lines.set(connectionId, line);
    }
    if (limits) refill(line, now, limits.perSecond, 1000 / limits.perSecond);
    return line;
  }

  private pairOf(key: string, limits: Limits, now: number): Bucket {
    const pair = this.pairs.get(key) ?? { tokens: limits.pairBurst, at: now };
    // The one used last goes to the end, so the front is the one that was idle longest.
    this.pairs.delete(key);
    this.pairs.set(key, pair);
    refill(pair, now, limits.pairBurst, limits.pairEveryMs);
    for (const oldest of this.pairs.keys()) {
      if (this.pairs.size <= MAX_PAIRS) break;
      this.pairs.delete(oldest);
    }
    return pair;
  }
}

export function keyOf({ connectionId, number }: LimitedLine): string {
  return number ?? connectionId;
}

export function limitsOf({ provider }: LimitedLine): Limits | null {
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
function spread(line: LineBucket): number {
  line.nextSlotAt += 13;
  return line.nextSlotAt % 1000;
}
