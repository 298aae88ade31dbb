import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Shop, TestApp } from '../../test/support/app.js';
import { makeKey } from '../../test/support/api-keys.js';
import { signInAs, startFeatures } from '../../test/support/features.js';
import { AuthModule } from '../auth/auth.module.js';
import { OUTGOING_EVENT_TYPES } from './outgoing-events.js';
import { WebhooksModule } from './webhooks.module.js';
import { MAX_WEBHOOKS } from './webhooks.service.js';

let app: TestApp;
let shop: Shop;
beforeAll(async () => {
  app = await startFeatures([AuthModule, WebhooksModule], { WEBHOOKS_PRIVATE_ALLOWED: 'false' });
});
beforeEach(async () => {
  shop = await app.openShop();
});
afterAll(() => app.close());

const URL_OK = 'https://hooks.tienda.mx/dashoffice';
const make = async (overrides: object = {}, as = shop) =>
  as.call('POST', '/api/webhooks', { url: URL_OK, types: ['order.placed'], ...overrides });

describe('/api/webhooks', () => {
  it('makes one, shows its secret once, and keeps it sealed', async () => {
    const made = await make({ types: ['order.placed', 'order.changed', 'order.placed'], description: 'ERP' });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      url: URL_OK,
      types: ['order.placed', 'order.changed'],
      isActive: true,
      revision: 1,
    });
    expect(made.body.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const read = await shop.call('GET', `/api/webhooks/${made.body.id}`);
    expect(read.headers.get('etag')).toBe('"1"');
    expect(read.body).not.toHaveProperty('secret');
    expect((await shop.call('GET', '/api/webhooks')).body.items).toEqual([read.body]);
    const { rows } = await app.owner.query('select secret from webhook_endpoint where id = $1', [made.body.id]);
    expect(Buffer.from(rows[0].secret).includes(Buffer.from(made.body.secret.slice(6)))).toBe(false);
  });

  it('changes, stops, starts and deletes', async () => {
    const path = `/api/webhooks/${(await make()).body.id}`;
    const changed = await shop.call(
      'PATCH',
      path,
      { types: ['contact.changed'], description: null },
      { 'if-match': '"1"' },
    );
    expect([changed.status, changed.body.types]).toEqual([200, ['contact.changed']]);
    expect((await shop.call('PATCH', path, { isActive: false }, { 'if-match': '"1"' })).status).toBe(412);
    expect((await shop.call('PATCH', path, { isActive: false })).body).toMatchObject({ stoppedReason: 'person' });
    expect((await shop.call('PATCH', path, { isActive: true })).body).toMatchObject({
      isActive: true,
      stoppedReason: null,
    });
    expect((await shop.call('DELETE', path)).status).toBe(204);
    expect((await shop.call('GET', path)).body.code).toBe('webhook_not_found');
    expect((await shop.call('DELETE', path)).status).toBe(404);
  });

  it('gives a new secret, and lets the old one sign for a day more', async () => {
    const made = await make();
    const rotated = await shop.call('POST', `/api/webhooks/${made.body.id}/rotate-secret`);
    expect(rotated.status).toBe(200);
    expect(rotated.body.secret).not.toBe(made.body.secret);
    const hours = (Date.parse(rotated.body.oldSecretUntil) - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(23.5);
    expect(hours).toBeLessThanOrEqual(24);
  });

  it.each([
    'http://hooks.tienda.mx',
    'https://127.0.0.1/x',
    'https://10.0.0.8',
    'https://[::1]/',
    'https://2130706433/',
    'https://localhost/x',
    'https://redis:6379',
    'https://user:pass@hooks.tienda.mx',
  ])('refuses %s', async (url) => {
    const refused = await make({ url });
    expect([refused.status, refused.body.code, refused.body.errors[0].field]).toEqual([
      422,
      'webhook_address_not_allowed',
      'url',
    ]);
    const { id } = (await make()).body;
    expect((await shop.call('PATCH', `/api/webhooks/${id}`, { url })).status).toBe(422);
  });

  it('names every field that does not fit', async () => {
    const bad = await make({ url: 'ftp://x.mx', types: ['order.eaten'], secret: 'mine' });
    expect(bad.status).toBe(400);
    const fields = bad.body.errors.map(({ field }: { field: string }) => field);
    expect(fields).toEqual(expect.arrayContaining(['url', 'types.0']));
    expect((await make({ types: [] })).body.errors[0].field).toBe('types');
    expect((await shop.call('GET', '/api/webhooks/7')).body.errors[0].field).toBe('id');
  });

  it('has a limit per tenant', async () => {
    for (let count = 0; count < MAX_WEBHOOKS; count += 1) expect((await make()).status).toBe(201);
    const refused = await make();
    expect([refused.status, refused.body.code]).toEqual([409, 'too_many_webhooks']);
  });

  it('lists what can be told, with an example of each that names its subject', async () => {
    const { body } = await shop.call('GET', '/api/webhooks/event-types');
    expect(body.items.map(({ type }: { type: string }) => type)).toEqual([...OUTGOING_EVENT_TYPES]);
    for (const { type, subject, example } of body.items)
      expect([type, typeof example[subject]]).toEqual([type, 'string']);
  });

  it('INV-8: of another tenant does not exist', async () => {
    const { id } = (await make()).body;
    const other = await app.openShop();
    const replay = { since: '2026-01-01T00:00:00Z' };
    for (const [method, path, body] of [
      ['GET', `/api/webhooks/${id}`],
      ['PATCH', `/api/webhooks/${id}`, { isActive: false }],
      ['DELETE', `/api/webhooks/${id}`],
      ['POST', `/api/webhooks/${id}/rotate-secret`],
      ['GET', `/api/webhooks/${id}/deliveries`],
      ['POST', `/api/webhooks/${id}/replay`, replay],
      ['POST', `/api/webhooks/${id}/deliveries/${id}/replay`],
    ] as const)
      expect([method, path, (await other.call(method, path, body)).body.code]).toEqual([
        method,
        path,
        'webhook_not_found',
      ]);
    expect((await other.call('GET', '/api/webhooks')).body.items).toEqual([]);
    expect((await shop.call('GET', `/api/webhooks/${id}`)).body.isActive).toBe(true);
  });

  it('is for owners and admins, and for keys to read only', async () => {
    const manager = await signInAs(app, shop, 'manager');
    expect((await make({}, manager)).status).toBe(403);
    expect((await manager.call('GET', '/api/webhooks')).status).toBe(403);
    expect((await make({}, await signInAs(app, shop, 'admin'))).status).toBe(201);
    const forbidden = await shop.call('POST', '/api/api-keys', { name: 'x', permissions: ['webhooks:write'] });
    expect(forbidden.status).toBe(400);
    const key = await makeKey(app, shop, ['webhooks:read']);
    expect((await key.call('GET', '/api/webhooks')).status).toBe(200);
    expect((await app.call('GET', '/api/webhooks')).status).toBe(401);
  });
});
