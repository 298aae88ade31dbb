import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Shop, TestApp } from '../../../test/support/app.js';
import { startFeatures } from '../../../test/support/features.js';
import { until } from '../../../test/support/until.js';
import { startWebhookReceiver, type WebhookReceiver } from '../../../test/support/webhook-receiver.js';
import { AuthModule } from '../../auth/auth.module.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { JobsService } from '../../platform/jobs/jobs.service.js';
import { emitEvent } from '../outgoing-events.service.js';
import { WebhooksModule } from '../webhooks.module.js';
import { RETRY_AFTER_MS } from './retry-schedule.js';
import { WebhookFanOut } from './webhook-fan-out.js';

let app: TestApp;
let shop: Shop;
let receiver: WebhookReceiver;
let hook: { id: string; secret: string };

beforeAll(async () => {
  app = await startFeatures([AuthModule, WebhooksModule], { LOG_LEVEL: 'silent', WEBHOOK_TIMEOUT_MS: '1500' });
  await app.app.get(JobsService).start((error) => {
    throw error;
  });
});
beforeEach(async () => {
  shop = await app.openShop();
  receiver = await startWebhookReceiver();
  hook = (await shop.call('POST', '/api/webhooks', { url: receiver.url, types: ['order.placed', 'order.changed'] }))
    .body;
});
afterEach(() => receiver.close());
afterAll(() => app.close());

const emit = (
  data: Record<string, unknown>,
  type: 'order.placed' | 'contact.changed' | 'order.changed' = 'order.placed',
) => app.app.get(TenantDatabase).transaction(shop.tenantId, (tx) => emitEvent(tx, shop.tenantId, type, data));
const tick = () => app.app.get(WebhookFanOut).tick();
const deliveries = async (query = '') =>
  (await shop.call('GET', `/api/webhooks/${hook.id}/deliveries${query}`)).body.items as {
    id: string;
    eventId: string;
    state: string;
    nextAttemptAt: string | null;
    attempts: { status: number | null; error: string | null }[];
  }[];
/** Ticks until the delivery of the only event is as wanted. */
const settle = (isSo: (delivery: Awaited<ReturnType<typeof deliveries>>[number]) => boolean) =>
  until('the delivery', async () => {
    await tick();
    const [delivery] = await deliveries();
    return delivery && isSo(delivery) && delivery;
  });
const makeDue = () =>
  app.owner.query(`update webhook_delivery set next_at = now() where endpoint_id = $1 and state = 'pending'`, [
    hook.id,
  ]);

describe('an event', () => {
  it('reaches whoever wants it, signed by the standard', async () => {
    const orderId = randomUUID();
    await emit({ orderId, number: 7 });
    const delivery = await settle(({ state }) => state === 'delivered');
    expect(delivery.attempts).toMatchObject([{ status: 204, error: null }]);
    const [request] = receiver.received;
    if (!request) throw new Error('Nothing came');
    receiver.verify(hook.secret, request);
    expect(() => receiver.verify(`whsec_${'A'.repeat(43)}=`, request)).toThrow('No matching signature');
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
    await emit({ orderId: 'the second' });
    await settle(({ state }) => state === 'delivered');
    expect(receiver.received.map(({ event }) => event.data)).toEqual([{ orderId: 'the second' }]);
  });

  it('goes to nobody who did not ask for it, nor to another tenant (INV-8)', async () => {
    const other = await app.openShop();
    const strangers = await startWebhookReceiver();
    await other.call('POST', '/api/webhooks', { url: strangers.url, types: ['order.placed', 'contact.changed'] });
    await emit({ contactId: randomUUID() }, 'contact.changed');
    await emit({ orderId: randomUUID() });
    await settle(({ state }) => state === 'delivered');
    expect(receiver.received.map(({ event }) => event.type)).toEqual(['order.placed']);
    expect(strangers.received).toEqual([]);
    await strangers.close();
  });

  it('tells by its sequence which of two about one order came first', async () => {
    const orderId = randomUUID();
    await emit({ orderId });
    await emit({ orderId }, 'order.changed');
    await until('both', async () => {
      await tick();
      return receiver.received.length === 2;
    });
    const inOrder = receiver.received.toSorted((a, b) => a.event.sequence - b.event.sequence);
    expect(inOrder.map(({ event }) => event.type)).toEqual(['order.placed', 'order.changed']);
  });

  it('is signed by both secrets while a receiver changes over', async () => {
    const rotated = await shop.call('POST', `/api/webhooks/${hook.id}/rotate-secret`);
    await emit({ orderId: randomUUID() });
    await settle(({ state }) => state === 'delivered');
    const [request] = receiver.received;
    if (!request) throw new Error('Nothing came');
    receiver.verify(hook.secret, request);
    receiver.verify(rotated.body.secret, request);
    expect(String(request.headers['webhook-signature']).split(' ')).toHaveLength(2);
  });
});

