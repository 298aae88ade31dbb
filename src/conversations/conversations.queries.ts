import type { EntityManager } from 'typeorm';
import { InvalidInputError } from '../platform/errors/app-error.js';
import { decodeCursor, type Page, type PageQuery, toPage } from '../platform/http/page.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { z } from 'zod';
import type { ConversationView, ListConversations, MessageView } from './conversations.dto.js';
import { ConversationNotFoundError } from './conversations.errors.js';
import type { Handoff } from './handoff.js';

type Row = Omit<ConversationView, 'lastInAt' | 'createdAt'> & { lastInAt: Date | null; createdAt: Date; key: string };

const COLUMNS = `c.id, c.bot_id as "botId", c.connection_id as "connectionId", c.contact_id as "contactId", c.phone,
  c.profile_name as "profileName", c.mode, c.parked_reason is not null as "isParked",
  c.parked_reason as "parkedReason", c.handoff, c.version_id as "versionId", c.last_in_at as "lastInAt",
  c.created_at as "createdAt", coalesce(c.last_in_at, c.created_at)::text as key`;

const conversationKey = z.tuple([z.string().regex(/^\d{4}-\d\d-\d\d [\d:.+-]+$/), z.uuid()]);
const messageKey = z.tuple([z.string().regex(/^\d{4}-\d\d-\d\d [\d:.+-]+$/), z.string().regex(/^(in|out)-\d{1,19}$/)]);

/** The last to be written in first. */
export async function listConversations(
  tx: EntityManager,
  tenantId: TenantId,
  { mode, botId, parked, ...page }: ListConversations,
): Promise<Page<ConversationView>> {
  const [at, id] = keyOf(page, conversationKey);
  const rows: Row[] = await tx.query(
    `select ${COLUMNS} from conversation c
      where c.tenant_id = $1 and ($2::text is null or c.mode = $2) and ($3::uuid is null or c.bot_id = $3)
        and ($4::boolean is null or (c.parked_reason is not null) = $4)
        and ($5::timestamptz is null or (coalesce(c.last_in_at, c.created_at), c.id) < ($5, $6::uuid))
      order by coalesce(c.last_in_at, c.created_at) desc, c.id desc limit $7`,
    [tenantId, mode ?? null, botId ?? null, parked ?? null, at, id, page.limit + 1],
  );
  const { items, nextCursor } = toPage(rows, page.limit, (row) => [row.key, row.id]);
  return { items: items.map(toConversationView), nextCursor };
}

/**
 * The id of a conversation that became part of another answers as that one.
 *
 * @throws ConversationNotFoundError unknown, or another tenant's
 */
export async function getConversation(tx: EntityManager, tenantId: TenantId, id: string): Promise<ConversationView> {
  const rows: Row[] = await tx.query(
    `select ${COLUMNS} from conversation c
      where c.tenant_id = $1 and c.id = coalesce(
        (select conversation_id from conversation_alias where tenant_id = $1 and old_id = $2), $2)`,
    [tenantId, id],
  );
  if (!rows[0]) throw new ConversationNotFoundError(id);
  return toConversationView(rows[0]);
}

type MessageRow = Omit<MessageView, 'at' | 'text'> & { at: Date; key: string };
type Content = MessageView['content'];

/**
 * What both sides said, newest first. A person's words are shown once they are in the outbox; the shell of a message
 * whose content came later is left out.
 */
export async function listMessages(
  tx: EntityManager,
  tenantId: TenantId,
  id: string,
  page: PageQuery,
): Promise<Page<MessageView>> {
  const [at, messageId] = keyOf(page, messageKey);
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
              o.error, o.id, o.provider_message_id, (o.body ->> 'mediaId')::uuid
         from outbox o where o.tenant_id = $1 and o.conversation_id = $2 and o.kind = 'send'
     ) m left join media f on f.tenant_id = $1 and f.id = m.file_id
     where $3::timestamptz is null or (m.at, m.direction, m.number) < ($3, $4::text, $5::bigint)
     order by m.at desc, m.direction desc, m.number desc limit $6`,
    [tenantId, id, at, ...((messageId ?? null)?.split('-') ?? [null, null]), page.limit + 1],
  );
  const { items, nextCursor } = toPage(rows, page.limit, (row) => [row.key, row.id]);
  return { items: items.map(toMessageView), nextCursor };
}

function keyOf(page: PageQuery, schema: z.ZodType<[string, string]>): [string, string] | [null, null] {
  if (page.cursor === undefined) return [null, null];
  const key = schema.safeParse(decodeCursor(page.cursor));
  if (!key.success) throw new InvalidInputError([{ field: 'cursor', message: 'Not a cursor of this list' }]);
  return key.data;
}

function toConversationView(row: Row): ConversationView {
  return {
    id: row.id,
    botId: row.botId,
    connectionId: row.connectionId,
    contactId: row.contactId,
    phone: row.phone,
    profileName: row.profileName,
    mode: row.mode,
    isParked: row.isParked,
    parkedReason: row.parkedReason,
    handoff: row.handoff && toHandoffView(row.handoff),
    versionId: row.versionId,
    lastInAt: row.lastInAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
  };
}

/** Postgres writes `at` with an offset and microseconds. */
function toHandoffView({ team, note, by, at }: Handoff): Handoff {
  return { team, note, by, at: new Date(at).toISOString() };
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
