import type { EntityManager } from 'typeorm';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';

/** As many of one product as a cart takes. */
const MAX_QUANTITY = 999;

/**
 * Lines add up and so do the units they hold, which are out of stock already: a merge neither takes nor frees any. A
 * line whose hold had run out gets what is still free when the cart is seen next.
 */
export async function mergeCarts(tx: EntityManager, tenantId: TenantId, stays: string, goes: string): Promise<void> {
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
  await tx.query(
    `with gone as (
       delete from stock_hold where tenant_id = $1 and holder = 'cart:' || $3::text returning *
     )
     insert into stock_hold (tenant_id, product_id, holder, quantity, expires_at)
     select $1, product_id, 'cart:' || $2::text, quantity, expires_at from gone
     on conflict (product_id, holder) do update
       set quantity = case when stock_hold.expires_at > now() and excluded.expires_at > now()
                           then stock_hold.quantity + excluded.quantity
                           when excluded.expires_at > now() then excluded.quantity else stock_hold.quantity end,
           expires_at = greatest(stock_hold.expires_at, excluded.expires_at)`,
    [tenantId, stays, goes],
  );
}
