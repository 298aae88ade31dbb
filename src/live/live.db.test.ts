import { get } from 'node:http';
import { io, type Socket } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Shop, TestApp } from '../../test/support/app.js';
import { signInAs, startFeatures } from '../../test/support/features.js';
import { until } from '../../test/support/until.js';
import { AuthModule } from '../auth/auth.module.js';
import { LiveEvents } from '../platform/live-events.js';
import { LiveServer } from './live-server.js';
import { LiveModule } from './live.module.js';

let app: TestApp;
let shop: Shop;
const sockets: Socket[] = [];

beforeAll(async () => {
  app = await startFeatures([AuthModule, LiveModule], { CORS_ORIGINS: 'https://panel.example' });
  shop = await app.openShop();
});
afterEach(() => sockets.splice(0).forEach((socket) => socket.disconnect()));
afterAll(() => app.close());

async function tokenOf({ email, password }: Shop): Promise<string> {
  return (await app.call('POST', '/api/auth/login', { email, password })).body.accessToken as string;
}

/** Connects; every event that comes is kept. @throws Error the refusal */
async function listen(options: object): Promise<{ socket: Socket; heard: [string, unknown][] }> {
  const socket = io(app.url, { path: '/live', reconnection: false, ...options });
  sockets.push(socket);
  const heard: [string, unknown][] = [];
  socket.onAny((type: string, data: unknown) => heard.push([type, data]));
  await new Promise<void>((done, fail) => socket.once('connect', done).once('connect_error', fail));
  return { socket, heard };
}

const publish = (type: string, data: object = {}, to = shop) =>
  app.app.get(LiveEvents, { strict: false }).publish(to.tenantId, type, data);

describe('live events', () => {
  it.each([['websocket'], ['polling']])('reach a signed-in person by %s', async (transport) => {
    const { heard } = await listen({ auth: { token: await tokenOf(shop) }, transports: [transport] });
    publish('connection.state', { state: 'open' });
    await until('the event', async () => heard.length > 0);
    expect(heard).toEqual([['connection.state', { state: 'open' }]]);
  });

  it('reach a program with an API key, as far as its permissions go', async () => {
    const key = { name: 'panel', permissions: ['connections:read'] };
    const { body } = await shop.call('POST', '/api/api-keys', key);
    const { heard } = await listen({ auth: { token: body.key } });
    publish('connection.qr', { code: '2@secret' });
    publish('order.placed');
    publish('unheard.of');
    publish('connection.state', { state: 'qr' });
    await until('the last of them', async () => heard.length > 0);
    expect(heard).toEqual([['connection.state', { state: 'qr' }]]);
  });

  it('show a code only to those who may link a phone, and orders to no seller', async () => {
    const owner = await listen({ auth: { token: await tokenOf(shop) } });
    const manager = await listen({ auth: { token: await tokenOf(await signInAs(app, shop, 'manager')) } });
    const seller = await listen({ auth: { token: await tokenOf(await signInAs(app, shop, 'seller')) } });
    publish('connection.qr', { code: '2@secret' });
    publish('order.placed', { orderId: '1' });
    publish('message.received', { text: 'no' });
    await until('the last of them', async () => [owner, manager, seller].every(({ heard }) => heard.some(isMessage)));
    expect(owner.heard.map(([type]) => type)).toEqual(['connection.qr', 'order.placed', 'message.received']);
    expect(manager.heard.map(([type]) => type)).toEqual(['order.placed', 'message.received']);
    expect(seller.heard.map(([type]) => type)).toEqual(['message.received']);
  });

  it('INV-8 never reach another tenant', async () => {
    const other = await app.openShop();
    const { heard } = await listen({ auth: { token: await tokenOf(other) } });
    publish('connection.state', { state: 'ours' });
    publish('connection.state', { state: 'theirs' }, other);
    await until('their own', async () => heard.length > 0);
    expect(heard).toEqual([['connection.state', { state: 'theirs' }]]);
  });

  it.each([[{}], [{ auth: { token: 'nonsense' } }], [{ auth: { token: 7 } }], [{ auth: { token: 'dok_x' } }]])(
    'are refused without a sign-in (%j)',
    async (options) => {
      await expect(listen(options)).rejects.toMatchObject({ message: 'not_signed_in' });
    },
  );

  it('come by the dashboard’s cookie, and not to a page of another site', async () => {
    const credentials = { email: shop.email, password: shop.password };
    const signIn = await app.call('POST', '/api/auth/session', credentials);
    const cookie = signIn.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ');
    expect(cookie).toContain('session');
    const { heard } = await listen({ extraHeaders: { cookie } });
    publish('connection.state');
    await until('the event', async () => heard.length > 0);
    const evil = { extraHeaders: { cookie, origin: 'https://evil.example' } };
    await expect(listen(evil)).rejects.toMatchObject({ message: 'xhr poll error' });
    const listed = { extraHeaders: { cookie, origin: 'https://panel.example' } };
    await expect(listen(listed)).rejects.toMatchObject({ message: 'not_signed_in' });
  });

  it('come to the pages of CORS_ORIGINS with a token, by both transports, and to those of nobody else', async () => {
    const token = await tokenOf(shop);
    for (const transport of ['websocket', 'polling']) {
      const from = (origin: string) => ({ auth: { token }, transports: [transport], extraHeaders: { origin } });
      await listen(from('https://panel.example'));
      await listen(from(app.url));
      await expect(listen(from('https://evil.example'))).rejects.toThrow();
      await expect(listen(from('null'))).rejects.toThrow();
    }
    const handshake = (origin: string) =>
      fetch(`${app.url}/live/?EIO=4&transport=polling`, { headers: { origin } }).then(({ status, headers }) => ({
        status,
        allowed: headers.get('access-control-allow-origin'),
      }));
    expect(await handshake('https://panel.example')).toEqual({ status: 200, allowed: 'https://panel.example' });
    expect(await handshake('https://evil.example')).toEqual({ status: 403, allowed: null });
  });

  it('are bounded: who is told too much is told to load again', async () => {
    const other = await app.openShop();
    const loud = await listen({ auth: { token: await tokenOf(shop) } });
    const quiet = await listen({ auth: { token: await tokenOf(other) } });
    for (let n = 0; n < 100; n += 1) publish('message.status', { n });
    publish('message.status', { n: 'theirs' }, other);
    await until('both', async () => quiet.heard.length > 0 && loud.heard.some(([type]) => type === 'live.missed'));
    expect(quiet.heard).toEqual([['message.status', { n: 'theirs' }]]);
    expect(loud.heard.length).toBeLessThanOrEqual(41);
  });

  it('end with a permission that is taken away', async () => {
    const { body } = await shop.call('POST', '/api/api-keys', { name: 'panel', permissions: ['orders:read'] });
    const { socket } = await listen({ auth: { token: body.key } });
    await app.owner.query(`update api_key set permissions = '{contacts:read}' where id = $1`, [body.id]);
    await until('it to be cut off', async () => {
      await app.app.get(LiveServer, { strict: false }).check();
      return socket.disconnected;
    });
  });

  it('end with the sign-in', async () => {
    const leaving = await signInAs(app, shop, 'viewer');
    const { socket } = await listen({ auth: { token: await tokenOf(leaving) } });
    const { body } = await shop.call('GET', '/api/users');
    const { id } = body.items.find(({ email }: { email: string }) => email === leaving.email);
    await app.app.get(LiveServer, { strict: false }).check();
    expect(socket.connected).toBe(true);
    await shop.call('PATCH', `/api/users/${id}`, { isActive: false });
    await until('it to be cut off', async () => {
      await app.app.get(LiveServer, { strict: false }).check();
      return socket.disconnected;
    });
  });
});

