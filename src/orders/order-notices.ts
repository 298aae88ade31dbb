import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { type BegunNotice, type MovedOrderNotice, OrderNotifier, type PlacedOrderNotice } from './order-notifier.js';

/** Hands news of an order to whoever can tell people of it; a process without one tells nobody. */
@Injectable()
export class OrderNotices extends OrderNotifier {
  private notifier: OrderNotifier | null = null;

  /** Called at module init by the feature above that can. @throws TypeError there is one already: a bug found at start-up */
  register(notifier: OrderNotifier): void {
    if (this.notifier) throw new TypeError('Two would tell of the same order');
    this.notifier = notifier;
  }

  override async orderPlaced(
    tx: EntityManager,
    tenantId: TenantId,
    notice: PlacedOrderNotice,
  ): Promise<BegunNotice | null> {
    return (await this.notifier?.orderPlaced(tx, tenantId, notice)) ?? null;
  }

  override async orderMoved(tx: EntityManager, tenantId: TenantId, notice: MovedOrderNotice): Promise<void> {
    await this.notifier?.orderMoved(tx, tenantId, notice);
  }
}
