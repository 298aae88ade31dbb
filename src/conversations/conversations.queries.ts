import type { EntityManager } from 'typeorm';
import { type Page, toPage } from '../platform/http/page.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { z } from 'zod';
import type { ConversationView, ListConversations } from './conversations.dto.js';
import { ConversationNotFoundError } from './conversations.errors.js';
import { keyOf } from '../platform/http/cursor-key.js';
import type { Handoff } from './handover/handoff.js';

type Row = Omit<ConversationView, 'lastInAt' | 'createdAt'> & { lastInAt: Date | null; createdAt: Date };

/** A person has it, and none has answered since the customer last wrote; what the bot said on leaving is no answer. */
const UNANSWERED = `(c.mode = 'human' and c.last_in_at is not null and not exists (
  select from outbox o where o.conversation_id = c.id and o.kind = 'send' and o.created_at >= c.last_in_at
     and (o.effect_key like 'operator:%' or o.effect_key like 'echo:%')))`;

const COLUMNS = `c.id, c.bot_id as "botId", c.connection_id as "connectionId", c.contact_id as "contactId", c.phone,
  c.profile_name as "profileName", c.mode, c.parked_reason is not null as "isParked",
  c.parked_reason as "parkedReason", c.handoff, c.version_id as "versionId", c.last_in_at as "lastInAt",
  c.created_at as "createdAt", ${UNANSWERED} as "isUnanswered"`;

/** What each order goes by, descending; the first has an index. */
const ORDERS = {
  recent: {
    by: 'coalesce(c.last_in_at, c.created_at)',
    type: 'timestamptz',
    key: z.tuple([z.string().regex(/^\d{4}-\d\d-\d\d [\d:.+-]+$/), z.uuid()]),
  },
  // Above every time there is, and the higher the longer ago.
  waiting: {
    by: `case when ${UNANSWERED} then 1e12 - extract(epoch from c.last_in_at)
              else extract(epoch from coalesce(c.last_in_at, c.created_at)) end`,
    type: 'numeric',
    key: z.tuple([z.string().regex(/^\d{1,16}(\.\d{1,12})?$/), z.uuid()]),
  },
};

/** The last to be written in first, or those first that wait for a person. */
export async function listConversations(
  tx: EntityManager,
  tenantId: TenantId,
  { mode, botId, contactId, parked, unanswered, order, ...page }: ListConversations,
): Promise<Page<ConversationView>> {
  const { by, type, key } = ORDERS[order];
  const [rank, id] = keyOf(page.cursor, key);
  const rows: (Row & { rank: string })[] = await tx.query(
    `select ${COLUMNS}, (${by})::text as rank from conversation c
      where c.tenant_id = $1 and ($2::text is null or c.mode = $2) and ($3::uuid is null or c.bot_id = $3)
        and ($4::boolean is null or (c.parked_reason is not null) = $4) and ($5::uuid is null or c.contact_id = $5)
        and ($6::boolean is null or ${UNANSWERED} = $6)
        and ($7::${type} is null or (${by}, c.id) < ($7::${type}, $8::uuid))
      order by ${by} desc, c.id desc limit $9`,
    [
      tenantId,
      mode ?? null,
      botId ?? null,
      parked ?? null,
      contactId ?? null,
      unanswered ?? null,
      rank,
      id,
      page.limit + 1,
    ],
  );
  const { items, nextCursor } = toPage(rows, page.limit, (row) => [row.rank, row.id]);
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
    isUnanswered: row.isUnanswered,
    versionId: row.versionId,
    lastInAt: row.lastInAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
  };
}

/** Postgres writes `at` with an offset and microseconds. */
function toHandoffView({ team, note, by, at }: Handoff): Handoff {
  return { team, note, by, at: new Date(at).toISOString() };
}
