import type { MigrationInterface, QueryRunner } from 'typeorm';
import { APP_ROLE, PATH_ROLE } from '../src/platform/database/row-level-security.js';

const PENS = [
  'endpoints_wanting(uuid, text)',
  'emit_event(uuid, text, jsonb)',
  'hand_over(uuid, uuid, text, timestamptz, text, text, boolean, text)',
  'append_inbox(inbox_entry[])',
];

/**
 * One pen for each deed that several features do. They run with the rights of whoever calls them, and in plpgsql, whose
 * plans outlive the statement (docs/decisions/021). Whose tables they mean does not depend on the caller's search path:
 * names are whole, for a path of their own would cost more than the rest of a call.
 */
export class Pens1764000000020 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(WANTED);
    await db.query(EMIT);
    await db.query(HAND_OVER);
    await db.query(APPEND);
    await db.query(`
      revoke all on function ${PENS.join(', ')} from public;
      grant execute on function ${PENS.join(', ')} to ${APP_ROLE}, ${PATH_ROLE};`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop function ${PENS.toReversed().join(', ')};
      drop type inbox_entry;`);
  }
}

/** Its body is taken into the statement that asks, where nobody wants anything as cheap as a look into an index. */
const WANTED = `
  create function endpoints_wanting(for_tenant uuid, event_type text) returns setof uuid
    language sql stable parallel safe
    begin atomic
      select e.id from webhook_endpoint e
       where e.tenant_id = for_tenant and event_type = any(e.types);
    end;
  comment on function endpoints_wanting is 'The webhook endpoints of a tenant that asked for events of a type; stopped ones too, which are sent later what they missed';`;

const EMIT = `
  create function emit_event(for_tenant uuid, event_type text, event_body jsonb) returns void
    language plpgsql as $$
  begin
    insert into public.outgoing_event (tenant_id, type, body)
    select for_tenant, event_type, event_body where exists (select from public.endpoints_wanting(for_tenant, event_type));
  end $$;
  comment on function emit_event is 'Tells the tenant''s integrators once the transaction commits, where one of them asked for it';`;

const HAND_OVER = `
  create function hand_over(
    for_tenant uuid, conversation uuid, cause text, since timestamptz, for_team text, with_note text,
    is_called boolean, parked_for text)
  returns table (tenant_id uuid, event jsonb)
    language plpgsql as $$
  #variable_conflict use_column
  declare was record;
  begin
    select c.mode, c.bot_id, c.handoff into was from public.conversation c
     where c.tenant_id = for_tenant and c.id = conversation for update;
    if was.mode is null or (was.mode = 'human' and not is_called and parked_for is null) then
      return;
    end if;
    update public.conversation c set mode = 'human', parked_reason = coalesce(parked_for, c.parked_reason),
           handoff = case when was.handoff is null or is_called then jsonb_build_object(
             'team', for_team, 'note', with_note, 'by', cause,
             'at', to_char(since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) else was.handoff end
     where c.tenant_id = for_tenant and c.id = conversation;
    if was.mode = 'human' then
      return;
    end if;
    insert into public.log_event (tenant_id, bot_id, kind, at, body)
    values (for_tenant, was.bot_id, 'handoff', since,
            jsonb_build_object('conversationId', conversation, 'by', cause, 'team', for_team));
    tenant_id := for_tenant;
    event := jsonb_build_object('conversationId', conversation, 'botId', was.bot_id, 'by', cause, 'team', for_team);
    perform public.emit_event(for_tenant, 'conversation.handed_over', event);
    return next;
  end $$;
  comment on function hand_over is 'The bot falls silent. One row when it had the conversation until now: what was told of it. Who has it already keeps it, and with it why, unless is_called';`;

const APPEND = `
  create type inbox_entry as (
    tenant_id uuid, conversation_id uuid, connection_id uuid, kind text, dedupe_key text, body jsonb,
    provider_at timestamptz, received_at timestamptz, is_late boolean, quiet_ms int, address text, phone text,
    profile_name text);

  create function append_inbox(entries inbox_entry[])
  returns table (id bigint, conversation_id uuid, connection_id uuid, dedupe_key text)
    language plpgsql as $$
  #variable_conflict use_column
  begin
    return query
    with e as materialized (
      select u.*, row_number() over (partition by u.conversation_id order by u.ordinality) as place
        from unnest(entries) with ordinality u
    ), moved as (
      update public.conversation c set
          next_seq = c.next_seq + last.place,
          ready_at = least(coalesce(c.ready_at, d.due), d.due),
          address = coalesce(last.address, c.address),
          phone = coalesce(last.phone, c.phone),
          profile_name = coalesce(last.profile_name, c.profile_name),
          heard_before = case when last.kind = 'msg' and c.connection_id <> last.connection_id and c.last_in_at is not null
            then (coalesce(c.heard_before, '{}') - last.connection_id::text)
              || jsonb_build_object(c.connection_id::text, c.last_in_at)
            else c.heard_before end,
          connection_id = case when last.kind = 'msg' then last.connection_id else c.connection_id end,
          last_in_at = case when last.kind = 'msg' then greatest(c.last_in_at, last.received_at) else c.last_in_at end
        from (select distinct on (e.conversation_id) e.* from e order by e.conversation_id, e.place desc) last
        cross join lateral (select now() + coalesce(last.quiet_ms, 0) * interval '1 millisecond' as due) d
       where c.id = last.conversation_id and c.tenant_id = last.tenant_id
      returning c.id, c.next_seq - last.place as first_seq
    )
    insert into public.inbox as i (tenant_id, conversation_id, connection_id, seq, kind, dedupe_key, body, provider_at,
                            received_at, is_late)
    select e.tenant_id, e.conversation_id, e.connection_id, m.first_seq + e.place - 1, e.kind, e.dedupe_key, e.body,
           e.provider_at, coalesce(e.received_at, clock_timestamp()), coalesce(e.is_late, false)
      from e join moved m on m.id = e.conversation_id
     order by e.ordinality
    returning i.id, i.conversation_id, i.connection_id, i.dedupe_key;
  end $$;
  comment on type inbox_entry is 'quiet_ms: how long the bot waits for more; address, phone and profile_name: of who wrote, with kind msg';
  comment on function append_inbox is 'Numbers entries in the order given, behind what their conversations hold, and makes a turn due';`;
