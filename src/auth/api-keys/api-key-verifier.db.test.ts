import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { callWithKey, makeKey } from '../../../test/support/api-keys.js';
import type { Answer, Shop, TestApp } from '../../../test/support/app.js';
import { MESSAGING, startFeatures } from '../../../test/support/features.js';
import { ContactsModule } from '../../contacts/contacts.module.js';
import { OrdersModule } from '../../orders/orders.module.js';
import { Clock } from '../../platform/clock.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { AuthModule } from '../auth.module.js';
import { ApiKeyVerifier, KNOWN_FOR_MS } from './api-key-verifier.js';

const DAY_MS = 86_400_000;

let app: TestApp;
let clock: Clock;
let shop: Shop;
let other: Shop;

beforeAll(async () => {
  const variables = { SIMULATOR_ALLOWED: 'true', META_GRAPH_URL: 'http://127.0.0.1:1' };
  app = await startFeatures([AuthModule, ContactsModule, OrdersModule, ...MESSAGING], variables);
  clock = app.app.get(Clock);
  shop = await app.openShop();
  other = await app.openShop();
});
afterAll(() => app.close());
afterEach(() => {
  vi.restoreAllMocks();
});

function holdClock(at: Date): void {
  vi.spyOn(clock, 'now').mockReturnValue(at);
}

/** The time that look-ups are kept by stands at `ms` from now. */
function holdLookUps(ms: number): void {
  vi.spyOn(performance, 'now').mockReturnValue(performance.now() + ms);
}

async function lastUsedAt(id: string): Promise<Date | null> {
  const { rows } = await app.owner.query<{ last_used_at: Date | null }>(
    'select last_used_at from api_key where id = $1',
    [id],
  );
  return rows[0]?.last_used_at ?? null;
}

describe('calling with an API key', () => {
  it('may do what the key was made for and nothing else', async () => {
    const { call } = await makeKey(app, shop, ['bots:read']);
    expect((await call('GET', '/api/bots')).status).toBe(200);
    const refused = [
      await call('POST', '/api/bots', { name: 'Aurora' }),
      await call('GET', '/api/orders'),
      await call('GET', '/api/users'),
    ];
    expect(refused.map(({ status, body }) => [status, body.code])).toEqual(refused.map(() => [403, 'forbidden']));
  });

  it('sends through the old contract and takes messages in with messages:send', async () => {
    const { body: bot } = await shop.call('POST', '/api/bots', { name: 'Aurora' });
    const line = { provider: 'simulator', name: 'Simulador', credentials: {} };
    await shop.call('POST', `/api/bots/${bot.id}/connections`, line);
    const { call } = await makeKey(app, shop, ['messages:send']);
    const sent = await call('POST', '/send', { bot_id: bot.id, to: '+525511111111', message: 'Hola' });
    expect([sent.status, sent.body.status]).toEqual([202, 'queued']);
    const message = { bot_id: bot.id, from: '+525522222222', message: 'Hola', message_id: 'old-1' };
    expect((await call('POST', '/message', message)).status).toBe(202);
    expect((await call('GET', `/status?bot_id=${bot.id}`)).status).toBe(403);
    const foreign = await makeKey(app, other, ['messages:send']);
    const lost = await foreign.call('POST', '/send', { bot_id: bot.id, to: '+525511111111', message: 'Hola' });
    expect(lost.status).toBe(404);
  });

  it('says who it is', async () => {
    const made = await makeKey(app, shop, ['messages:send', 'orders:read']);
    expect((await made.call('GET', '/api/auth/me')).body).toEqual({
      kind: 'key',
      id: made.id,
      name: 'Tienda en línea',
      permissions: ['messages:send', 'orders:read', 'session:own'],
      expiresAt: made.expiresAt,
      tenant: (await shop.call('GET', '/api/auth/me')).body.tenant,
    });
    expect((await made.call('GET', '/api/tenant')).body.id).toBe(shop.tenantId);
  });

  it('sees its own tenant only (INV-8)', async () => {
    const { body: bot } = await other.call('POST', '/api/bots', { name: 'Ajeno' });
    const { call } = await makeKey(app, shop, ['bots:read', 'bots:write']);
    expect((await call('GET', `/api/bots/${bot.id}`)).status).toBe(404);
    expect((await call('DELETE', `/api/bots/${bot.id}`)).status).toBe(404);
    const { body } = await call('GET', '/api/bots?limit=100');
    expect(body.items.map(({ id }: { id: string }) => id)).not.toContain(bot.id);
  });

  it('is the actor of what it does, and sees every seller’s orders', async () => {
    const permissions = ['contacts:write', 'products:write', 'orders:read', 'orders:write'];
    const { id, call } = await makeKey(app, shop, permissions);
    await shop.call('POST', '/api/sellers', { name: 'Eva', phone: '+525533334444' });
    const { body: contact } = await call('POST', '/api/contacts', { phone: '+525511112222', name: 'Eva' });
    const product = { sku: 'k1', name: { es: 'Café' }, priceMinor: 1000, initialStock: 5 };
    const { body: coffee } = await call('POST', '/api/products', product);
    const lines = [{ productId: coffee.id, quantity: 1 }];
    const { body: order } = await call('POST', '/api/orders', { contactId: contact.id, lines });
    expect(order.sellerId).not.toBeNull();
    expect(order.history).toMatchObject([{ to: 'placed', actor: `key:${id}` }]);
    const { rows } = await app.owner.query('select distinct created_by from stock_movement where product_id = $1', [
      coffee.id,
    ]);
    expect(rows).toEqual([{ created_by: id }]);
    expect((await call('GET', `/api/orders/${order.id}`)).status).toBe(200);
  });

  it('does what no key may do never, even when its row says so', async () => {
    const { id, call } = await makeKey(app, shop, ['users:read']);
    await app.owner.query(
      `update api_key set permissions = '{users:write,api-keys:write,api-keys:read}' where id = $1`,
      [id],
    );
    const person = { email: 'nuevo@tienda.test', name: 'N', password: 'una frase larga', role: 'owner' };
    for (const { status } of [
      await call('POST', '/api/users', person),
      await call('GET', '/api/api-keys'),
      await call('POST', '/api/api-keys', { name: 'x', permissions: ['bots:read'] }),
      await call('DELETE', `/api/api-keys/${id}`),
    ])
      expect(status).toBe(403);
  });

  it('notes its use once a minute', async () => {
    const { id, key } = await makeKey(app, shop, ['bots:read']);
    const start = clock.now().getTime();
    const useAfter = async (ms: number) => {
      holdClock(new Date(start + ms));
      // Another process, which has not looked the key up yet.
      await new ApiKeyVerifier(app.app.get(TenantDatabase), clock).verify(key);
      return Number(await lastUsedAt(id)) - start;
    };
    expect([await useAfter(1000), await useAfter(60_999), await useAfter(61_000)]).toEqual([1000, 1000, 61_000]);
    const { body } = await shop.call('GET', '/api/api-keys?limit=1');
    expect(body.items[0].lastUsedAt).toBe(new Date(start + 61_000).toISOString());
  });
});

