import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { actorOf, type Caller } from '../auth/tenant.decorator.js';
import { Clock } from '../platform/clock.js';
import { pageOrder } from '../platform/http/sorted-page.js';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import type { Page } from '../platform/http/page.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { SellersService } from '../sellers/sellers.service.js';
import { visibleTo } from './order-visibility.js';
import type { ListOrderNotes, OrderNoteView } from './orders.dto.js';
import { OrderNoteNotFoundError } from './orders.errors.js';
import { assertOrder } from './orders.queries.js';

const SORTS = { createdAt: { sql: 'n.created_at', type: 'timestamptz' } } as const;

/** What the people of the shop write to each other about an order; the customer never sees it. */
@Injectable()
export class OrderNotes {
  constructor(
    @Inject(TenantDatabase) private readonly db: TenantDatabase,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(SellersService) private readonly sellers: SellersService,
  ) {}

  /** @throws OrderNotFoundError */
  list(tenantId: TenantId, caller: Caller, orderId: string, query: ListOrderNotes): Promise<Page<OrderNoteView>> {
    return this.of(tenantId, caller, orderId, async (tx) => {
      const order = pageOrder(query, SORTS, { sql: 'n.id', type: 'uuid' });
      const rows: (Omit<OrderNoteView, 'createdAt'> & { createdAt: Date; pageKey: string })[] = await tx.query(
        `select n.id, n.author, n.text, n.created_at as "createdAt", ${order.key} as "pageKey" from order_note n
          where n.tenant_id = $1 and n.order_id = $2 and ${order.condition('$3', '$4')}
          order by ${order.orderBy} limit $5`,
        [tenantId, orderId, ...order.after, query.limit + 1],
      );
      const { items, nextCursor } = order.toPage(rows);
      return { items: items.map(toNoteView), nextCursor };
    });
  }

  /** @throws OrderNotFoundError */
  add(tenantId: TenantId, caller: Caller, orderId: string, text: string): Promise<OrderNoteView> {
    return this.of(tenantId, caller, orderId, async (tx) => {
      const now = this.clock.now();
      const note = { id: randomUUID(), author: actorOf(caller), text };
      await tx.query(
        'insert into order_note (id, tenant_id, order_id, author, text, created_at) values ($1, $2, $3, $4, $5, $6)',
        [note.id, tenantId, orderId, note.author, text, now],
      );
      return { ...note, createdAt: now.toISOString() };
    });
  }

  /** @throws OrderNotFoundError, OrderNoteNotFoundError */
  delete(tenantId: TenantId, caller: Caller, orderId: string, id: string): Promise<void> {
    return this.of(tenantId, caller, orderId, async (tx) => {
      const [, deleted]: [unknown, number] = await tx.query(
        'delete from order_note where tenant_id = $1 and order_id = $2 and id = $3',
        [tenantId, orderId, id],
      );
      if (deleted === 0) throw new OrderNoteNotFoundError(id);
    });
  }

  private of<T>(
    tenantId: TenantId,
    caller: Caller,
    orderId: string,
    work: (tx: EntityManager) => Promise<T>,
  ): Promise<T> {
    return this.db.transaction(tenantId, async (tx) => {
      await assertOrder(tx, tenantId, orderId, await visibleTo(tx, this.sellers, tenantId, caller));
      return work(tx);
    });
  }
}

function toNoteView(row: Omit<OrderNoteView, 'createdAt'> & { createdAt: Date }): OrderNoteView {
  return { id: row.id, author: row.author, text: row.text, createdAt: row.createdAt.toISOString() };
}
