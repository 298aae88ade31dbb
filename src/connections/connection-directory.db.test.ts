import { afterAll, beforeAll, expect, test } from 'vitest';
import { DeliveryBench } from '../../test/support/delivery.js';
import { Clock } from '../platform/clock.js';
import { SecretBox } from '../platform/crypto/secret-box.js';
import { PathPool } from '../platform/database/path-pool.js';
import { LiveEvents } from '../platform/live-events.js';
import { ConnectionDirectory } from './connection-directory.service.js';

class HeldClock extends Clock {
  ms = 1_000_000;

  now(): Date {
    return new Date(this.ms);
  }
}

let bench: DeliveryBench;

beforeAll(async () => {
  bench = await DeliveryBench.open();
});
afterAll(() => bench.close());

async function numberOf(connectionId: string): Promise<string> {
  const { rows } = await bench.database.owner.query<{ external_id: string }>(
    'select external_id from connection where id = $1',
    [connectionId],
  );
  return rows[0]?.external_id ?? '';
}

test('opens the account of a line and finds it by the number id Meta names', async () => {
  const talk = await bench.makeOfficialTalk();
  const { connections } = bench.newProcess();
  const number = await numberOf(talk.connectionId);
  const [connection] = await connections.findByExternalId('official', number);
  expect(connection).toMatchObject({ tenantId: talk.tenantId, botId: talk.botId, connectionId: talk.connectionId });
  expect(connection?.account?.credentials).toMatchObject({ phoneNumberId: number });
  expect(await connections.findByExternalId('official', 'nobody')).toEqual([]);
  expect(await connections.find('00000000-0000-4000-8000-000000000000')).toBeNull();
});

test('INV-1 with Postgres away a known number is still found, an unknown one is an error', async () => {
  const talk = await bench.makeOfficialTalk();
  const number = await numberOf(talk.connectionId);
  const clock = new HeldClock();
  const path = new PathPool(bench.database.url);
  const connections = new ConnectionDirectory(path, bench.box, clock, new LiveEvents());
  await connections.findByExternalId('official', number);
  Object.assign(path, { query: () => Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })) });
  clock.ms += 24 * 3_600_000;
  expect(await connections.findByExternalId('official', number)).toHaveLength(1);
  await expect(connections.findByExternalId('official', 'nobody')).rejects.toThrow('refused');
  await path.close();
});

test('what was being read when a connection changed is not kept after it', async () => {
  const talk = await bench.makeOfficialTalk();
  const path = new PathPool(bench.database.url);
  const connections = new ConnectionDirectory(path, bench.box, new HeldClock(), new LiveEvents());
  const query = path.query.bind(path);
  const read = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  Object.assign(path, {
    query: async (...args: Parameters<typeof query>) => {
      const rows = await query(...args);
      read.resolve();
      await released.promise;
      return rows;
    },
  });
  const reading = connections.find(talk.connectionId);
  await read.promise;
  await bench.database.owner.query(`update connection set state = 'paused' where id = $1`, [talk.connectionId]);
  connections.forget();
  released.resolve();
  await reading;
  expect(await connections.find(talk.connectionId)).toMatchObject({ isPaused: true });
  await path.close();
});

test('a statement that is wrong is not hidden behind what is remembered', async () => {
  const talk = await bench.makeOfficialTalk();
  const clock = new HeldClock();
  const path = new PathPool(bench.database.url);
  const connections = new ConnectionDirectory(path, bench.box, clock, new LiveEvents());
  await connections.find(talk.connectionId);
  Object.assign(path, { query: () => Promise.reject(new Error('syntax error')) });
  expect(await connections.find(talk.connectionId)).not.toBeNull();
  clock.ms += 10_000;
  await expect(connections.find(talk.connectionId)).rejects.toThrow('syntax error');
  await path.close();
});

test('a bot’s lines are all of its own, of every provider, in its order of preference', async () => {
  const bot = await bench.makeBot(undefined, { failover: 'any_number' });
  const second = await bench.makeConnection(bot, { position: 1, state: 'paused', number: '+5215511112222' });
  const third = await bench.makeConnection(bot, { position: 2, provider: 'simulator' });
  const first = await bench.makeConnection(bot, { position: 0 });
  await bench.makeConnection(await bench.makeBot(bot.tenantId), { position: 4 });
  const connections = await bench.newProcess().connections.ofBot(bot.botId);
  expect(connections.map(({ connectionId }) => connectionId)).toEqual([first, second, third]);
  expect(connections[1]).toMatchObject({
    isPaused: true,
    number: '5215511112222',
    bot: { failover: 'any_number', windowTemplate: null },
  });
});

test('health is written when it changes and seen at once', async () => {
  const talk = await bench.makeOfficialTalk();
  const { connections } = bench.newProcess();
  const connection = await connections.find(talk.connectionId);
  if (!connection) throw new Error('no line');
  await connections.report(connection, 'auth_lost', '190: token\u0000 expired');
  expect((await connections.find(talk.connectionId))?.health).toBe('auth_lost');
  const { rows } = await bench.database.owner.query<{ health_reason: string }>(
    'select health_reason from connection where id = $1',
    [talk.connectionId],
  );
  expect(rows[0]?.health_reason).toBe('190: token expired');
});

test('credentials sealed with another key leave the line without an account', async () => {
  const talk = await bench.makeOfficialTalk();
  const box = new SecretBox({ jwtSecret: 'x'.repeat(48), encryptionKey: Buffer.alloc(32, 7).toString('base64') });
  const connections = new ConnectionDirectory(bench.database.path, box, new HeldClock(), new LiveEvents());
  expect(await connections.find(talk.connectionId)).toMatchObject({ connectionId: talk.connectionId, account: null });
});

test('only active lines answer for the handshake', async () => {
  const bot = await bench.makeBot();
  const paused = await bench.makeConnection(bot, { state: 'paused' });
  const active = await bench.makeConnection(bot);
  const ids = (await bench.newProcess().connections.listActive('official')).map(({ connectionId }) => connectionId);
  expect(ids).toContain(active);
  expect(ids).not.toContain(paused);
});
