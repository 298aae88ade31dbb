import { Inject, Injectable } from '@nestjs/common';
import { actorOf, type Caller } from '../auth/tenant.decorator.js';
import { Clock } from '../platform/clock.js';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import type { Page } from '../platform/http/page.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { SellersService } from '../sellers/sellers.service.js';
import { lockOrder, OrderLifecycle } from './order-lifecycle.service.js';
import { OrderPlacement } from './order-placement.service.js';
import { visibleTo } from './order-visibility.js';
import type {
  CreateOrder,
  ListOrders,
  MoveOrder,
  OrderFilter,
  OrderSummary,
  OrderTotals,
  OrderView,
} from './orders.dto.js';
import { assertOrder, getOrder, listOrders, sumOrders } from './orders.queries.js';

/**
 * Orders as the people of the business work with them. A user whose role is seller sees and touches the orders
 * assigned to them and no others: anybody else's looks like a missing one.
 */
@Injectable()
export class OrdersService {
  constructor(
    @Inject(TenantDatabase) private readonly db: TenantDatabase,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(OrderPlacement) private readonly placement: OrderPlacement,
    @Inject(OrderLifecycle) private readonly lifecycle: OrderLifecycle,
    @Inject(SellersService) private readonly sellers: SellersService,
  ) {}

  list(tenantId: TenantId, caller: Caller, query: ListOrders): Promise<Page<OrderSummary>> {
    return this.db.transaction(tenantId, async (tx) => {
      const visible = await visibleTo(tx, this.sellers, tenantId, caller);
      return listOrders(tx, tenantId, query, visible);
    });
  }

  /** What the filter finds, added up. */
  totals(tenantId: TenantId, caller: Caller, filter: OrderFilter): Promise<OrderTotals> {
    return this.db.transaction(tenantId, async (tx) =>
      sumOrders(tx, tenantId, filter, await visibleTo(tx, this.sellers, tenantId, caller)),
    );
  }

  /** @throws OrderNotFoundError unknown id, another tenant's, or another seller's */
  get(tenantId: TenantId, caller: Caller, id: string): Promise<OrderView> {
    return this.db.transaction(tenantId, async (tx) =>
      getOrder(tx, tenantId, id, await visibleTo(tx, this.sellers, tenantId, caller)),
    );
  }

  /**
   * Takes stock that nobody holds, at the price in force now. A seller who takes an order keeps it; else it goes to
   * whose turn it is.
   *
   * @param requestKey the same key never places a second order
   * @throws OutOfStockError, UnknownProductError, UnknownContactError, UnknownBotError
   */
  create(tenantId: TenantId, caller: Caller, input: CreateOrder, requestKey: string | null = null): Promise<OrderView> {
    return this.db.transaction(tenantId, async (tx) => {
      const own = caller.role === 'seller' ? await this.sellers.listOfUser(tx, tenantId, caller.userId) : [];
      const placed = await this.placement.place(tx, tenantId, {
        ...input,
        conversationId: null,
        lang: null,
        holder: null,
        seller: own[0],
        actor: actorOf(caller),
        by: caller.userId,
        key: requestKey === null ? null : `request:${requestKey}`,
        now: this.clock.now(),
      });
      await this.lifecycle.tellCustomer(tx, tenantId, await lockOrder(tx, tenantId, placed.id));
      return getOrder(tx, tenantId, placed.id, null);
    });
  }

  /** @throws OrderMoveError the state machine has no such move */
  move(
    tenantId: TenantId,
    caller: Caller,
    id: string,
    { to, note, payment }: MoveOrder,
    ifMatch?: string,
  ): Promise<OrderView> {
    return this.db.transaction(tenantId, async (tx) => {
      await assertOrder(tx, tenantId, id, await visibleTo(tx, this.sellers, tenantId, caller));
      const actor = actorOf(caller);
      await this.lifecycle.move(tx, tenantId, id, {
        to,
        note,
        payment: payment && { ...payment, paidAt: payment.paidAt === undefined ? undefined : new Date(payment.paidAt) },
        ifMatch,
        actor,
        by: caller.userId,
        now: this.clock.now(),
      });
      return getOrder(tx, tenantId, id, null);
    });
  }
}
