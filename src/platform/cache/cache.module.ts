import { Global, Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { ENV, type Env } from '../config/env.js';
import { RedisClients } from '../redis.js';
import { AnswerCache } from './answer-cache.js';
import { CachedAnswersInterceptor } from './cached-answers.interceptor.js';
import { SharedTableVersions } from './shared-table-versions.js';
import { NoTableVersions, OwnTableVersions, TABLE_VERSIONS } from './table-versions.js';

/**
 * The embedded Postgres has one process, which knows its own writes. On a database of one's own there may be others:
 * with Redis they tell each other, without it nothing is kept.
 */
@Global()
@Module({
  providers: [
    {
      provide: TABLE_VERSIONS,
      inject: [ENV, RedisClients],
      useFactory: ({ databaseUrl }: Env, { commands }: RedisClients) => {
        if (commands) return new SharedTableVersions(commands);
        return databaseUrl === undefined ? new OwnTableVersions() : new NoTableVersions();
      },
    },
    AnswerCache,
    { provide: APP_INTERCEPTOR, useClass: CachedAnswersInterceptor },
  ],
  exports: [TABLE_VERSIONS],
})
export class CacheModule {}
