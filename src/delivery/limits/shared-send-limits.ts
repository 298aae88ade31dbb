import { createHash, randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Clock } from '../../platform/clock.js';
import { keyOf, limitsOf, reservedOf, SendLimits, type LimitedConnection, type Limits } from './send-limits.js';

/**
 * The bucket of a number (KEYS[1]) and of one customer at that number (KEYS[2]), as `SendLimits` keeps them, by the
 * clock of Redis. A key lives until it would be full again.
 */
const TAKE = `local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local perSecond, pairBurst, pairEvery, reserved = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local line = redis.call('HMGET', KEYS[1], 'tokens', 'at', 'paused', 'slot')
local paused, slot = tonumber(line[3]) or 0, tonumber(line[4]) or 0
local function keep(...)
  redis.call('HSET', KEYS[1], ...)
  redis.call('PEXPIRE', KEYS[1], math.ceil(math.max(60000, paused - now)))
end
if paused > now then
  keep('slot', slot + 13)
  return math.ceil(paused - now + (slot + 13) % 1000)
end
local pair = redis.call('HMGET', KEYS[2], 'tokens', 'at')
local owed = math.max(0, now - (tonumber(pair[2]) or now)) / pairEvery
local pairTokens = math.min(pairBurst, (tonumber(pair[1]) or pairBurst) + owed)
if pairTokens < 1 then return math.ceil((1 - pairTokens) * pairEvery) end
local gained = math.max(0, now - (tonumber(line[2]) or now)) * perSecond / 1000
local tokens = math.min(perSecond, (tonumber(line[1]) or perSecond) + gained)
if tokens - reserved < 1 then
  slot = math.max(now + (1 + reserved - tokens) * 1000 / perSecond, slot + 1000 / perSecond)
  keep('slot', slot)
  return math.ceil(slot - now)
end
keep('tokens', tokens - 1, 'at', now)
redis.call('HSET', KEYS[2], 'tokens', pairTokens - 1, 'at', now)
redis.call('PEXPIRE', KEYS[2], math.ceil(pairBurst * pairEvery))
return 0`;

const PAUSE = `local time = redis.call('TIME')
local till = time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(ARGV[1])
local known = tonumber(redis.call('HGET', KEYS[1], 'paused')) or 0
if till > known then redis.call('HSET', KEYS[1], 'paused', till) end
redis.call('PEXPIRE', KEYS[1], math.max(60000, math.max(till, known) - till + tonumber(ARGV[1])))`;

/** Says that this process lives, and answers how many do. */
const COUNT = `local time = redis.call('TIME')
redis.call('ZADD', KEYS[1], time[1], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', time[1] - 30)
return redis.call('ZCARD', KEYS[1])`;

const COUNT_EVERY_MS = 10_000;

/**
 * Limits that all processes share. While Redis is away each process keeps to its own part of them: the whole by as many
 * processes as there were (INV-10).
 */
export class SharedSendLimits extends SendLimits {
  private readonly id = randomUUID();
  private countedAtMs = Number.NEGATIVE_INFINITY;
  private processes = 1;

  constructor(
    private readonly redis: Redis,
    clock: Clock,
  ) {
    super(clock);
  }

  override async take(connection: LimitedConnection, address: string, lane: number): Promise<number> {
    const limits = limitsOf(connection);
    if (!limits) return this.takeHere(connection, address, lane, null);
    if (performance.now() - this.countedAtMs >= COUNT_EVERY_MS) void this.count();
    const { perSecond, pairBurst, pairEveryMs } = limits;
    const reserved = reservedOf(lane, limits);
    const waitMs = await this.ask(TAKE, keysOf(connection, address), [perSecond, pairBurst, pairEveryMs, reserved]);
    return waitMs ?? this.takeHere(connection, address, lane, partOf(limits, this.processes));
  }

  override pause(connection: LimitedConnection, forMs: number): void {
    super.pause(connection, forMs);
    void this.ask(PAUSE, keysOf(connection, '').slice(0, 1), [forMs]);
  }

  /** Whoever sends counts: a process at rest takes no part of the limits, and asks nothing. */
  private async count(): Promise<void> {
    if (this.redis.status !== 'ready') return;
    this.countedAtMs = performance.now();
    this.processes = (await this.ask(COUNT, ['processes'], [this.id])) ?? this.processes;
  }

  /** Null: Redis is away, or slow. */
  private async ask(
    script: string,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<number | null> {
    if (this.redis.status !== 'ready') return null;
    try {
      return Number(await this.redis.eval(script, keys.length, ...keys.map((key) => `sends:${key}`), ...args));
    } catch {
      return null;
    }
  }
}

/** No customer's number stands in Redis in clear. */
function keysOf(connection: LimitedConnection, address: string): string[] {
  const key = createHash('sha256').update(keyOf(connection)).digest('base64url');
  return [key, createHash('sha256').update(`${key} ${address}`).digest('base64url')];
}

function partOf({ perSecond, pairBurst, pairEveryMs }: Limits, processes: number): Limits {
  return {
    perSecond: Math.max(1, perSecond / processes),
    pairBurst: Math.max(1, pairBurst / processes),
    pairEveryMs: pairEveryMs * processes,
  };
}
