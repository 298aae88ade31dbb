import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Shop, TestApp } from '../../test/support/app.js';
import { BaileysDouble } from '../../test/support/baileys-double.js';
import { MESSAGING, signInAs, startFeatures } from '../../test/support/features.js';
import { until } from '../../test/support/until.js';
import { AuthModule } from '../auth/auth.module.js';
import { SocketFactory } from '../providers/baileys/linked-socket.js';

let app: TestApp;
let shop: Shop;
let botId: string;
let id: string;
const whatsapp = new BaileysDouble();

beforeAll(async () => {
  app = await startFeatures([AuthModule, ...MESSAGING], { SIMULATOR_ALLOWED: 'true', LOG_LEVEL: 'silent' });
  // Whoever was given the factory holds the one object; from here on it makes doubles.
  const real = app.app.get(SocketFactory, { strict: false });
  Object.assign(real, {
    isInstalled: () => whatsapp.isInstalled(),
    open: (config: Parameters<SocketFactory['open']>[0]) => whatsapp.open(config),
    codec: () => whatsapp.codec(),
  });
  shop = await app.openShop();
});
afterAll(() => app.close());

beforeEach(async () => {
  whatsapp.installed = true;
  whatsapp.onOpen = (socket) => void socket.showQr('2@the-code');
  botId = (await shop.call('POST', '/api/bots', { name: 'Aurora' })).body.id;
  id = await connect('baileys');
});

async function connect(provider: string): Promise<string> {
  const input = { provider, name: provider, credentials: {} };
  return (await shop.call('POST', `/api/bots/${botId}/connections`, input)).body.id;
}

const path = (what: string, connection = id) => `/api/bots/${botId}/connections/${connection}/${what}`;
const stateOf = async () => (await shop.call('GET', path('session'))).body;

async function openDevice(): Promise<void> {
  whatsapp.onOpen = (socket) => void socket.open();
  await shop.call('POST', path('link'));
  await until('it to be open', async () => (await stateOf()).state === 'open');
}

describe('linking a phone', () => {
  it('begins with a QR code when somebody asks', async () => {
    expect(await stateOf()).toMatchObject({ connectionId: id, state: 'idle', phone: null, ageSeconds: null });
    const asked = await shop.call('POST', path('link'));
    expect(asked).toMatchObject({ status: 200, body: { state: 'qr', qr: '2@the-code', pairingCode: null } });
    expect(asked.body.codeExpiresAt).not.toBeNull();
    // Asking again shows the same one.
    expect((await shop.call('POST', path('link'))).body.qr).toBe('2@the-code');
  });

  it('goes by a code to type on the phone, and wants a number', async () => {
    const asked = await shop.call('POST', path('pairing-code'), { phoneNumber: '+5215511111111' });
    expect(asked).toMatchObject({ status: 200, body: { state: 'pairing', qr: null, pairingCode: 'DOUBLE12' } });
    const bad = await shop.call('POST', path('pairing-code'), { phoneNumber: '551111' });
    expect([bad.status, bad.body.errors[0].field]).toEqual([400, 'phoneNumber']);
  });

  it('ends with a phone, which is told with the connection’s status; a second phone needs a logout', async () => {
    await openDevice();
    expect(await stateOf()).toMatchObject({ state: 'open', phone: '+5215550001111' });
    const status = await shop.call('GET', `/status?bot_id=${botId}`);
    expect(status.body.connections[0].linked_device).toMatchObject({ state: 'open', phone: '+5215550001111' });
    expect(status.body.connections[0].linked_device.session_age_seconds).toBeGreaterThanOrEqual(0);
    const again = await shop.call('POST', path('pairing-code'), { phoneNumber: '+5215511111111' });
    expect([again.status, again.body.code]).toEqual([409, 'already_linked']);
    expect((await shop.call('POST', path('link'))).body).toMatchObject({ state: 'open', qr: null });
    expect((await shop.call('POST', path('logout'))).status).toBe(202);
    await until('it to be idle', async () => (await stateOf()).state === 'idle');
    expect(whatsapp.socket.isLoggedOut).toBe(true);
  });

  it('says when the number may not write first for a while', async () => {
    await openDevice();
    await app.owner.query(
      `update linked_session set restricted_until = now() + interval '1 hour', restriction_reason = 'time_lock'
        where connection_id = $1`,
      [id],
    );
    expect(await stateOf()).toMatchObject({ state: 'restricted', restrictionReason: 'time_lock' });
  });

  it('forgets the keys of a device nobody holds', async () => {
    await openDevice();
    await whatsapp.socket.close(403);
    await until('it to stop', async () => (await stateOf()).state === 'stopped');
    const out = await until('it to be free', async () => {
      const { body } = await shop.call('POST', path('logout'));
      return body.state === 'idle' ? body : null;
    });
    expect(out).toMatchObject({ state: 'idle', linkedAt: null });
  });
});

