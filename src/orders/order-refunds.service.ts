import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { actorOf, type Caller } from '../auth/tenant.decorator.js';
import { Clock } from '../platform/clock.js';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import { assertRevision } from '../platform/http/etag.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { StockService } from '../products/stock.service.js';
import { SellersService } from '../sellers/sellers.service.js';
import { applyChange } from './order-changes.js';
import type { PaymentState } from './order-state.js';
import { lockVisible } from './order-visibility.js';
import type { Order } from './order.entity.js';
import type { OrderView, RefundOrder } from './orders.dto.js';
import { RefundTooHighError } from './orders.errors.js';
import { getOrder } from './orders.queries.js';

/** Money that goes back, and the goods that come back with it. Moving the money is the shop's: this records it. */
@Injectable()
export class OrderRefunds {
  constructor(
    @Inject(TenantDatabase) private readonly db: TenantDatabase,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(StockService) private readonly stock: StockService,
    @Inject(SellersService) private readonly sellers: SellersService,
  ) {}

  /**
   * All of it, or a part. What is left to give back of a cancelled order stays due.
   *
   * @throws RefundTooHighError more than was paid and not given back yet
   * @throws NotTakenError more units would come back than the order has
   * @param requestKey the same key never refunds twice
   */
  refund(
    tenantId: TenantId,
    caller: Caller,
    id: string,
    refund: RefundOrder,
    { ifMatch, requestKey }: { ifMatch?: string; requestKey: string | null },
  ): Promise<OrderView> {
    return this.db.transaction(tenantId, async (tx) => {
      const order = await lockVisible(tx, this.sellers, { tenantId, caller, id });
      const now = this.clock.now();
      const { amountMinor, reason, reference, restock } = refund;
      const [made]: { id: string }[] = await tx.query(
        `insert into order_refund (id, tenant_id, order_id, amount_minor, reason, reference, restocked, author, request_key, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (tenant_id, request_key) do nothing returning id`,
        [
          randomUUID(),
          tenantId,
          id,
          amountMinor,
          reason,
          reference,
          JSON.stringify(restock),
          actorOf(caller),
          requestKey,
          now,
        ],
      );
      if (!made) return getOrder(tx, tenantId, id, null);
      assertRevision(ifMatch, order.revision);
      const left = order.paidMinor - order.refundedMinor;
      if (amountMinor > left) throw new RefundTooHighError(left);
      const lines = restock.map(({ productId, quantity }) => ({ productId, quantity: -quantity }));
      if (lines.length > 0)
        await this.stock.correct(tx, tenantId, { orderId: id, lines, back: 'returned', by: caller.userId, now });
      const refundedMinor = order.refundedMinor + amountMinor;
      const fields = { refundedMinor, paymentState: stateAfter(order, refundedMinor) };
      await applyChange(tx, tenantId, order, { kind: 'refund', fields, actor: actorOf(caller), note: reason, now });
      return getOrder(tx, tenantId, id, null);
    });
  }
}

function stateAfter({ paidMinor, state }: Order, refundedMinor: number): PaymentState {
  if (refundedMinor === paidMinor) return 'refunded';
  return state === 'cancelled' ? 'refund_due' : 'partly_refunded';
}
