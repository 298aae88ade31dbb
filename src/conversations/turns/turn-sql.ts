import { logEvents } from '../../analytics/log-events.sql.js';
import { HANDED_OVER, handOver, reasonIn } from '../handover/hand-over.js';
import { markRead } from '../inbox/append-inbox.js';
import { LATE_COLUMNS } from './late-messages.js';

/** Conversations per transaction (pipeline, section 1). */
export const CLAIM_LIMIT = 32;
/** Unread rows of one conversation per transaction; one more is read to know whether there are more. */
export const UNREAD_LIMIT = 20;

const COLUMNS = `
  c.id, c.tenant_id as "tenantId", c.bot_id as "botId", c.connection_id as "connectionId",
  c.contact_id as "contactId", c.phone, c.profile_name as "profileName", c.mode, c.state, c.version_id as "versionId",
  c.turn::int, c.fails, greatest(now(), $1::timestamptz) as now, c.parked_reason as "parkedReason",
  json_build_object('isActive', b.is_active, 'activeVersionId', b.active_version_id, 'locale', b.locale,
    'timeZone', t.timezone, 'latePolicy', b.late_policy) as bot`;

/** A row another worker holds is somebody being served; a killed worker's lock is gone at once. $1: the clock. */
export const CLAIM = `
  select ${COLUMNS} from conversation c join bot b on b.id = c.bot_id join tenant t on t.id = c.tenant_id
   where c.ready_at <= greatest(now(), $1::timestamptz)
   order by c.ready_at limit ${CLAIM_LIMIT} for update of c skip locked`;

/** One conversation by itself, even when it is not due yet. $1: the clock. */
export const CLAIM_ONE = `
  select ${COLUMNS} from conversation c join bot b on b.id = c.bot_id join tenant t on t.id = c.tenant_id
   where c.id = $2 and c.ready_at is not null for update of c skip locked`;

const UNREAD_COLUMNS = `
  i.id::text, i.conversation_id as "conversationId", i.kind, i.dedupe_key as "dedupeKey", i.body, i.received_at as "receivedAt",
  i.is_late as "isLate", ${LATE_COLUMNS}`;

/** The oldest unread rows of each conversation, in order. */
export const READ_UNREAD = `
  select ${UNREAD_COLUMNS}
    from unnest($1::uuid[]) wanted(id)
    cross join lateral (
      select * from inbox where conversation_id = wanted.id and done_at is null order by seq limit ${UNREAD_LIMIT + 1}
    ) i
   order by i.conversation_id, i.seq`;

/** What conversations that wait for an effect are waiting for, however many messages came before it. */
export const READ_RESULTS = `
  select ${UNREAD_COLUMNS} from inbox i
   where i.conversation_id = any($1) and i.done_at is null and i.kind = 'effect_result'
   order by i.conversation_id, i.seq`;

/**
 * The whole of a batch: outbox, inbox, log, conversations, and who goes to a person. $3 and $4 bound the days the rows
 * lie in. A conversation that the bot took back and gave away again is the bot's in between.
 */
export const WRITE = `
  with o as (
    insert into outbox (tenant_id, conversation_id, connection_id, turn, idx, kind, lane, effect_key, body,
                        resend_policy, triggered_at)
    select * from jsonb_to_recordset($1::jsonb) as o(tenant_id uuid, conversation_id uuid, connection_id uuid,
      turn bigint, idx int, kind text, lane smallint, effect_key text, body jsonb, resend_policy text,
      triggered_at timestamptz)
  ), i as (
    ${markRead('$2::bigint[]', '$3::timestamptz', '$4::timestamptz')}
  ), l as (
    ${logEvents('select * from jsonb_to_recordset($5::jsonb) as l(tenant_id uuid, bot_id uuid, kind text, at timestamptz, body jsonb)')}
    returning 1
  ), moved as (
    update conversation c set state = s.state, version_id = s.version_id, turn = s.turn, fails = s.fails,
           mode = case when s.is_taken_back then 'bot' else c.mode end,
           handoff = case when s.is_taken_back then null else c.handoff end, ready_at = s.ready_at
      from jsonb_to_recordset($6::jsonb) as s(id uuid, state jsonb, version_id uuid, turn bigint, fails smallint,
        is_taken_back boolean, handoff jsonb, is_called boolean, parked_reason text, ready_at timestamptz)
     where c.id = s.id
    returning c.id, c.tenant_id, s.handoff, s.is_called, s.parked_reason
  )
  select ${HANDED_OVER} from (
      select m.* from moved m, (select count(*) from l) logged_before where m.handoff is not null offset 0
    ) m cross join lateral ${handOver({
      tenantId: 'm.tenant_id',
      conversationId: 'm.id',
      ...reasonIn('m.handoff'),
      isCalled: 'm.is_called',
      parkedFor: 'm.parked_reason',
    })}`;

/** SQL for a `from`: nobody goes on with it before a person has looked. */
export function park(row: string, reason: string): string {
  const columns = { tenantId: `${row}.tenant_id`, conversationId: `${row}.id` };
  return handOver({ ...columns, by: `'parked'`, parkedFor: reason });
}

/** Conversations whose transaction Postgres ended: any of them may be why, so none is parked before it ran alone. $2: the limit. */
export const COUNT_TRY = `update conversation set fails = least(fails + 1, $2 - 1) where id = any($1::uuid[])`;

/** A conversation whose turn Postgres itself refuses: as much as is left to say about it. */
export const GIVE_UP = `
  with failed as (
    update conversation set
        fails = fails + 1,
        ready_at = now() + case when fails + 1 >= $3 then interval '0' else power(2, fails + 1) * interval '500 milliseconds' end
     where id = $1
    returning id, tenant_id, fails
  )
  select ${HANDED_OVER} from failed f cross join lateral ${park('f', '$2')} where f.fails >= $3`;
