import type { EntityManager } from 'typeorm';
import { joinHolds } from '../products/join-holds.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';

/** As many of one product as a cart takes. */
const MAX_QUANTITY = 999;

/** Orders of the contacts that go are the contact's who stays. */
export async function moveOrders(
  tx: EntityManager,
  tenantId: TenantId,
  stays: string,
  goes: readonly string[],
): Promise<void> {
  await tx.query('update sales_order set contact_id = $2 where tenant_id = $1 and contact_id = any($3::uuid[])', [
    tenantId,
    stays,
    goes,
  ]);
}

/** What was ordered and is in the cart of the conversation that goes is the other's. Lines add up. */
export async function mergeCarts(tx: EntityManager, tenantId: TenantId, stays: string, goes: string): Promise<void> {
  await tx.query('update sales_order set conversation_id = $2 where tenant_id = $1 and conversation_id = $3', [
    tenantId,
    stays,
    goes,
  ]);
  await tx.query(
    `with gone as (
       delete from cart_line where tenant_id = $1 and conversation_id = $3 returning *
     )
     insert into cart_line (tenant_id, conversation_id, product_id, quantity, added_at)
     select $1, $2, product_id, quantity, added_at from gone
     on conflict (conversation_id, product_id) do update
       set quantity = least(${MAX_QUANTITY}, cart_line.quantity + excluded.quantity),
           added_at = least(cart_line.added_at, excluded.added_at)`,
    [tenantId, stays, goes],
  );
  await joinHolds(tx, tenantId, `cart:${stays}`, `cart:${goes}`);
}
