import { Inject, Injectable } from '@nestjs/common';
import { BentoCache, bentostore, errors } from 'bentocache';
import { memoryDriver } from 'bentocache/drivers/memory';
import { redisDriver } from 'bentocache/drivers/redis';
import { Counter } from 'prom-client';
import { RedisClients } from '../redis.js';
import type { TenantId } from '../tenancy/tenant-id.js';
import { answerSerializer } from './answer-serializer.js';
import { ANSWER_LIFE_MS, TABLE_VERSIONS, type TableVersions } from './table-versions.js';

const MAX_MEMORY_BYTES = 16 * 1024 * 1024;
/** Longer answers are exports, not lists. */
const MAX_ANSWER_BYTES = 512 * 1024;

const answers = new Counter({
  name: 'dashoffice_cached_answers_total',
  help: 'Answers of cacheable routes: kept ones, loaded ones, and those nothing could be kept of',
  labelNames: ['outcome'],
});

/**
 * Answers of reading routes, in memory and behind that in Redis. A key carries the versions of the tables its answer
 * came from, so a write makes every older answer unreachable at once, in every process. Who asks for one answer at the
 * same time shares one load.
 */
@Injectable()
export class AnswerCache {
  private readonly store;

  constructor(
    @Inject(TABLE_VERSIONS) private readonly versions: TableVersions,
    @Inject(RedisClients) { commands }: RedisClients,
  ) {
    const memory = bentostore().useL1Layer(memoryDriver({ maxSize: MAX_MEMORY_BYTES, maxEntrySize: MAX_ANSWER_BYTES }));
    const layers = commands ? memory.useL2Layer(redisDriver({ connection: commands })) : memory;
    this.store = new BentoCache({
      default: 'answers',
      stores: { answers: layers },
      prefix: 'answers',
      serializer: answerSerializer,
      ttl: ANSWER_LIFE_MS,
      suppressL2Errors: true,
      l2CircuitBreakerDuration: '2s',
    });
  }

  /** @throws whatever `load` throws; nothing is kept of a failure */
  async get(
    tenantId: TenantId,
    tables: readonly string[],
    question: string,
    load: () => Promise<string>,
  ): Promise<string> {
    const version = await this.versions.read(tenantId, tables);
    if (version === null) {
      answers.inc({ outcome: 'bypassed' });
      return load();
    }
    let isLoaded = false;
    try {
      return await this.store.getOrSet({
        key: `${tenantId} ${version}${question}`,
        factory: () => {
          isLoaded = true;
          return load();
        },
      });
    } catch (error) {
      throw error instanceof errors.E_FACTORY_ERROR ? error.cause : error;
    } finally {
      answers.inc({ outcome: isLoaded ? 'loaded' : 'kept' });
    }
  }
}
