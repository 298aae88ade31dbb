import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { LiveEvents, type LiveEvent } from '../platform/live-events.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { LiveRate } from './live-rate.js';
import { LiveSockets } from './live-sockets.js';
import { everybodyOf, roomOf } from './live-visibility.js';

const MISSED_AFTER_MS = 1000;

/**
 * Passes on what happens in this process to those who look. Where a tenant's events come too fast the rest of them is
 * left out, and `live.missed` says a second later that what is shown should be loaded again.
 */
@Injectable()
export class LiveNews implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly rate = new LiveRate();
  private readonly missed = new Map<TenantId, NodeJS.Timeout>();
  private unsubscribe: () => void = () => undefined;

  constructor(
    private readonly live: LiveEvents,
    private readonly sockets: LiveSockets,
  ) {}

  onApplicationBootstrap(): void {
    this.unsubscribe = this.live.subscribe((event) => this.pass(event));
  }

  beforeApplicationShutdown(): void {
    this.unsubscribe();
    for (const timer of this.missed.values()) clearTimeout(timer);
  }

  private pass({ tenantId, type, data }: LiveEvent): void {
    const room = roomOf(tenantId, type);
    if (!room) return;
    if (this.rate.take(tenantId, performance.now())) this.sockets.tell(room, type, data);
    else if (!this.missed.has(tenantId)) this.missed.set(tenantId, this.sayMissed(tenantId));
  }

  private sayMissed(tenantId: TenantId): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.missed.delete(tenantId);
      this.sockets.tell(everybodyOf(tenantId), 'live.missed', {});
    }, MISSED_AFTER_MS);
    return timer.unref();
  }
}
