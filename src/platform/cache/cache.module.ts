import { Global, Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { Redis } from 'ioredis';
import { ENV, type Env } from '../config/env.js';
import { AnswerCache, CACHE_REDIS } from './answer-cache.js';
import { CachedAnswersInterceptor } from './cached-answers.interceptor.js';
import { SharedTableVersions } from './shared-table-versions.js';
import { NoTableVersions, OwnTableVersions, TABLE_VERSIONS } from './table-versions.js';

/** An answer from Postgres takes less than that. */
const PATIENCE_MS = 100;

/**
 * The embedded Postgres has one process, which knows its own writes. On a database of one's own there may be others:
 * with Redis they tell each other, without it nothing is kept.
 */
@Global()
@Module({
  providers: [
    { provide: CACHE_REDIS, inject: [ENV], useFactory: ({ redisUrl }: Env) => (redisUrl ? connect(redisUrl) : null) },
    {
      provide: TABLE_VERSIONS,
      inject: [ENV, CACHE_REDIS],
      useFactory: ({ databaseUrl }: Env, redis: Redis | null) => {
        if (redis) return new SharedTableVersions(redis);
        return databaseUrl === undefined ? new OwnTableVersions() : new NoTableVersions();
      },
    },
    AnswerCache,
    { provide: APP_INTERCEPTOR, useClass: CachedAnswersInterceptor },
  ],
  exports: [TABLE_VERSIONS],
})
export class CacheModule {}

function connect(url: string): Redis {
  const redis = new Redis(url, { enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: PATIENCE_MS });
  // Without a listener every failed attempt to connect would be printed.
  redis.on('error', () => undefined);
  return redis;
}
