import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import type { TenantId } from '../tenancy/tenant-id.js';
import { ANSWER_LIFE_MS, type TableVersions } from './table-versions.js';

/** A writer that died between its two words is believed to be writing for so long; a commit takes far less. */
const WRITER_LIFE_MS = 15_000;
const VERSION_LIFE_MS = 3_600_000;
/** As long as an answer is kept, and as long again for one that was being loaded. */
const DOUBT_MS = 2 * ANSWER_LIFE_MS;
const MAX_DOUBTED = 100_000;

/** KEYS: tables. ARGV: a fresh version. Answers the versions, giving one to a table that has none; nil while written. */
const READ = `local all = ''
for i, key in ipairs(KEYS) do
  local state = redis.call('HMGET', key, 'writers', 'version')
  if state[1] and tonumber(state[1]) > 0 then return nil end
  local version = state[2]
  if not version then
    version = ARGV[1]
    redis.call('HSET', key, 'version', version)
    redis.call('PEXPIRE', key, ${VERSION_LIFE_MS})
  end
  all = all .. version .. ' '
end
return all`;

const BEGIN = `for i, key in ipairs(KEYS) do
  redis.call('HINCRBY', key, 'writers', 1)
  redis.call('PEXPIRE', key, ${WRITER_LIFE_MS})
end
return 1`;

const END = `for i, key in ipairs(KEYS) do
  local left = redis.call('HINCRBY', key, 'writers', -1)
  redis.call('HSET', key, 'version', ARGV[1])
  if left <= 0 then
    redis.call('HDEL', key, 'writers')
    redis.call('PEXPIRE', key, ${VERSION_LIFE_MS})
  end
end
return 1`;

/**
 * For several processes on one database: the versions live in Redis. A wiped Redis gives every table a new version, an
 * unreachable one keeps nothing (INV-10). What Redis was not told of a write, this process knows: until every older answer
 * has ended it keeps and believes nothing of that tenant. Other processes may show the old answer for as long as it is kept.
 */
export class SharedTableVersions implements TableVersions {
  private readonly logger = new Logger(SharedTableVersions.name);
  private readonly doubted = new LRUCache<TenantId, true>({ max: MAX_DOUBTED, ttl: DOUBT_MS });

  constructor(private readonly redis: Redis) {}

  async read(tenantId: TenantId, tables: readonly string[]): Promise<string | null> {
    if (this.redis.status !== 'ready' || this.doubted.has(tenantId)) return null;
    try {
      const versions: unknown = await this.redis.eval(READ, tables.length, ...keysOf(tenantId, tables), randomUUID());
      return typeof versions === 'string' ? versions : null;
    } catch {
      // Slow or just gone; the answer comes from Postgres.
      return null;
    }
  }

  begin(tenantId: TenantId, tables: ReadonlySet<string>): Promise<void> {
    return this.tell(BEGIN, tenantId, tables, []);
  }

  end(tenantId: TenantId, tables: ReadonlySet<string>): Promise<void> {
    return this.tell(END, tenantId, tables, [randomUUID()]);
  }

  private async tell(script: string, tenantId: TenantId, tables: ReadonlySet<string>, args: string[]): Promise<void> {
    // That Redis is away is told by /health/ready; it may be back before the next question.
    if (this.redis.status !== 'ready') return void this.doubted.set(tenantId, true);
    const keys = keysOf(tenantId, [...tables]);
    try {
      await this.redis.eval(script, keys.length, ...keys, ...args);
    } catch (error) {
      this.doubted.set(tenantId, true);
      this.logger.warn({ err: error, tenantId }, 'Redis was not told of a write');
    }
  }
}

function keysOf(tenantId: TenantId, tables: readonly string[]): string[] {
  return tables.map((table) => `table:${tenantId}:${table}`);
}
