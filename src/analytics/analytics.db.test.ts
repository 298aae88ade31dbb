import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../test/support/database.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { AnalyticsService } from './analytics.service.js';
import { EventLogService, type LogEvent } from './event-log.service.js';
import { MessageLog } from './message-log.js';

let db: TestDatabase;
let log: MessageLog;
let events: EventLogService;
beforeAll(async () => {
  db = await openTestDatabase();
  log = new MessageLog(db.path, db.tenants);
  events = new EventLogService();
});
afterAll(() => db.close());

const now = new Date();
const hoursAgo = (hours: number) => new Date(now.getTime() - hours * 3_600_000);
const [talk, otherTalk] = [randomUUID(), randomUUID()];

type Body = Pick<LogEvent, 'kind' | 'body'>;
const messageIn = (conversationId: string): Body => ({
  kind: 'message.in',
  body: { conversationId, type: 'text', isLate: false },
});
const notice = (outcome: string, outboxId: string = randomUUID()): Body =>
  ({
    kind: 'message.out',
    body: { conversationId: talk, outboxId, outcome, isNotice: true, responseMs: null, provider: 'simulator' },
  }) as Body;
const messageOut = (responseMs: number | null, outcome = 'sent', outboxId: string = randomUUID()): Body =>
  ({
    kind: 'message.out',
    body: { conversationId: talk, outboxId, outcome, responseMs, provider: 'simulator' },
  }) as Body;
const placed = (orderId: string, totalMinor: number): Body => ({
  kind: 'order.placed',
  body: { orderId, totalMinor, currency: 'MXN', conversationId: talk },
});
const cancelled = (orderId: string): Body => ({
  kind: 'order.state',
  body: { orderId, from: 'placed', to: 'cancelled' },
});

async function happened(tenantId: TenantId, at: Date, bodies: readonly Body[]): Promise<void> {
  await db.tenants.transaction(tenantId, (tx) =>
    events.append(
      tx,
      bodies.map((body) => ({ tenantId, botId: null, at, ...body }) as LogEvent),
    ),
  );
  await log.ship();
}

function metrics(tenantId: TenantId, window: '24h' | '7d' | '30d') {
  return new AnalyticsService(log, { now: () => new Date(now.getTime() + 1) }).metrics(tenantId, { window });
}

describe('metrics', () => {
  it('computes every KPI of a window from the log', async () => {
    const tenant = await db.makeTenant();
    const [kept, returned] = [randomUUID(), randomUUID()];
    await happened(tenant, hoursAgo(1), [
      messageIn(talk),
      messageIn(talk),
      messageIn(otherTalk),
      messageOut(100),
      messageOut(300),
      messageOut(null),
      messageOut(null, 'failed'),
      placed(kept, 25_900),
      placed(returned, 10_000),
      cancelled(returned),
    ]);
    expect(await metrics(tenant, '24h')).toMatchObject({
      messagesIn: 3,
      messagesOut: 3,
      errorRate: 0.25,
      responseTime: { meanMs: 200, p50Ms: 200, p95Ms: 290 },
      conversations: 2,
      conversions: 1,
      conversionRate: 0.5,
      orders: 1,
      revenue: [{ currency: 'MXN', totalMinor: 25_900 }],
    });
  });

  it('counts a message once, by the last that was heard of it', async () => {
    const tenant = await db.makeTenant();
    const [failedLater, deliveredAfterAll] = [randomUUID(), randomUUID()];
    await happened(tenant, hoursAgo(2), [
      messageOut(80, 'sent', failedLater),
      messageOut(null, 'failed', deliveredAfterAll),
    ]);
    await happened(tenant, hoursAgo(1), [
      messageOut(null, 'failed', failedLater),
      messageOut(null, 'sent', deliveredAfterAll),
    ]);
    expect(await metrics(tenant, '24h')).toMatchObject({ messagesOut: 1, errorRate: 0.5 });
  });

  it('counts notices as notices, not as messages', async () => {
    const tenant = await db.makeTenant();
    const failedLater = randomUUID();
    await happened(tenant, hoursAgo(2), [messageOut(80), notice('sent'), notice('sent', failedLater)]);
    await happened(tenant, hoursAgo(1), [notice('failed', failedLater)]);
    expect(await metrics(tenant, '24h')).toMatchObject({ messagesOut: 1, errorRate: 0, notices: 1, noticesFailed: 1 });
  });

  it('keeps to its window', async () => {
    const tenant = await db.makeTenant();
    await happened(tenant, hoursAgo(25), [messageIn(talk)]);
    expect((await metrics(tenant, '24h')).messagesIn).toBe(0);
    expect((await metrics(tenant, '7d')).messagesIn).toBe(1);
  });

  it('answers zeros and nulls for a shop where nothing happened', async () => {
    const tenant = await db.makeTenant();
    expect(await metrics(tenant, '30d')).toMatchObject({
      messagesIn: 0,
      errorRate: 0,
      responseTime: { meanMs: null, p50Ms: null, p95Ms: null },
      revenue: [],
    });
  });

  it('INV-8: counts nothing of another tenant', async () => {
    const [ana, beto] = [await db.makeTenant(), await db.makeTenant()];
    await happened(ana, hoursAgo(1), [messageIn(talk), placed(randomUUID(), 100)]);
    expect(await metrics(beto, '24h')).toMatchObject({ messagesIn: 0, orders: 0, revenue: [] });
  });
});

describe('shipping', () => {
  it('moves each event once, also when two processes ship at the same time', async () => {
    const tenant = await db.makeTenant();
    await db.tenants.transaction(tenant, (tx) =>
      events.append(
        tx,
        Array.from({ length: 300 }, () => ({ tenantId: tenant, botId: null, at: now, ...messageIn(talk) }) as LogEvent),
      ),
    );
    await Promise.all([log.ship(), log.ship(), log.ship()]);
    const { rows } = await db.owner.query(
      `select (select count(*)::int from log_event) as waiting,
              (select count(*)::int from message_log where tenant_id = $1) as shipped`,
      [tenant],
    );
    expect(rows).toEqual([{ waiting: 0, shipped: 300 }]);
  });

  it('writes nothing when the transaction it belongs to fails', async () => {
    const tenant = await db.makeTenant();
    const failing = db.tenants.transaction(tenant, async (tx) => {
      await events.append(tx, [{ tenantId: tenant, botId: null, at: now, ...messageIn(talk) } as LogEvent]);
      throw new Error('half way');
    });
    await expect(failing).rejects.toThrow('half way');
    await log.ship();
    expect((await metrics(tenant, '24h')).messagesIn).toBe(0);
  });

  it('keeps partitions for the days to come', async () => {
    await log.keepPartitions();
    const { rows } = await db.owner.query(
      `select count(*)::int as n from pg_inherits where inhparent = 'message_log'::regclass`,
    );
    expect(rows[0].n).toBeGreaterThanOrEqual(9);
  });
});
