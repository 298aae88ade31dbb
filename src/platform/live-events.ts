import { Injectable, Logger } from '@nestjs/common';
import type { TenantId } from './tenancy/tenant-id.js';

export type LiveEvent = { readonly tenantId: TenantId; readonly type: string; readonly data: object };

/**
 * What people who look at the dashboard should see at once. Best effort and never a record: whoever was not looking
 * learns it from the API, so nothing may depend on an event arriving (INV-10).
 */
@Injectable()
export class LiveEvents {
  private readonly logger = new Logger(LiveEvents.name);
  private readonly sinks = new Set<(event: LiveEvent) => void>();

  /** @param type such as `connection.state`; what stands before the dot decides who may see it. Never throws. */
  publish(tenantId: TenantId, type: string, data: object): void {
    for (const sink of this.sinks) {
      try {
        sink({ tenantId, type, data });
      } catch (error) {
        this.logger.warn({ err: error, type }, 'a live event was not sent');
      }
    }
  }

  /** @returns a function that ends it */
  subscribe(sink: (event: LiveEvent) => void): () => void {
    this.sinks.add(sink);
    return () => this.sinks.delete(sink);
  }
}
