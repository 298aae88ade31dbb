import type { EntityManager } from 'typeorm';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { SellerSettings } from './seller-settings.entity.js';

/** Whom an order goes to; `phone` in E.164. */
export type AssignedSeller = { readonly id: string; readonly name: string; readonly phone: string };

/** What somebody is needed for. */
export type SellerNeed = {
  /** Null or absent: any bot. */
  readonly botId?: string | null;
  /** Of what was ordered, with the categories above them. */
  readonly categoryIds?: readonly string[];
};

/** Working by their own clock. No hours: always. */
const ON_DUTY = `(s.hours is null or exists (
  select 1 from jsonb_to_recordset(s.hours) h(day int, "from" text, "to" text),
    lateral (select $2::timestamptz at time zone coalesce(s.timezone,
      (select t.timezone from tenant t where t.id = $1)) as at) local
  where h.day = extract(isodow from local.at)
    and to_char(local.at, 'HH24:MI') >= h."from" and to_char(local.at, 'HH24:MI') < h."to"))`;
const EXPERT = 's.category_ids && $4::uuid[]';
const OPEN_ORDERS = `(select count(*) from sales_order o
  where o.tenant_id = $1 and o.seller_id = s.id and o.state in ('placed', 'confirmed', 'paid'))`;

/**
 * Gives the turn to an active seller who serves the bot, or answers null when there is none. Who is at work comes before
 * who is not; when nobody is, the order still gets its seller, who finds it in the morning. Of sellers that other
 * transactions are giving work to, it takes the next free one; only when all are taken does it wait.
 */
export async function takeTurn(
  tx: EntityManager,
  tenantId: TenantId,
  now: Date,
  need: SellerNeed,
): Promise<AssignedSeller | null> {
  const rule = (await tx.getRepository(SellerSettings).findOneBy({ tenantId }))?.rule ?? 'round_robin';
  const isExpertAsked = rule === 'by_category' && (need.categoryIds?.length ?? 0) > 0;
  // Each is tried to its end, or a locked expert would lose the order to somebody who only happens to be free.
  const circles = isExpertAsked ? [`${ON_DUTY} and ${EXPERT}`, ON_DUTY, EXPERT, 'true'] : [ON_DUTY, 'true'];
  const order = rule === 'least_open' ? `${OPEN_ORDERS}, ` : '';
  for (const among of circles) {
    for (const whenLocked of ['skip locked', ''] as const) {
      // Strictly later than every other turn, or two within one tick of the clock would go to the same seller.
      const [rows]: [AssignedSeller[], number] = await tx.query(
        `update seller set last_assigned_at = greatest($2::timestamptz,
           (select max(last_assigned_at) + interval '1 microsecond' from seller where tenant_id = $1))
         where tenant_id = $1 and id = (
           select s.id from seller s
           where s.tenant_id = $1 and s.is_active and (s.paused_until is null or s.paused_until <= $2)
             and ($3::uuid is null or s.bot_ids = '{}' or $3 = any(s.bot_ids))
             and ($4::uuid[] is null or true) and ${among}
           order by ${order}s.last_assigned_at nulls first, s.created_at, s.id limit 1 for update of s ${whenLocked})
         returning id, name, phone`,
        [tenantId, now, need.botId ?? null, need.categoryIds ?? []],
      );
      if (rows[0]) return rows[0];
    }
  }
  return null;
}
