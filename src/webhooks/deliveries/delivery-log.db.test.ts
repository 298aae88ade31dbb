import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TestApp } from '../../../test/support/app.js';
import { until } from '../../../test/support/until.js';
import { openWebhookShop, startWebhooks, type WebhookShop } from '../../../test/support/webhooks.js';
import { WebhookFanOut } from './webhook-fan-out.js';
import { WebhookCleanup } from './webhook-cleanup.js';

let app: TestApp;
let shop: WebhookShop;
beforeAll(async () => {
  app = await startWebhooks();
});
beforeEach(async () => {
  shop = await openWebhookShop(app);
});
afterEach(() => shop.receiver.close());
afterAll(() => app.close());

describe('replay since a time', () => {
  it('sends what was missed while the endpoint was stopped, and everything again when asked', async () => {
    await shop.emit({ orderId: 'before' });
    await shop.settle(({ state }) => state === 'delivered');
    await shop.call('PATCH', shop.path, { isActive: false });
    await shop.emit({ orderId: 'missed' });
    await app.app.get(WebhookFanOut).runOnce();
    await shop.call('PATCH', shop.path, { isActive: true });
    const path = `${shop.path}/replay`;
    const since = '2026-01-01T00:00:00Z';
    expect((await shop.call('POST', path, { since })).body).toEqual({ replayed: 1, nextSince: null });
    const seen = (count: number) =>
      shop.ticking(`${count} requests`, async () => {
        return shop.receiver.received.length === count;
      });
    await seen(2);
    expect(shop.receiver.received.map(({ event }) => event.data.orderId)).toEqual(['before', 'missed']);
    await until('no more open', async () => (await shop.deliveries('?state=pending')).length === 0);
    expect((await shop.call('POST', path, { since, until: since, which: 'all' })).body.replayed).toBe(0);
    expect((await shop.call('POST', path, { since, which: 'all' })).body.replayed).toBe(2);
    await seen(4);
    expect((await shop.call('POST', path, { since: 'yesterday' })).body.errors[0].field).toBe('since');
  });
});

describe('the log', () => {
  it('is paged, newest first', async () => {
    for (const orderId of ['1', '2', '3']) await shop.emit({ orderId });
    await shop.ticking('all', async () => {
      return (await shop.deliveries('?state=delivered')).length === 3;
    });
    const path = `${shop.path}/deliveries?limit=2`;
    const first = (await shop.call('GET', path)).body;
    const rest = (await shop.call('GET', `${path}&cursor=${first.nextCursor}`)).body;
    expect(first.items).toHaveLength(2);
    expect(rest.items).toHaveLength(1);
    expect(rest.nextCursor).toBeNull();
    const forged = Buffer.from('["now()","x"]').toString('base64url');
    expect((await shop.call('GET', `${path}&cursor=${forged}`)).body.errors[0].field).toBe('cursor');
  });

  it('is cut after two weeks, and after an hour where nobody wants the event', async () => {
    await shop.emit({ orderId: 'old' });
    await shop.emit({ orderId: 'young' });
    await shop.emit({ contactId: 'nobody asked' }, 'contact.changed');
    await shop.ticking('all', async () => {
      return (await shop.deliveries('?state=delivered')).length === 2;
    });
    const age = (what: string, interval: string) =>
      app.owner.query(
        `update outgoing_event set created_at = now() - $2::interval where tenant_id = $1 and body::text like '%' || $3 || '%'`,
        [shop.tenantId, interval, what],
      );
    await age('old', '15 days');
    await age('young', '2 hours');
    await age('nobody asked', '2 hours');
    await app.app.get(WebhookCleanup).clean();
    const { rows } = await app.owner.query('select body from outgoing_event where tenant_id = $1', [shop.tenantId]);
    expect(rows).toEqual([{ body: { orderId: 'young' } }]);
    expect(await shop.deliveries()).toHaveLength(1);
  });
});
