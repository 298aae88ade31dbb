import { Inject, Injectable } from '@nestjs/common';
import { actorOf, type Caller } from '../auth/tenant.decorator.js';
import { Clock } from '../platform/clock.js';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import { assertRevision } from '../platform/http/etag.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { SellersService } from '../sellers/sellers.service.js';
import { applyChange } from './order-changes.js';
import { OrderNotices } from './order-notices.js';
import type { OrderNotifier } from './order-notifier.js';
import { lockVisible } from './order-visibility.js';
import type { AssignOrder, OrderView } from './orders.dto.js';
import { beginSellerNotice, NO_NOTICE } from './seller-notice.js';
import { findBuyer, getOrder } from './orders.queries.js';

/** Whose order it is. */
@Injectable()
export class OrderAssignment {
  constructor(
    @Inject(TenantDatabase) private readonly db: TenantDatabase,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(SellersService) private readonly sellers: SellersService,
    @Inject(OrderNotices) private readonly notifier: OrderNotifier,
  ) {}

  /**
   * The seller who gets it is told as of a new order.
   *
   * @throws UnknownSellerError paused or unknown
   * @throws RevisionMismatchError
   */
  assign(
    tenantId: TenantId,
    caller: Caller,
    id: string,
    { sellerId }: AssignOrder,
    ifMatch?: string,
  ): Promise<OrderView> {
    return this.db.transaction(tenantId, async (tx) => {
      const order = await lockVisible(tx, this.sellers, { tenantId, caller, id });
      assertRevision(ifMatch, order.revision);
      const seller = sellerId === null ? null : await this.sellers.getActive(tx, tenantId, sellerId);
      const isAnother = seller?.id !== (order.sellerId ?? undefined);
      const fields = { sellerId: seller?.id ?? null, ...(isAnother ? NO_NOTICE : {}) };
      const note = seller?.name ?? null;
      const now = this.clock.now();
      const after = await applyChange(tx, tenantId, order, {
        kind: 'assign',
        fields,
        actor: actorOf(caller),
        note,
        now,
      });
      const view = await getOrder(tx, tenantId, id, null);
      const contact = await findBuyer(tx, tenantId, order.contactId);
      if (seller && contact && isAnother) {
        const { botId, conversationId } = order;
        const notice = { order: view, seller, contact, botId, conversationId };
        const begun = await this.notifier.orderPlaced(tx, tenantId, notice);
        await beginSellerNotice(tx, tenantId, after, begun, now);
      }
      return getOrder(tx, tenantId, id, null);
    });
  }
}
