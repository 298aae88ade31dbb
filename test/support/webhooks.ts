import { expect } from 'vitest';
import { AuthModule } from '../../src/auth/auth.module.js';
import { TenantDatabase } from '../../src/platform/database/tenant-database.js';
import { JobsService } from '../../src/platform/jobs/jobs.service.js';
import { WebhookFanOut } from '../../src/webhooks/deliveries/webhook-fan-out.js';
import { emitEvent, type OutgoingEventType } from '../../src/webhooks/outgoing-events.js';
import { WebhooksModule } from '../../src/webhooks/webhooks.module.js';
import type { DeliveryView } from '../../src/webhooks/webhooks.dto.js';
import { startFeatures } from './features.js';
import { until } from './until.js';
import { startWebhookReceiver } from './webhook-receiver.js';

export type WebhookShop = Awaited<ReturnType<typeof openWebhookShop>>;

/** The feature alone, with pg-boss open. */
export async function startWebhooks(variables: Record<string, string> = {}) {
  const app = await startFeatures([AuthModule, WebhooksModule], {
    LOG_LEVEL: 'silent',
    WEBHOOK_TIMEOUT_MS: '1500',
    ...variables,
  });
  await app.app.get(JobsService).start((error) => {
    throw error;
  });
  return app;
}

/** A shop whose orders are told to a receiver. */
export async function openWebhookShop(app: Awaited<ReturnType<typeof startWebhooks>>) {
  const shop = await app.openShop();
  const receiver = await startWebhookReceiver();
  const types: OutgoingEventType[] = ['order.placed', 'order.changed'];
  const made = await shop.call('POST', '/api/webhooks', { url: receiver.url, types });
  expect(made.status).toBe(201);
  const hook: { id: string; secret: string } = made.body;
  const path = `/api/webhooks/${hook.id}`;
  const tick = () => app.app.get(WebhookFanOut).runOnce();
  const deliveries = async (query = ''): Promise<DeliveryView[]> =>
    (await shop.call('GET', `${path}/deliveries${query}`)).body.items;
  const ticking = <T>(what: string, ask: () => Promise<T | null | undefined | false>) =>
    until(what, async () => {
      await tick();
      return ask();
    });
  return {
    ...shop,
    receiver,
    hook,
    path,
    deliveries,
    /** Asks again and again, with the fan-out running. */
    ticking,
    emit: (data: Record<string, unknown>, type: OutgoingEventType = 'order.placed') =>
      app.app.get(TenantDatabase).transaction(shop.tenantId, (tx) => emitEvent(tx, shop.tenantId, type, data)),
    /** Until the newest delivery is as wanted. */
    settle: (isSo: (delivery: DeliveryView) => boolean) =>
      ticking('the delivery', async () => {
        const [delivery] = await deliveries();
        return delivery && isSo(delivery) && delivery;
      }),
    makeDue: () =>
      app.owner.query(`update webhook_delivery set next_at = now() where endpoint_id = $1 and state = 'pending'`, [
        hook.id,
      ]),
  };
}