describe('a key that is worth nothing', () => {
  it('gets the same 401 whether unknown, malformed, moved, expired or revoked', async () => {
    const live = await makeKey(app, shop, ['bots:read']);
    const revoked = await makeKey(app, shop, ['bots:read']);
    const expired = await makeKey(app, shop, ['bots:read']);
    await shop.call('DELETE', `/api/api-keys/${revoked.id}`);
    await app.owner.query('update api_key set expires_at = now() where id = $1', [expired.id]);
    const tenantPart = shop.tenantId.replaceAll('-', '');
    const answers: Pick<Answer, 'status' | 'body'>[] = [];
    for (const key of [
      revoked.key,
      expired.key,
      `dok_${tenantPart}_${'A'.repeat(43)}`,
      `${live.prefix}${'A'.repeat(37)}`,
      `dok_${'0'.repeat(32)}_${live.key.slice(37)}`,
      live.key.replace(tenantPart, other.tenantId.replaceAll('-', '')),
      live.key.replace('dok_', 'drt_'),
      'dok_',
      `${live.key}x`,
    ]) {
      const { status, body } = await callWithKey(app, key)('GET', '/api/bots');
      answers.push({ status, body: { ...body, requestId: '' } });
    }
    expect(answers[0]).toMatchObject({ status: 401, body: { code: 'not_signed_in' } });
    expect(answers).toEqual(answers.map(() => answers[0]));
    expect((await live.call('GET', '/api/bots')).status).toBe(200);
  });

  it('expires to the second, also while it is in use', async () => {
    const { call, expiresAt } = await makeKey(app, shop, ['bots:read'], { expiresInDays: 1 });
    holdClock(new Date(Date.parse(expiresAt) - 1));
    expect((await call('GET', '/api/bots')).status).toBe(200);
    holdClock(new Date(expiresAt));
    expect((await call('GET', '/api/bots')).status).toBe(401);
    holdLookUps(KNOWN_FOR_MS);
    expect((await call('GET', '/api/bots')).status).toBe(401);
  });

  it('lives on when the database says it has no end', async () => {
    const { id, call } = await makeKey(app, shop, ['bots:read']);
    await app.owner.query('update api_key set expires_at = null where id = $1', [id]);
    holdClock(new Date(Date.now() + 4000 * DAY_MS));
    expect((await call('GET', '/api/bots')).status).toBe(200);
    expect((await call('GET', '/api/auth/me')).body.expiresAt).toBeNull();
  });

  it('is revoked at once here, and within five seconds in another process', async () => {
    const { id, key, call } = await makeKey(app, shop, ['bots:read']);
    const elsewhere = new ApiKeyVerifier(app.app.get(TenantDatabase), clock);
    holdLookUps(0);
    await elsewhere.verify(key);
    expect((await call('GET', '/api/bots')).status).toBe(200);
    expect((await shop.call('DELETE', `/api/api-keys/${id}`)).status).toBe(204);
    expect((await call('GET', '/api/bots')).status).toBe(401);
    holdLookUps(KNOWN_FOR_MS - 1);
    await elsewhere.verify(key);
    holdLookUps(2);
    await expect(elsewhere.verify(key)).rejects.toMatchObject({ code: 'not_signed_in' });
  });

  it('does not say who it was after another process revoked it', async () => {
    const { id, call } = await makeKey(app, shop, ['bots:read']);
    expect((await call('GET', '/api/auth/me')).status).toBe(200);
    await app.owner.query('update api_key set revoked_at = now() where id = $1', [id]);
    expect((await call('GET', '/api/auth/me')).status).toBe(401);
  });
});
