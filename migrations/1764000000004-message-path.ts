import type { MigrationInterface, QueryRunner } from 'typeorm';
import { APP_ROLE, PATH_ROLE, protect } from '../src/platform/database/row-level-security.js';

/**
 * Inbox → turn → outbox (docs/architecture.md, The message path). No foreign keys between the hot tables: they are
 * written only by the path, in transactions that hold the conversation's row.
 */
export class MessagePath1764000000004 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table conversation (
        id uuid primary key,
        tenant_id uuid not null references tenant,
        bot_id uuid not null references bot,
        connection_id uuid not null references connection,
        contact_id uuid not null references contact,
        address text not null check (address <> ''),
        phone text,
        profile_name text,
        mode text not null default 'bot' check (mode in ('bot', 'human')),
        state jsonb,
        version_id uuid references flow_version,
        next_seq bigint not null default 1,
        turn bigint not null default 0,
        ready_at timestamptz,
        fails smallint not null default 0,
        parked_reason text,
        handoff jsonb,
        last_in_at timestamptz,
        created_at timestamptz not null default now(),
        unique (bot_id, contact_id),
        check ((mode = 'human') = (handoff is not null))
      ) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 2000);
      comment on column conversation.address is 'The customer''s address at the provider the last message came by';
      comment on column conversation.profile_name is 'What the customer calls themselves at the provider; flows greet by it, for the path cannot read a contact';
      comment on column conversation.handoff is 'Why a person was called: team, note, by, at';
      comment on column conversation.ready_at is 'When a turn is due: now for unread rows, later for a timer, null for neither';
      create index conversation_ready on conversation (ready_at) where ready_at is not null;
      create index conversation_page on conversation (tenant_id, coalesce(last_in_at, created_at), id);
      create index conversation_version on conversation (version_id) where version_id is not null;

      create table inbox (
        id bigint generated always as identity,
        tenant_id uuid not null,
        conversation_id uuid not null,
        connection_id uuid,
        seq bigint not null,
        kind text not null check (kind in ('msg', 'event', 'effect_result', 'operator', 'notice')),
        dedupe_key text not null,
        body jsonb not null,
        provider_at timestamptz,
        received_at timestamptz not null default now(),
        is_late boolean not null default false,
        done_at timestamptz,
        primary key (id, received_at)
      ) partition by range (received_at);
      create index inbox_unread on inbox (conversation_id, seq) where done_at is null;
      create index inbox_transcript on inbox (conversation_id, received_at);

      create table seen (
        connection_id uuid not null,
        dedupe_key text not null,
        tenant_id uuid not null,
        is_placeholder boolean not null default false,
        seen_at timestamptz not null default now(),
        primary key (connection_id, dedupe_key)
      );
      create index seen_age on seen using brin (seen_at);

      create table outbox (
        id bigint generated always as identity primary key,
        tenant_id uuid not null,
        conversation_id uuid not null,
        connection_id uuid not null,
        turn bigint not null,
        idx int not null,
        kind text not null check (kind in ('send', 'action', 'api')),
        lane smallint not null default 0 check (lane between 0 and 2),
        effect_key text,
        body jsonb not null,
        status text not null default 'pending'
          check (status in ('pending', 'sending', 'unknown', 'sent', 'failed', 'cancelled')),
        attempt smallint not null default 0,
        next_at timestamptz not null default now(),
        lease_until timestamptz,
        unknown_at timestamptz,
        resend_policy text not null default 'auto' check (resend_policy in ('auto', 'never')),
        provider_message_id text,
        delivery text check (delivery in ('sent', 'delivered', 'read', 'played', 'failed')),
        delivery_at timestamptz,
        error jsonb,
        triggered_at timestamptz,
        created_at timestamptz not null default now(),
        sent_at timestamptz,
        unique (conversation_id, turn, idx)
      ) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 2000);
      comment on column outbox.lane is '0 reply, 1 transactional, 2 campaign';
      comment on column outbox.triggered_at is 'When the inbound message this answers was received: response time starts there';
      create index outbox_open on outbox (conversation_id, id) where status in ('pending', 'sending', 'unknown');
      create index outbox_effects on outbox (id) where status = 'pending' and kind in ('action', 'api');
      create index outbox_due on outbox (lane, next_at, id) where status = 'pending' and kind = 'send';
      create index outbox_leased on outbox (lease_until) where status = 'sending';
      create index outbox_unknown on outbox (unknown_at) where status = 'unknown';
      create index outbox_provider_message on outbox (connection_id, provider_message_id)
        where provider_message_id is not null;

      -- Who was being worked on when a worker died: those run alone next time. Unlogged: a crash of Postgres clears it.
      create unlogged table suspect (
        worker text not null,
        conversation_id uuid not null,
        tenant_id uuid not null,
        noted_at timestamptz not null default now(),
        primary key (worker, conversation_id)
      );

      create function ensure_day_partitions(parent regclass, days_ahead int) returns void
        language plpgsql security definer set search_path = public as $$
      declare day date;
      begin
        for day in select generate_series(current_date - 1, current_date + days_ahead, interval '1 day')::date loop
          execute format('create table if not exists %I partition of %s for values from (%L) to (%L)',
            parent::text || '_' || to_char(day, 'YYYYMMDD'), parent, day::timestamp at time zone 'UTC',
            (day + 1)::timestamp at time zone 'UTC');
        end loop;
      end $$;

      create function drop_day_partitions(parent regclass, keep_days int) returns int
        language plpgsql security definer set search_path = public as $$
      declare part text; dropped int := 0;
      begin
        for part in select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
          where i.inhparent = parent and c.relname ~ '_[0-9]{8}$'
            and to_date(right(c.relname, 8), 'YYYYMMDD') < current_date - keep_days
        loop
          execute format('drop table %I', part);
          dropped := dropped + 1;
        end loop;
        return dropped;
      end $$;
      revoke all on function ensure_day_partitions(regclass, int), drop_day_partitions(regclass, int) from public;
      grant execute on function ensure_day_partitions(regclass, int), drop_day_partitions(regclass, int) to ${PATH_ROLE};
      select ensure_day_partitions('inbox', 7);
      -- A message must never be refused for want of a partition; the maintenance job keeps this one empty.
      create table inbox_default partition of inbox default;`);
    const all = 'select, insert, update, delete';
    await db.query(protect('conversation', { app: 'select, insert, update', path: all }));
    await db.query(protect('inbox', { app: 'select, insert', path: all }));
    await db.query(protect('seen', { app: 'select, insert', path: all }));
    await db.query(protect('outbox', { app: 'select, insert, update', path: all }));
    await db.query(protect('suspect', { app: null, path: all }));
    await db.query(`grant usage on all sequences in schema public to ${APP_ROLE}, ${PATH_ROLE};`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop table suspect, outbox, seen, inbox, conversation;
      drop function ensure_day_partitions(regclass, int), drop_day_partitions(regclass, int);`);
  }
}