describe('GET /qr', () => {
  it('shows the code as text, or as a picture', async () => {
    const shown = await shop.call('GET', `/qr?bot_id=${botId}`);
    expect(shown.body).toMatchObject({ bot_id: botId, connection_id: id, status: 'qr', qr: '2@the-code' });
    expect(shown.headers.get('cache-control')).toContain('no-store');
    for (const [query, headers] of [
      ['&format=png', {}],
      ['', { accept: 'image/png' }],
    ] as const) {
      const picture = await shop.call('GET', `/qr?bot_id=${botId}${query}`, undefined, headers);
      expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/png']);
      expect(String(picture.body)).toContain('PNG');
    }
  });

  it('has no picture for a phone that is linked', async () => {
    await openDevice();
    expect((await shop.call('GET', `/qr?bot_id=${botId}`)).body).toMatchObject({ status: 'open', qr: null });
    const picture = await shop.call('GET', `/qr?bot_id=${botId}&format=png`);
    expect([picture.status, picture.body.code]).toEqual([409, 'already_linked']);
  });

  it('has no picture either where a code is to be typed', async () => {
    await shop.call('POST', path('pairing-code'), { phoneNumber: '+5215511111111' });
    const picture = await shop.call('GET', `/qr?bot_id=${botId}&format=png`);
    expect([picture.status, picture.body.code]).toEqual([409, 'code_not_ready']);
    expect(Number(picture.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('names a connection that is none of the bot’s', async () => {
    const answer = await shop.call('GET', `/qr?bot_id=${botId}&connection_id=${randomUUID()}`);
    expect([answer.status, answer.body.code]).toEqual([409, 'no_linked_device']);
    expect((await shop.call('GET', `/qr?bot_id=${botId}&format=gif`)).status).toBe(400);
  });
});

describe('what cannot be linked', () => {
  const POSTS = [['link'], ['pairing-code'], ['logout']];
  const body = (what: string) => (what === 'pairing-code' ? { phoneNumber: '+5215511111111' } : undefined);

  it.each(POSTS)('is a connection of another provider (%s)', async (what) => {
    const simulator = await connect('simulator');
    const answer = await shop.call('POST', path(what, simulator), body(what));
    expect([answer.status, answer.body.code]).toEqual([409, 'not_a_linked_device']);
    expect((await shop.call('GET', path('session', simulator))).status).toBe(409);
  });

  it.each(POSTS)('is another tenant’s, or by whoever may not (%s)', async (what) => {
    const stranger = await app.openShop();
    expect((await stranger.call('POST', path(what), body(what))).status).toBe(404);
    expect((await stranger.call('GET', path('session'))).status).toBe(404);
    const manager = await signInAs(app, shop, 'manager');
    expect((await manager.call('POST', path(what), body(what))).status).toBe(403);
    expect((await manager.call('GET', path('session'))).status).toBe(200);
    expect((await manager.call('GET', `/qr?bot_id=${botId}`)).status).toBe(403);
    expect((await app.call('POST', path(what), body(what))).status).toBe(401);
  });

  it('is anything where the package is not installed', async () => {
    whatsapp.installed = false;
    for (const what of ['link', 'pairing-code']) {
      const answer = await shop.call('POST', path(what), body(what));
      expect([answer.status, answer.body.code]).toEqual([503, 'baileys_not_installed']);
    }
    expect((await shop.call('GET', `/qr?bot_id=${botId}`)).body.code).toBe('baileys_not_installed');
  });
});
