import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { InvalidInputError } from '../../platform/errors/app-error.js';
import { decodeCursor, type Page, toPage } from '../../platform/http/page.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import type { GroupMessageView, ListGroupMessages } from './group-messages.dto.js';

type Row = Omit<GroupMessageView, 'saidAt' | 'receivedAt'> & { saidAt: Date; receivedAt: Date; key: string };

const keySchema = z.tuple([z.string().regex(/^\d{4}-\d\d-\d\d [\d:.+-]+$/), z.string().regex(/^\d{1,19}$/)]);

/** What was said in the groups a number is in. Nobody is answered there; it is kept for 30 days. */
@Injectable()
export class GroupMessagesQueries {
  constructor(private readonly db: TenantDatabase) {}

  /** Newest first. */
  list(tenantId: TenantId, { botId, groupId, ...page }: ListGroupMessages): Promise<Page<GroupMessageView>> {
    const [at, id] = page.cursor === undefined ? [null, null] : readKey(page.cursor);
    return this.db.transaction(tenantId, async (tx) => {
      const rows: Row[] = await tx.query(
        `select id::text, bot_id as "botId", connection_id as "connectionId", group_id as "groupId",
                is_own as "isOwn", body as content, provider_at as "saidAt", received_at as "receivedAt",
                json_build_object('address', author_address, 'phone', author_phone, 'name', author_name) as author,
                received_at::text as key
           from group_message
          where tenant_id = $1 and ($2::uuid is null or bot_id = $2) and ($3::text is null or group_id = $3)
            and ($4::timestamptz is null or (received_at, id) < ($4, $5::bigint))
          order by received_at desc, id desc limit $6`,
        [tenantId, botId ?? null, groupId ?? null, at, id, page.limit + 1],
      );
      const { items, nextCursor } = toPage(rows, page.limit, (row) => [row.key, row.id]);
      return { items: items.map(toView), nextCursor };
    });
  }
}

function readKey(cursor: string): [string, string] {
  const key = keySchema.safeParse(decodeCursor(cursor));
  if (!key.success) throw new InvalidInputError([{ field: 'cursor', message: 'Not a cursor of this list' }]);
  return key.data;
}

function toView({ id, botId, connectionId, groupId, isOwn, author, content, ...row }: Row): GroupMessageView {
  const [saidAt, receivedAt] = [row.saidAt.toISOString(), row.receivedAt.toISOString()];
  return { id, botId, connectionId, groupId, isOwn, author, content, saidAt, receivedAt };
}
