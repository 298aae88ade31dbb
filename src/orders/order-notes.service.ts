import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { actorOf, type Caller } from '../auth/tenant.decorator.js';
import { Clock } from '../platform/clock.js';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { SellersService } from '../sellers/sellers.service.js';
import { visibleTo } from './order-visibility.js';
import type { OrderNoteView } from './orders.dto.js';
import { OrderNoteNotFoundError } from './orders.errors.js';
import { assertOrder } from './orders.queries.js';

const MAX_SHOWN = 200;

/** What the people of the shop write to each other about an order; the customer never sees it. */
@Injectable()
export class OrderNotes {
  constructor(
    @Inject(TenantDatabase) private readonly db: TenantDatabase,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(SellersService) private readonly sellers: SellersService,
  ) {}

  /** The latest two hundred, newest first. @throws OrderNotFoundError */
  list(tenantId: TenantId, caller: Caller, orderId: string): Promise<OrderNoteView[]> {
    return this.of(tenantId, caller, orderId, async (tx) => {
      const rows: (Omit<OrderNoteView, 'createdAt'> & { createdAt: Date })[] = await tx.query(
        `select id, author, text, created_at as "createdAt" from order_note where tenant_id = $1 and order_id = $2
          order by order_note.created_at desc, id desc limit ${MAX_SHOWN}`,
        [tenantId, orderId],
      );
      return rows.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() }));
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