describe('a delivery that fails', () => {
  it('comes again by the schedule, under the same id, and says so in the log', async () => {
    receiver.answer = { status: 500 };
    await emit({ orderId: randomUUID() });
    const failed = await settle(({ attempts }) => attempts.length === 1);
    expect(failed.attempts).toMatchObject([{ status: 500, error: 'It answered 500' }]);
    const waitMs = Date.parse(failed.nextAttemptAt ?? '') - Date.now();
    expect(waitMs).toBeLessThanOrEqual((RETRY_AFTER_MS[0] ?? 0) * 1.1);
    expect((await shop.call('GET', `/api/webhooks/${hook.id}`)).body.failingSince).not.toBeNull();
    receiver.answer = { status: 200 };
    await makeDue();
    await settle(({ state }) => state === 'delivered');
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([failed.eventId]));
    expect(receiver.received).toHaveLength(2);
    expect((await shop.call('GET', `/api/webhooks/${hook.id}`)).body.failingSince).toBeNull();
  });

  it('is one that is answered by a redirect, or not at all', async () => {
    receiver.answer = { status: 302, headers: { location: receiver.url } };
    await emit({ orderId: randomUUID() });
    expect((await settle(({ attempts }) => attempts.length === 1)).attempts).toMatchObject([{ status: 302 }]);
    expect(receiver.received).toHaveLength(1);
    receiver.answer = null;
    await makeDue();
    const failed = await settle(({ attempts }) => attempts.length === 2);
    expect(failed.attempts[1]).toMatchObject({ status: null, error: 'It did not answer in time' });
  });

  it('waits as long as it is asked to', async () => {
    receiver.answer = { status: 503, headers: { 'retry-after': '3600' } };
    await emit({ orderId: randomUUID() });
    const failed = await settle(({ attempts }) => attempts.length === 1);
    expect(Date.parse(failed.nextAttemptAt ?? '') - Date.now()).toBeGreaterThan(3_500_000);
  });

  it('is dead when the schedule is used up, and lives again by a replay', async () => {
    receiver.answer = { status: 500 };
    await emit({ orderId: randomUUID() });
    await settle(({ attempts }) => attempts.length === 1);
    await app.owner.query('update webhook_delivery set attempt = $2 where endpoint_id = $1', [
      hook.id,
      RETRY_AFTER_MS.length,
    ]);
    await makeDue();
    const dead = await settle(({ state }) => state === 'dead');
    expect(dead.nextAttemptAt).toBeNull();
    expect((await deliveries('?state=dead')).map(({ id }) => id)).toEqual([dead.id]);
    expect(await deliveries('?state=delivered')).toEqual([]);
    expect((await shop.call('GET', `/api/webhooks/${hook.id}`)).body.isActive).toBe(true);
    receiver.answer = { status: 200 };
    const replayed = await shop.call('POST', `/api/webhooks/${hook.id}/deliveries/${dead.id}/replay`);
    expect(replayed.body).toMatchObject({ state: 'pending', eventId: dead.eventId });
    await settle(({ state }) => state === 'delivered');
    const missing = await shop.call('POST', `/api/webhooks/${hook.id}/deliveries/${randomUUID()}/replay`);
    expect([missing.status, missing.body.code]).toEqual([404, 'webhook_delivery_not_found']);
  });

  it('stops an endpoint that failed for days, and tells the others', async () => {
    const watcher = await startWebhookReceiver();
    await shop.call('POST', '/api/webhooks', { url: watcher.url, types: ['webhook.stopped'] });
    receiver.answer = { status: 500 };
    await emit({ orderId: randomUUID() });
    await settle(({ attempts }) => attempts.length === 1);
    await app.owner.query(
      `update webhook_endpoint set failing_since = now() - interval '5 days 1 minute' where id = $1`,
      [hook.id],
    );
    await app.owner.query('update webhook_delivery set attempt = $2 where endpoint_id = $1', [
      hook.id,
      RETRY_AFTER_MS.length,
    ]);
    await makeDue();
    await settle(({ state }) => state === 'dead');
    expect((await shop.call('GET', `/api/webhooks/${hook.id}`)).body).toMatchObject({
      isActive: false,
      stoppedReason: 'failing',
    });
    await until('the notice', async () => {
      await tick();
      return watcher.received.length === 1;
    });
    expect(watcher.received[0]?.event).toMatchObject({
      type: 'webhook.stopped',
      subject: hook.id,
      data: { reason: 'failing' },
    });
    await watcher.close();
  });

  it('stops an endpoint that says it is gone; what waits for it dies, and replay says why not', async () => {
    receiver.answer = { status: 410 };
    await emit({ orderId: randomUUID() });
    const dead = await settle(({ state }) => state === 'dead');
    expect((await shop.call('GET', `/api/webhooks/${hook.id}`)).body.stoppedReason).toBe('gone');
    const replay = await shop.call('POST', `/api/webhooks/${hook.id}/deliveries/${dead.id}/replay`);
    expect([replay.status, replay.body.code]).toEqual([409, 'webhook_stopped']);
    const since = await shop.call('POST', `/api/webhooks/${hook.id}/replay`, { since: '2026-01-01T00:00:00Z' });
    expect(since.status).toBe(409);
    await app.owner.query(
      `update webhook_delivery set state = 'pending', queued_at = null, attempt = 0 where id = $1`,
      [dead.id],
    );
    await makeDue();
    const again = await settle(({ state }) => state === 'dead');
    expect(again.attempts.at(-1)).toMatchObject({ error: 'The webhook is stopped' });
    expect(receiver.received).toHaveLength(1);
  });
});

