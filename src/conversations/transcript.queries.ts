import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import { encodeCursor } from '../platform/http/page.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import type { ListMessages, MessagePage, MessageView } from './conversations.dto.js';
import { keyOf } from '../platform/http/cursor-key.js';

const messageKey = z.tuple([z.string().regex(/^\d{4}-\d\d-\d\d [\d:.+-]+$/), z.string().regex(/^(in|out)-\d{1,19}$/)]);

type MessageRow = Omit<MessageView, 'at' | 'text'> & { at: Date; key: string };
type Content = MessageView['content'];

/**
 * What both sides said, newest first, whichever way it is paged. A person's words are shown once they are in the outbox; the shell of a message
 * whose content came later is left out.
 */
export async function listMessages(
  tx: EntityManager,
  tenantId: TenantId,
  id: string,
  { limit, cursor, after }: ListMessages,
): Promise<MessagePage> {
  const isForward = after !== undefined;
  const [at, messageId] = isForward ? keyOf(after, messageKey, 'after') : keyOf(cursor, messageKey);
  const [compare, direction] = isForward ? ['>', 'asc'] : ['<', 'desc'];
  const rows: MessageRow[] = await tx.query(
    `select m.*, m.at::text as key, case when f.id is not null then jsonb_build_object('id', f.id, 'state', f.state,
              'mimeType', f.mime_type, 'filename', f.filename, 'sizeBytes', f.size_bytes, 'error', f.error) end as file
       from (
       select 'in-' || i.id as id, 'in' as direction, 'customer' as author, i.body as content, i.received_at as at,
              i.is_late as "isLate", null as delivery, null::jsonb as error, i.id as number,
              i.dedupe_key as "providerMessageId", (select id from media
                where connection_id = i.connection_id and message_key = i.dedupe_key) as file_id
         from inbox i
        where i.tenant_id = $1 and i.conversation_id = $2 and i.kind = 'msg'
          and not (coalesce((i.body ->> 'isPlaceholder')::boolean, false) and exists (
            select from inbox n where n.conversation_id = $2 and n.dedupe_key = i.dedupe_key and n.id > i.id))
       union all
       select 'out-' || o.id, 'out',
              case when o.effect_key like 'operator:%' or o.effect_key like 'echo:%' then 'person'
                   when o.effect_key like 'notice:%' then 'notice' else 'bot' end,
              o.body, o.created_at, false,
              case o.status when 'pending' then 'queued' when 'sending' then 'queued'
                            when 'sent' then coalesce(o.delivery, 'sent') else o.status end,
              o.error - 'rule', o.id, o.provider_message_id,
              coalesce((o.body ->> 'mediaId')::uuid, (o.body -> 'header' ->> 'mediaId')::uuid, (select id from media where o.effect_key like 'echo:%'
                and connection_id = o.connection_id and message_key = o.provider_message_id))
         from outbox o where o.tenant_id = $1 and o.conversation_id = $2 and o.kind = 'send'
     ) m left join media f on f.tenant_id = $1 and f.id = m.file_id
     where $3::timestamptz is null or (m.at, m.direction, m.number) ${compare} ($3, $4::text, $5::bigint)
     order by m.at ${direction}, m.direction ${direction}, m.number ${direction} limit $6`,
    [tenantId, id, at, ...((messageId ?? null)?.split('-') ?? [null, null]), limit + 1],
  );
  const page = rows.slice(0, limit);
  const items = isForward ? page.toReversed() : page;
  const hasMore = rows.length > limit;
  const cursorOf = (row: MessageRow | undefined) => (row ? encodeCursor([row.key, row.id]) : null);
  return {
    items: items.map(toMessageView),
    nextCursor: isForward || hasMore ? cursorOf(items.at(-1)) : null,
    newerCursor: cursorOf(items[0]) ?? after ?? cursor ?? null,
    hasNewer: isForward ? hasMore : cursor !== undefined,
  };
}

/** What a provider needs to open a file may be a key to it. */
function withoutSource(content: Content): Content {
  const { media } = content;
  if (typeof media !== 'object' || media === null || !('source' in media)) return content;
  return { ...content, media: { ...media, source: undefined } };
}

function toMessageView(row: MessageRow): MessageView {
  const { text, caption, name } = row.content;
  const readable = [text, caption, name].find((one) => typeof one === 'string') ?? '';
  return {
    id: row.id,
    direction: row.direction,
    author: row.author,
    content: withoutSource(row.content),
    text: readable,
    providerMessageId: row.providerMessageId,
    file: row.file,
    at: row.at.toISOString(),
    isLate: row.isLate,
    delivery: row.delivery,
    error: row.error,
  };
}
