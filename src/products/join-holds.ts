import type { EntityManager } from 'typeorm';
import type { TenantId } from '../platform/tenancy/tenant-id.js';

/**
 * What one holds is the other's. The units are out of stock already: this neither takes nor frees any. Where a hold had
 * run out, the one who stays gets what is still free when it is seen next.
 */
export async function joinHolds(tx: EntityManager, tenantId: TenantId, stays: string, goes: string): Promise<void> {
  await tx.query(
    `with gone as (
       delete from stock_hold where tenant_id = $1 and holder = $3 returning *
     )
     insert into stock_hold (tenant_id, product_id, holder, quantity, expires_at)
     select $1, product_id, $2, quantity, expires_at from gone
     on conflict (product_id, holder) do update
       set quantity = case when stock_hold.expires_at > now() and excluded.expires_at > now()
                           then stock_hold.quantity + excluded.quantity
                           when excluded.expires_at > now() then excluded.quantity else stock_hold.quantity end,
           expires_at = greatest(stock_hold.expires_at, excluded.expires_at)`,
    [tenantId, stays, goes],
  );
}
