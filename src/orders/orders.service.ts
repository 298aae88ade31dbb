import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { actorOf, type Caller } from '../auth/tenant.decorator.js';
import { Clock } from '../platform/clock.js';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import { assertRevision } from '../platform/http/etag.js';
import type { Page } from '../platform/http/page.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { SellersService } from '../sellers/sellers.service.js';
import { lockOrder, OrderLifecycle } from './order-lifecycle.service.js';
import { OrderPlacement } from './order-placement.service.js';
import { Order } from './order.entity.js';
import type {
  AssignOrder,
  ChangeOrder,
  CreateOrder,
  ListOrders,
  MoveOrder,
  OrderSummary,
  OrderView,
} from './orders.dto.js';
import { getOrder, listOrders, type VisibleSellers } from './orders.queries.js';

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

  /** Newest first. */
  list(tenantId: TenantId, caller: Caller, query: ListOrders): Promise<Page<OrderSummary>> {
    return this.db.transaction(tenantId, async (tx) => {
      const visible = await this.visibleTo(tx, tenantId, caller);
      return listOrders(tx, tenantId, query, visible);
    });
  }

  /** @throws OrderNotFoundError unknown id, another tenant's, or another seller's */
  get(tenantId: TenantId, caller: Caller, id: string): Promise<OrderView> {
    return this.db.transaction(tenantId, async (tx) =>
      getOrder(tx, tenantId, id, await this.visibleTo(tx, tenantId, caller)),
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
      return getOrder(tx, tenantId, placed.id, null);
    });
  }

  /** @throws RevisionMismatchError */
  change(tenantId: TenantId, caller: Caller, id: string, { note }: ChangeOrder, ifMatch?: string): Promise<OrderView> {
    return this.edit(tenantId, caller, id, { ifMatch, fields: async () => ({ note }) });
  }

  /** @throws UnknownSellerError paused or unknown */
  assign(
    tenantId: TenantId,
    caller: Caller,
    id: string,
    { sellerId }: AssignOrder,
    ifMatch?: string,
  ): Promise<OrderView> {
    const fields = async (tx: EntityManager) => ({
      sellerId: (await this.sellers.getActive(tx, tenantId, sellerId)).id,
    });
    return this.edit(tenantId, caller, id, { ifMatch, fields });
  }

  /** @throws OrderMoveError the state machine has no such move */
  move(tenantId: TenantId, caller: Caller, id: string, { to, note }: MoveOrder, ifMatch?: string): Promise<OrderView> {
    return this.db.transaction(tenantId, async (tx) => {
      await getOrder(tx, tenantId, id, await this.visibleTo(tx, tenantId, caller));
      const actor = actorOf(caller);
      await this.lifecycle.move(tx, tenantId, id, {
        to,
        note,
        ifMatch,
        actor,
        by: caller.userId,
        now: this.clock.now(),
      });
      return getOrder(tx, tenantId, id, null);
    });
  }

  private edit(
    tenantId: TenantId,
    caller: Caller,
    id: string,
    change: { ifMatch?: string; fields(tx: EntityManager): Promise<Partial<Pick<Order, 'note' | 'sellerId'>>> },
  ): Promise<OrderView> {
    return this.db.transaction(tenantId, async (tx) => {
      const visible = await this.visibleTo(tx, tenantId, caller);
      await getOrder(tx, tenantId, id, visible);
      const order = await lockOrder(tx, tenantId, id);
      assertRevision(change.ifMatch, order.revision);
      const update = { ...(await change.fields(tx)), revision: order.revision + 1, updatedAt: this.clock.now() };
      await tx.getRepository(Order).update({ id, tenantId }, update);
      return getOrder(tx, tenantId, id, null);
    });
  }

  private async visibleTo(tx: EntityManager, tenantId: TenantId, caller: Caller): Promise<VisibleSellers> {
    if (caller.role !== 'seller') return null;
    const own = await this.sellers.listOfUser(tx, tenantId, caller.userId);
    return own.map(({ id }) => id);
  }
}
