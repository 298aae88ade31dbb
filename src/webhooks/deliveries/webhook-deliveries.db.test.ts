import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TestApp } from '../../../test/support/app.js';
import { startWebhookReceiver } from '../../../test/support/webhook-receiver.js';
import { openWebhookShop, startWebhooks, type WebhookShop } from '../../../test/support/webhooks.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { emitEvent } from '../outgoing-events.js';
import { RETRY_AFTER_MS } from './retry-schedule.js';
import { WebhookDeliveries } from './webhook-deliveries.js';

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

describe('an event', () => {
  it('reaches whoever wants it, signed by the standard', async () => {
    const orderId = randomUUID();
    await shop.emit({ orderId, number: 7 });
    const delivery = await shop.settle(({ state }) => state === 'delivered');
    expect(delivery.attempts).toMatchObject([{ status: 204, error: null }]);
    const [request] = shop.receiver.received;
    if (!request) throw new Error('Nothing came');
    shop.receiver.verify(shop.hook.secret, request);
    expect(() => shop.receiver.verify(`whsec_${'A'.repeat(43)}=`, request)).toThrow('No matching signature');
    expect(request.headers['webhook-id']).toBe(delivery.eventId);
    expect(request.event).toMatchObject({ type: 'order.placed', subject: orderId, data: { orderId, number: 7 } });
    expect(Date.parse(request.event.timestamp)).toBeGreaterThan(Date.now() - 60_000);
  });

  it('does not leave when its transaction is taken back', async () => {
    const failing = app.app.get(TenantDatabase).transaction(shop.tenantId, async (tx) => {
      await emitEvent(tx, shop.tenantId, 'order.placed', { orderId: randomUUID() });
      throw new Error('half way');
    });
    await expect(failing).rejects.toThrow('half way');
    await shop.emit({ orderId: 'the second' });
    await shop.settle(({ state }) => state === 'delivered');
    expect(shop.receiver.received.map(({ event }) => event.data)).toEqual([{ orderId: 'the second' }]);
  });

  it('goes to nobody who did not ask for it, nor to another tenant (INV-8)', async () => {
    const other = await app.openShop();
    const strangers = await startWebhookReceiver();
    await other.call('POST', '/api/webhooks', { url: strangers.url, types: ['order.placed', 'contact.changed'] });
    await shop.emit({ contactId: randomUUID() }, 'contact.changed');
    await shop.emit({ orderId: randomUUID() });
    await shop.settle(({ state }) => state === 'delivered');
    expect(shop.receiver.received.map(({ event }) => event.type)).toEqual(['order.placed']);
    expect(strangers.received).toEqual([]);
    await strangers.close();
  });

  it('tells by its sequence which of two about one order came first', async () => {
    const orderId = randomUUID();
    await shop.emit({ orderId });
    await shop.emit({ orderId }, 'order.changed');
    await shop.ticking('both', async () => {
      return shop.receiver.received.length === 2;
    });
    const inOrder = shop.receiver.received.toSorted((a, b) => a.event.sequence - b.event.sequence);
    expect(inOrder.map(({ event }) => event.type)).toEqual(['order.placed', 'order.changed']);
  });

  it('is signed by both secrets while a receiver changes over', async () => {
    const rotated = await shop.call('POST', `${shop.path}/rotate-secret`);
    await shop.emit({ orderId: randomUUID() });
    await shop.settle(({ state }) => state === 'delivered');
    const [request] = shop.receiver.received;
    if (!request) throw new Error('Nothing came');
    shop.receiver.verify(shop.hook.secret, request);
    shop.receiver.verify(rotated.body.secret, request);
    expect(String(request.headers['webhook-signature']).split(' ')).toHaveLength(2);
  });
});

