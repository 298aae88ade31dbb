import type { MigrationInterface, QueryRunner } from 'typeorm';
import { protect, UNAUDITED } from '../src/platform/database/row-level-security.js';

/** Sessions, one-time links, and who changed what: rows of the audit are written by triggers, in the change's own transaction. */
export class Accounts1764000000015 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table user_session (
        id uuid primary key,
        tenant_id uuid not null references tenant,
        user_id uuid not null references app_user on delete cascade,
        kind text not null check (kind in ('token', 'cookie')),
        secret_hash bytea unique,
        user_agent text,
        address text,
        created_at timestamptz not null default now(),
        last_used_at timestamptz not null default now(),
        expires_at timestamptz not null,
        ended_at timestamptz,
        check ((kind = 'cookie') = (secret_hash is not null))
      );
      comment on table user_session is 'One sign-in; of kind token it is the family of its refresh tokens';
      create index user_session_user on user_session (tenant_id, user_id, created_at, id);
      insert into user_session (id, tenant_id, user_id, kind, created_at, last_used_at, expires_at)
        select family_id, tenant_id, user_id, 'token', min(created_at), max(created_at), max(expires_at)
          from refresh_token where revoked_at is null group by family_id, tenant_id, user_id;

      create table invitation (
        id uuid primary key,
        tenant_id uuid not null references tenant,
        email text not null check (email = lower(email)),
        name text not null,
        role text not null check (role in ('owner', 'admin', 'manager', 'seller', 'viewer')),
        token_hash bytea not null unique,
        invited_by uuid not null references app_user,
        expires_at timestamptz not null,
        accepted_at timestamptz,
        revoked_at timestamptz,
        created_at timestamptz not null default now()
      );
      create index invitation_tenant on invitation (tenant_id, created_at, id);
      create unique index invitation_open on invitation (tenant_id, email)
        where accepted_at is null and revoked_at is null;

      create table password_reset (
        id uuid primary key,
        tenant_id uuid not null references tenant,
        user_id uuid not null references app_user on delete cascade,
        token_hash bytea not null unique,
        expires_at timestamptz not null,
        used_at timestamptz,
        created_at timestamptz not null default now()
      );
      create index password_reset_user on password_reset (tenant_id, user_id);

      create table audit_entry (
        id uuid primary key default gen_random_uuid(),
        tenant_id uuid not null,
        change_id uuid not null,
        request_id text,
        actor text not null,
        action text not null,
        subject_type text not null,
        subject_id text,
        kind text not null check (kind in ('created', 'changed', 'deleted', 'requested')),
        before jsonb,
        after jsonb,
        created_at timestamptz not null default clock_timestamp()
      );
      comment on column audit_entry.change_id is 'Of all rows of one request';
      create index audit_entry_page on audit_entry (tenant_id, created_at, id);
      create index audit_entry_subject on audit_entry (tenant_id, subject_type, subject_id, created_at);
      create index audit_entry_actor on audit_entry (tenant_id, actor, created_at);
      create index audit_entry_change on audit_entry (tenant_id, change_id);`);
    await db.query(protect('user_session', { app: 'select, insert, update, delete' }));
    await db.query(protect('invitation', { app: 'select, insert, update' }));
    await db.query(protect('password_reset', { app: 'select, insert, update' }));
    // Nobody changes or removes an entry but the purge, which can see nothing of it but its age.
    await db.query(protect('audit_entry', { app: 'select, insert', path: 'delete, select (created_at)' }));
    await db.query(AUDIT_FUNCTIONS);
    await db.query(`
      select audit_table(c.oid::regclass) from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition
         and c.relname not in (${[...UNAUDITED, 'conversation', 'migrations'].map((name) => `'${name}'`).join(', ')});
      select audit_table('conversation', 'state', 'heard_before', 'next_seq', 'turn', 'ready_at', 'last_in_at');`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop function audit_change() cascade;
      drop function audit_table(regclass, text[]), audit_value(text, jsonb);
      drop table audit_entry, password_reset, invitation, user_session;`);
  }
}

/**
 * `app.change` is set by a transaction that somebody is to be named for; without it the triggers do not fire. Secrets
 * never get into the audit: neither what is named like one nor any binary value. Nor does a value of more than 2,000
 * characters, such as a whole flow: its size and sum tell that it changed.
 */
const AUDIT_FUNCTIONS = `
  create function audit_value(name text, value jsonb) returns jsonb language sql immutable parallel safe as $$
    select case
      when value is null or value = 'null' then value
      when name ~ 'password|secret|token|hash|credential|sealed|cipher|private' or value #>> '{}' like '\\\\x%'
        then '"(hidden)"'::jsonb
      when length(value::text) > 2000
        then jsonb_build_object('bytes', octet_length(value::text), 'md5', md5(value::text))
      else value end $$;

  create function audit_change() returns trigger language plpgsql as $$
  declare
    change jsonb := current_setting('app.change')::jsonb;
    o jsonb := case when tg_op = 'INSERT' then null else to_jsonb(old) end;
    n jsonb := case when tg_op = 'DELETE' then null else to_jsonb(new) end;
    subject jsonb := coalesce(n, o);
    was jsonb;
    becomes jsonb;
  begin
    select jsonb_object_agg(k, audit_value(k, o -> k)), jsonb_object_agg(k, audit_value(k, n -> k)) into was, becomes
      from jsonb_object_keys(subject) k
     where (o -> k) is distinct from (n -> k) and k <> all (coalesce(tg_argv, '{}'))
       and k not in ('tenant_id', 'revision', 'created_at', 'updated_at', 'last_used_at', 'search_text');
    if tg_op = 'UPDATE' and becomes is null then return null; end if;
    insert into audit_entry (tenant_id, change_id, request_id, actor, action, subject_type, subject_id, kind, before, after)
    values (
      app_tenant_id(), (change ->> 'id')::uuid, change ->> 'requestId', change ->> 'actor', change ->> 'action',
      regexp_replace(tg_table_name, '^(app|sales)_', ''),
      coalesce(subject ->> 'id', subject ->> 'product_id', subject ->> 'order_id', subject ->> 'contact_id'),
      case tg_op when 'INSERT' then 'created' when 'UPDATE' then 'changed' else 'deleted' end,
      case when o is not null then was end, case when n is not null then becomes end);
    return null;
  end $$;

  create function audit_table(target regclass, variadic hidden text[] default '{}') returns void language plpgsql as $$
  begin
    execute format(
      'create trigger audit after insert or update or delete on %s for each row
         when (current_setting(''app.change'', true) <> '''') execute function audit_change(%s)',
      target, (select string_agg(quote_literal(name), ', ') from unnest(hidden) name));
  end $$;`;
