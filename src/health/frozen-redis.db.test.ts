import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestApp } from '../../test/support/app.js';
import { MESSAGING, startFeatures } from '../../test/support/features.js';
import { redisServer, startRedis, type TestRedis } from '../../test/support/redis.js';
import { AuthModule } from '../auth/auth.module.js';
import { HealthModule } from './health.module.js';

describe.runIf(redisServer)('readiness while Redis is frozen', () => {
  let redis: TestRedis;
  let app: TestApp;

  beforeAll(async () => {
    redis = await startRedis();
    app = await startFeatures([AuthModule, ...MESSAGING, HealthModule], {
      REDIS_URL: redis.url,
      // Nobody is there, and says so at once.
      META_GRAPH_URL: 'http://127.0.0.1:9',
      TWILIO_API_URL: 'http://127.0.0.1:9',
    });
  });
  afterAll(async () => {
    redis.thaw();
    await app.close();
    await redis.kill();
  });

  async function ready() {
    const startedAt = performance.now();
    const { status, body } = await app.call('GET', '/health/ready');
    const checks = body.checks as { name: string; status: string; detail: string | null }[];
    const check = checks.find(({ name }) => name === 'redis');
    return { status, redis: check?.status, detail: check?.detail, tookMs: performance.now() - startedAt };
  }

  it('answers within two seconds that it is degraded, from the first moment to the last, and up again after', async () => {
    await expect.poll(ready).toMatchObject({ status: 200, redis: 'up', detail: null });
    redis.freeze();
    const frozenAt = performance.now();
    while (performance.now() - frozenAt < 4000) {
      const answer = await ready();
      expect(answer).toMatchObject({ status: 200, redis: 'degraded' });
      expect(answer.detail).toBeTypeOf('string');
      expect(answer.tookMs).toBeLessThan(2000);
    }
    redis.thaw();
    await expect.poll(ready, { timeout: 10_000 }).toMatchObject({ status: 200, redis: 'up' });
  });
});
