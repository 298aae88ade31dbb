import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Shop, TestApp } from '../../test/support/app.js';
import { startFeatures } from '../../test/support/features.js';
import { redisServer, startRedis, type TestRedis } from '../../test/support/redis.js';
import { until } from '../../test/support/until.js';
import { AuthModule } from '../auth/auth.module.js';
import { LiveEvents } from '../platform/live-events.js';
import { LiveModule } from './live.module.js';

describe.skipIf(!redisServer)('live events through a real Redis', () => {
  let redis: TestRedis;
  let app: TestApp;
  let shop: Shop;
  let socket: Socket;

  beforeAll(async () => {
    redis = await startRedis();
    app = await startFeatures([AuthModule, LiveModule], { REDIS_URL: redis.url });
    shop = await app.openShop();
    socket = io(app.url, { path: '/live', auth: { token: shop.authorization.slice('Bearer '.length) } });
    await new Promise<void>((done, fail) => socket.once('connect', done).once('connect_error', fail));
  });
  afterAll(async () => {
    socket.disconnect();
    await app.close();
    await redis.kill();
  });

  it('travel between processes, and INV-10 within each of them while Redis is away', async () => {
    const heard: string[] = [];
    socket.on('connection.state', ({ from }: { from: string }) => heard.push(from));
    const tell = (of: Pick<TestApp, 'app'>, from: string) =>
      of.app.get(LiveEvents, { strict: false }).publish(shop.tenantId, 'connection.state', { from });
    const other = await app.startAnother();
    try {
      await until('an event of the other', async () => {
        tell(other, 'other');
        return heard.includes('other');
      });
      await redis.kill();
      tell(app, 'here');
      await until('an event from here', async () => heard.includes('here'));
    } finally {
      await other.close();
    }
    expect(heard.filter((from) => from !== 'other')).toEqual(['here']);
  });
});