describe('replay since a time', () => {
  it('sends what was missed while the endpoint was stopped, and everything again when asked', async () => {
    await emit({ orderId: 'before' });
    await settle(({ state }) => state === 'delivered');
    await shop.call('PATCH', `/api/webhooks/${hook.id}`, { isActive: false });
    await emit({ orderId: 'missed' });
    await tick();
    await shop.call('PATCH', `/api/webhooks/${hook.id}`, { isActive: true });
    const path = `/api/webhooks/${hook.id}/replay`;
    const since = '2026-01-01T00:00:00Z';
    expect((await shop.call('POST', path, { since })).body).toEqual({ replayed: 1, nextSince: null });
    const seen = (count: number) =>
      until(`${count} requests`, async () => {
        await tick();
        return receiver.received.length === count;
      });
    await seen(2);
    expect(receiver.received.map(({ event }) => event.data.orderId)).toEqual(['before', 'missed']);
    await until('no more open', async () => (await deliveries('?state=pending')).length === 0);
    expect((await shop.call('POST', path, { since, until: since, which: 'all' })).body.replayed).toBe(0);
    expect((await shop.call('POST', path, { since, which: 'all' })).body.replayed).toBe(2);
    await seen(4);
    expect((await shop.call('POST', path, { since: 'yesterday' })).body.errors[0].field).toBe('since');
  });
});

describe('the log', () => {
  it('is paged, newest first', async () => {
    for (const orderId of ['1', '2', '3']) await emit({ orderId });
    await until('all', async () => {
      await tick();
      return (await deliveries('?state=delivered')).length === 3;
    });
    const path = `/api/webhooks/${hook.id}/deliveries?limit=2`;
    const first = (await shop.call('GET', path)).body;
    const rest = (await shop.call('GET', `${path}&cursor=${first.nextCursor}`)).body;
    expect(first.items).toHaveLength(2);
    expect(rest.items).toHaveLength(1);
    expect(rest.nextCursor).toBeNull();
    const forged = Buffer.from('["now()","x"]').toString('base64url');
    expect((await shop.call('GET', `${path}&cursor=${forged}`)).body.errors[0].field).toBe('cursor');
  });

  it('is cut after two weeks, and after an hour where nobody wants the event', async () => {
    await emit({ orderId: 'old' });
    await emit({ orderId: 'young' });
    await emit({ contactId: 'nobody asked' }, 'contact.changed');
    await until('all', async () => {
      await tick();
      return (await deliveries('?state=delivered')).length === 2;
    });
    const age = (what: string, interval: string) =>
      app.owner.query(
        `update outgoing_event set created_at = now() - $2::interval where tenant_id = $1 and body::text like '%' || $3 || '%'`,
        [shop.tenantId, interval, what],
      );
    await age('old', '15 days');
    await age('young', '2 hours');
    await age('nobody asked', '2 hours');
    await app.app.get(WebhookFanOut).clean();
    const { rows } = await app.owner.query('select body from outgoing_event where tenant_id = $1', [shop.tenantId]);
    expect(rows).toEqual([{ body: { orderId: 'young' } }]);
    expect(await deliveries()).toHaveLength(1);
  });
});

describe('a job', () => {
  it('that runs twice makes one attempt; one that was lost is made again', async () => {
    receiver.answer = { status: 500 };
    await emit({ orderId: randomUUID() });
    const failed = await settle(({ attempts }) => attempts.length === 1);
    const { WebhookDeliveries } = await import('./webhook-deliveries.js');
    await app.app.get(WebhookDeliveries).attempt(shop.tenantId, failed.id, 0);
    expect(receiver.received).toHaveLength(1);
    await app.owner.query(
      `update webhook_delivery set queued_at = now() - interval '16 minutes', next_at = now() where id = $1`,
      [failed.id],
    );
    await settle(({ attempts }) => attempts.length === 2);
  });
});
