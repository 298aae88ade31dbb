import type { EntityManager } from 'typeorm';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';

/** The bot has the conversation again. A parked one begins anew: its session is what the flow failed on. */
export async function handBack(
  tx: EntityManager,
  tenantId: TenantId,
  conversation: { readonly id: string; readonly isParked: boolean },
): Promise<void> {
  await tx.query(
    `update conversation set mode = 'bot', handoff = null, parked_reason = null, fails = 0,
            state = case when $3 then null else state end, version_id = case when $3 then null else version_id end
      where tenant_id = $1 and id = $2`,
    [tenantId, conversation.id, conversation.isParked],
  );
}