describe('a delivery that fails', () => {
  it('comes again by the schedule, under the same id, and says so in the log', async () => {
    shop.receiver.answer = { status: 500 };
    await shop.emit({ orderId: randomUUID() });
    const failed = await shop.settle(({ attempts }) => attempts.length === 1);
    expect(failed.attempts).toMatchObject([{ status: 500, error: 'It answered 500' }]);
    const waitMs = Date.parse(failed.nextAttemptAt ?? '') - Date.now();
    expect(waitMs).toBeLessThanOrEqual((RETRY_AFTER_MS[0] ?? 0) * 1.1);
    expect((await shop.call('GET', shop.path)).body.failingSince).not.toBeNull();
    shop.receiver.answer = { status: 200 };
    await shop.makeDue();
    await shop.settle(({ state }) => state === 'delivered');
    expect(new Set(shop.receiver.received.map(({ headers }) => headers['webhook-id']))).toEqual(
      new Set([failed.eventId]),
    );
    expect(shop.receiver.received).toHaveLength(2);
    expect((await shop.call('GET', shop.path)).body.failingSince).toBeNull();
  });

  it('is one that is answered by a redirect, or not at all', async () => {
    shop.receiver.answer = { status: 302, headers: { location: shop.receiver.url } };
    await shop.emit({ orderId: randomUUID() });
    expect((await shop.settle(({ attempts }) => attempts.length === 1)).attempts).toMatchObject([{ status: 302 }]);
    expect(shop.receiver.received).toHaveLength(1);
    shop.receiver.answer = null;
    await shop.makeDue();
    const failed = await shop.settle(({ attempts }) => attempts.length === 2);
    expect(failed.attempts[1]).toMatchObject({ status: null, error: 'It did not answer in time' });
  });

  it('waits as long as it is asked to', async () => {
    shop.receiver.answer = { status: 503, headers: { 'retry-after': '3600' } };
    await shop.emit({ orderId: randomUUID() });
    const failed = await shop.settle(({ attempts }) => attempts.length === 1);
    expect(Date.parse(failed.nextAttemptAt ?? '') - Date.now()).toBeGreaterThan(3_500_000);
  });

  it('is dead when the schedule is used up, and lives again by a replay', async () => {
    shop.receiver.answer = { status: 500 };
    await shop.emit({ orderId: randomUUID() });
    await shop.settle(({ attempts }) => attempts.length === 1);
    await app.owner.query('update webhook_delivery set attempt = $2 where endpoint_id = $1', [
      shop.hook.id,
      RETRY_AFTER_MS.length,
    ]);
    await shop.makeDue();
    const dead = await shop.settle(({ state }) => state === 'dead');
    expect(dead.nextAttemptAt).toBeNull();
    expect((await shop.deliveries('?state=dead')).map(({ id }) => id)).toEqual([dead.id]);
    expect(await shop.deliveries('?state=delivered')).toEqual([]);
    expect((await shop.call('GET', shop.path)).body.isActive).toBe(true);
    shop.receiver.answer = { status: 200 };
    const replayed = await shop.call('POST', `${shop.path}/deliveries/${dead.id}/replay`);
    expect(replayed.body).toMatchObject({ state: 'pending', eventId: dead.eventId });
    await shop.settle(({ state }) => state === 'delivered');
    const missing = await shop.call('POST', `${shop.path}/deliveries/${randomUUID()}/replay`);
    expect([missing.status, missing.body.code]).toEqual([404, 'webhook_delivery_not_found']);
  });

  it('stops an endpoint that failed for days, and tells the others', async () => {
    const watcher = await startWebhookReceiver();
    await shop.call('POST', '/api/webhooks', { url: watcher.url, types: ['webhook.stopped'] });
    shop.receiver.answer = { status: 500 };
    await shop.emit({ orderId: randomUUID() });
    await shop.settle(({ attempts }) => attempts.length === 1);
    await app.owner.query(
      `update webhook_endpoint set failing_since = now() - interval '5 days 1 minute' where id = $1`,
      [shop.hook.id],
    );
    await app.owner.query('update webhook_delivery set attempt = $2 where endpoint_id = $1', [
      shop.hook.id,
      RETRY_AFTER_MS.length,
    ]);
    await shop.makeDue();
    await shop.settle(({ state }) => state === 'dead');
    expect((await shop.call('GET', shop.path)).body).toMatchObject({
      isActive: false,
      stoppedReason: 'failing',
    });
    await shop.ticking('the notice', async () => {
      return watcher.received.length === 1;
    });
    expect(watcher.received[0]?.event).toMatchObject({
      type: 'webhook.stopped',
      subject: shop.hook.id,
      data: { reason: 'failing' },
    });
    await watcher.close();
  });

  it('stops an endpoint that says it is gone; what waits for it dies, and replay says why not', async () => {
    shop.receiver.answer = { status: 410 };
    await shop.emit({ orderId: randomUUID() });
    const dead = await shop.settle(({ state }) => state === 'dead');
    expect((await shop.call('GET', shop.path)).body.stoppedReason).toBe('gone');
    const replay = await shop.call('POST', `${shop.path}/deliveries/${dead.id}/replay`);
    expect([replay.status, replay.body.code]).toEqual([409, 'webhook_stopped']);
    const since = await shop.call('POST', `${shop.path}/replay`, { since: '2026-01-01T00:00:00Z' });
    expect(since.status).toBe(409);
    await app.owner.query(
      `update webhook_delivery set state = 'pending', queued_at = null, attempt = 0 where id = $1`,
      [dead.id],
    );
    await shop.makeDue();
    const again = await shop.settle(({ state }) => state === 'dead');
    expect(again.attempts.at(-1)).toMatchObject({ error: 'The webhook is stopped' });
    expect(shop.receiver.received).toHaveLength(1);
  });
});

describe('a job', () => {
  it('that runs twice makes one attempt; one that was lost is made again', async () => {
    shop.receiver.answer = { status: 500 };
    await shop.emit({ orderId: randomUUID() });
    const failed = await shop.settle(({ attempts }) => attempts.length === 1);
    await app.app.get(WebhookDeliveries).attempt(shop.tenantId, failed.id, 0);
    expect(shop.receiver.received).toHaveLength(1);
    await app.owner.query(
      `update webhook_delivery set queued_at = now() - interval '16 minutes', next_at = now() where id = $1`,
      [failed.id],
    );
    await shop.settle(({ attempts }) => attempts.length === 2);
  });
});
