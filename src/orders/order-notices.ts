import { Inject, Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import type { EntityManager } from 'typeorm';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { type MovedOrderNotice, OrderNotifier, type PlacedOrderNotice } from './order-notifier.js';

/**
 * Hands news of an order to whoever bound OrderNotifier, in whichever module; a process without one tells nobody.
 * Looked up rather than injected: the feature that binds it stands above this one.
 */
@Injectable()
export class OrderNotices extends OrderNotifier {
  constructor(@Inject(DiscoveryService) private readonly discovery: DiscoveryService) {
    super();
  }

  override async orderPlaced(tx: EntityManager, tenantId: TenantId, notice: PlacedOrderNotice): Promise<void> {
    await this.find()?.orderPlaced(tx, tenantId, notice);
  }

  override async orderMoved(tx: EntityManager, tenantId: TenantId, notice: MovedOrderNotice): Promise<void> {
    await this.find()?.orderMoved(tx, tenantId, notice);
  }

  private find(): OrderNotifier | null {
    const found = this.discovery.getProviders().find(({ token }) => token === OrderNotifier);
    const notifier: unknown = found?.instance;
    return notifier instanceof OrderNotifier ? notifier : null;
  }
}
