import { Counter, Histogram, Registry } from 'prom-client';
import type { ConnectionDirectory } from '../../src/connections/connection-directory.service.js';
import { DeliveryStatusService } from '../../src/delivery/statuses/delivery-status.service.js';
import { KeptStatuses } from '../../src/delivery/statuses/kept-statuses.service.js';
import { LiveEvents } from '../../src/platform/live-events.js';
import type { Notices } from '../../src/receiving/notices.js';
import { Receiver } from '../../src/receiving/receiver.js';
import { ReceivingMetrics } from '../../src/receiving/receiving.metrics.js';
import type { MessagePath } from './message-path.js';

/** The way in on a message path, for what no webhook brings. */
export async function openReceiver({ pool, env, wake, ingest }: MessagePath) {
  const statuses = new KeptStatuses(env, pool, new DeliveryStatusService(pool, wake, new LiveEvents()), wake);
  await statuses.onModuleInit();
  const registry = new Registry();
  const registers = [registry];
  const metrics = new ReceivingMetrics(
    new Counter({ name: 'events', help: '-', labelNames: ['provider', 'event'], registers }),
    new Histogram({ name: 'lag', help: '-', labelNames: ['provider', 'connection'], registers }),
  );
  // Only webhooks come with notices and signs of life.
  const receiver = new Receiver({} as ConnectionDirectory, ingest, statuses, {} as Notices, metrics);
  return { receiver, statuses, registry };
}