it('leave every other request to the API, also one that offers to upgrade', async () => {
  const { origin, hostname, port } = new URL(app.url);
  await fetch(`${origin}/live`);
  const status = await new Promise((done, fail) => {
    const headers = { connection: 'upgrade', upgrade: 'h2c' };
    const request = get({ hostname, port, path: '/api/auth/me', headers }, (answer) => done(answer.statusCode));
    request.on('error', fail);
  });
  expect(status).toBe(401);
  expect((await app.call('GET', '/lively')).status).toBe(404);
});

it('are over when the process stops: no socket, and no connection that listens', async () => {
  const other = await app.startAnother();
  const socket = io(other.url, { path: '/live', reconnection: false, auth: { token: await tokenOf(shop) } });
  sockets.push(socket);
  await new Promise<void>((done, fail) => socket.once('connect', done).once('connect_error', fail));
  const listening = async () => {
    const { rows } = await app.owner.query(
      `select count(*)::int as n from pg_stat_activity where datname = current_database() and query like 'LISTEN%'`,
    );
    return rows[0].n as number;
  };
  const reasons: string[] = [];
  socket.on('disconnect', (reason) => reasons.push(reason));
  await until('both to listen', async () => (await listening()) === 2);
  await other.close();
  await until('the socket to close', async () => socket.disconnected);
  // Any other reason than one of these keeps clients from coming back by themselves.
  expect(reasons).toEqual([expect.stringMatching(/^transport (close|error)$/)]);
  await until('one to listen', async () => (await listening()) === 1);
});

it('travel from a process that serves nobody to those that do', async () => {
  const sender = await app.startAnother({ role: 'adapter' });
  try {
    const { heard } = await listen({ auth: { token: await tokenOf(shop) } });
    await until('the event', async () => {
      sender.app.get(LiveEvents, { strict: false }).publish(shop.tenantId, 'connection.state', { state: 'open' });
      return heard.length > 0;
    });
    expect(heard[0]).toEqual(['connection.state', { state: 'open' }]);
    // The connection that listens is lost, and another one takes its place.
    await app.owner.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'LISTEN%'`,
    );
    await until('an event after it', async () => {
      sender.app.get(LiveEvents, { strict: false }).publish(shop.tenantId, 'connection.state', { state: 'again' });
      return heard.some(([, data]) => (data as { state: string }).state === 'again');
    });
  } finally {
    await sender.close();
  }
});

it('are for at most 200 of a tenant at once in one process', async () => {
  const crowded = await app.openShop();
  const options = { auth: { token: await tokenOf(crowded) }, transports: ['websocket'], forceNew: true };
  await Promise.all(Array.from({ length: 200 }, () => listen(options)));
  await expect(listen(options)).rejects.toMatchObject({ message: 'too_many_listeners' });
  await listen({ auth: { token: await tokenOf(shop) } });
});

const isMessage = ([type]: [string, unknown]) => type === 'message.received';
