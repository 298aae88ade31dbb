import { Injectable } from '@nestjs/common';
import { pageOrder, type SortColumn } from '../../platform/http/sorted-page.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import type { Page } from '../../platform/http/page.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import type { GroupMessageView, ListGroupMessages } from './group-messages.dto.js';

type Row = Omit<GroupMessageView, 'saidAt' | 'receivedAt'> & { saidAt: Date; receivedAt: Date; pageKey: string };

const SORTS: Readonly<Record<string, SortColumn>> = { receivedAt: { sql: 'received_at', type: 'timestamptz' } };

/** What was said in the groups a number is in. Nobody is answered there; it is kept for 30 days. */
@Injectable()
export class GroupMessagesQueries {
  constructor(private readonly db: TenantDatabase) {}

  list(tenantId: TenantId, { botId, groupId, ...page }: ListGroupMessages): Promise<Page<GroupMessageView>> {
    const order = pageOrder(page, SORTS, { sql: 'id', type: 'bigint' });
    return this.db.transaction(tenantId, async (tx) => {
      const rows: Row[] = await tx.query(
        `select id::text, bot_id as "botId", connection_id as "connectionId", group_id as "groupId",
                is_own as "isOwn", body #- '{media,source}' as content, provider_at as "saidAt", received_at as "receivedAt",
                json_build_object('address', author_address, 'phone', author_phone, 'name', author_name) as author,
                ${order.key} as "pageKey"
           from group_message
          where tenant_id = $1 and ($2::uuid is null or bot_id = $2) and ($3::text is null or group_id = $3)
            and ${order.condition('$4', '$5')}
          order by ${order.orderBy} limit $6`,
        [tenantId, botId ?? null, groupId ?? null, ...order.after, page.limit + 1],
      );
      const { items, nextCursor } = order.toPage(rows);
      return { items: items.map(toView), nextCursor };
    });
  }
}

function toView({ id, botId, connectionId, groupId, isOwn, author, content, ...row }: Row): GroupMessageView {
  const [saidAt, receivedAt] = [row.saidAt.toISOString(), row.receivedAt.toISOString()];
  return { id, botId, connectionId, groupId, isOwn, author, content, saidAt, receivedAt };
}
