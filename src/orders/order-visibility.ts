import type { EntityManager } from 'typeorm';
import type { Caller } from '../auth/tenant.decorator.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import type { SellersService } from '../sellers/sellers.service.js';
import { lockOrder } from './order-lifecycle.service.js';
import type { Order } from './order.entity.js';
import { assertOrder, type VisibleSellers } from './orders.queries.js';

/** A user whose role is seller sees and touches the orders assigned to them: anybody else's looks like a missing one. */
export async function visibleTo(
  tx: EntityManager,
  sellers: SellersService,
  tenantId: TenantId,
  caller: Caller,
): Promise<VisibleSellers> {
  if (caller.role !== 'seller') return null;
  const own = await sellers.listOfUser(tx, tenantId, caller.userId);
  return own.map(({ id }) => id);
}

/** @throws OrderNotFoundError unknown, another tenant's, or another seller's */
export async function lockVisible(
  tx: EntityManager,
  sellers: SellersService,
  { tenantId, caller, id }: { tenantId: TenantId; caller: Caller; id: string },
): Promise<Order> {
  await assertOrder(tx, tenantId, id, await visibleTo(tx, sellers, tenantId, caller));
  return lockOrder(tx, tenantId, id);
}
