import type { EntityManager } from 'typeorm';
import { toSafeInteger } from '../platform/database/safe-integer.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import type { SellerStatistics } from './sellers.dto.js';

type Row = Omit<SellerStatistics, 'totalMinor' | 'responseSeconds'> & {
  totalMinor: string;
  answered: number;
  mean: number | null;
  p50: number | null;
  p95: number | null;
};

/**
 * One row per seller, by name, of the orders placed in from ≤ t < to.
 *
 * @param of this seller only; this user's own only
 */
export async function sellerStatistics(
  tx: EntityManager,
  tenantId: TenantId,
  { from, to, of }: { from: Date; to: Date; of: { sellerId?: string; userId?: string } },
): Promise<SellerStatistics[]> {
  const rows: Row[] = await tx.query(
    `with orders as (
       select o.seller_id, o.state, o.total_minor, (
         select extract(epoch from min(e.created_at) - o.placed_at)::float8 from order_event e
         where e.order_id = o.id and e.from_state = 'placed' and e.actor <> 'customer') as response
       from sales_order o where o.tenant_id = $1 and o.placed_at >= $2 and o.placed_at < $3)
     select s.id as "sellerId", s.name,
       count(o.state) filter (where o.state <> 'cancelled')::int as orders,
       count(o.state) filter (where o.state = 'cancelled')::int as cancelled,
       (select count(*) from sales_order w where w.tenant_id = $1 and w.seller_id = s.id
         and w.state in ('placed', 'confirmed', 'paid'))::int as "openNow",
       coalesce(sum(o.total_minor) filter (where o.state <> 'cancelled'), 0)::text as "totalMinor",
       (select t.currency from tenant t where t.id = $1) as currency,
       count(o.response)::int as answered, avg(o.response) as mean,
       percentile_cont(0.5) within group (order by o.response) as p50,
       percentile_cont(0.95) within group (order by o.response) as p95
     from seller s left join orders o on o.seller_id = s.id
     where s.tenant_id = $1 and ($4::uuid is null or s.id = $4) and ($5::uuid is null or s.user_id = $5)
     group by s.id, s.name order by s.name, s.id`,
    [tenantId, from, to, of.sellerId ?? null, of.userId ?? null],
  );
  return rows.map(({ totalMinor, answered, mean, p50, p95, ...rest }) => ({
    ...rest,
    totalMinor: toSafeInteger(totalMinor),
    responseSeconds: { answered, mean, p50, p95 },
  }));
}
