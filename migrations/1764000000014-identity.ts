import type { MigrationInterface, QueryRunner } from 'typeorm';
import { APP_ROLE, PATH_ROLE, protect } from '../src/platform/database/row-level-security.js';

/** One person under many names: what is known of them before they write, and what became of contacts that were one. */
export class Identity1764000000014 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table identity_link (
        tenant_id uuid not null references tenant,
        value text not null check (value <> ''),
        group_id uuid not null,
        phone text,
        noted_at timestamptz not null default now(),
        primary key (tenant_id, value)
      );
      comment on table identity_link is 'Names known to be one person''s whom nobody has met yet; group_id binds them';
      create index identity_link_group on identity_link (tenant_id, group_id);

      create table contact_merge (
        id bigint generated always as identity primary key,
        tenant_id uuid not null references tenant,
        names text[] not null,
        phone text,
        noted_at timestamptz not null default now()
      );
      comment on table contact_merge is 'A message showed that these names are one person, or the number of one: for whoever may change contacts';

      create table contact_alias (
        tenant_id uuid not null references tenant,
        old_id uuid not null,
        contact_id uuid not null references contact on delete cascade,
        merged_at timestamptz not null default now(),
        primary key (tenant_id, old_id)
      );
      create index contact_alias_contact on contact_alias (contact_id);

      create table conversation_alias (
        tenant_id uuid not null references tenant,
        old_id uuid not null,
        conversation_id uuid not null references conversation on delete cascade,
        merged_at timestamptz not null default now(),
        primary key (tenant_id, old_id)
      );
      create index conversation_alias_conversation on conversation_alias (conversation_id);

      create table group_message (
        id bigint generated always as identity primary key,
        tenant_id uuid not null references tenant,
        bot_id uuid not null references bot on delete cascade,
        connection_id uuid not null references connection on delete cascade,
        dedupe_key text not null,
        group_id text not null check (group_id <> ''),
        is_own boolean not null default false,
        author_address text not null,
        author_phone text,
        author_name text,
        body jsonb not null,
        provider_at timestamptz not null,
        received_at timestamptz not null default now(),
        unique (connection_id, dedupe_key)
      );
      comment on table group_message is 'What was said in WhatsApp groups a number is in: kept to be read, never answered';
      create index group_message_page on group_message (tenant_id, received_at, id);
      create index group_message_age on group_message using brin (received_at);

      alter table bot add echo_hands_over boolean not null default true;
      comment on column bot.echo_hands_over is 'Whether the bot falls silent when a person answers from the phone';
      alter table connection add last_in_at timestamptz, add last_out_at timestamptz;
      comment on column connection.last_in_at is 'Last message that came in by it, to within ten seconds';
      comment on column connection.last_out_at is 'Last message its provider took, to within ten seconds';`);
    await db.query(protect('identity_link', { app: 'select, insert, update, delete', path: 'select, delete' }));
    await db.query(protect('contact_merge', { app: 'select, insert, delete', path: 'select, insert, delete' }));
    await db.query(protect('contact_alias', { app: 'select, insert, update, delete' }));
    await db.query(protect('conversation_alias', { app: 'select, insert, update, delete', path: 'select' }));
    await db.query(protect('group_message', { app: 'select', path: 'select, insert, update, delete' }));
    await db.query(`
      grant delete on conversation to ${APP_ROLE};
      grant update (conversation_id, seq) on inbox to ${APP_ROLE};
      grant update (last_in_at, last_out_at) on connection to ${PATH_ROLE};
      grant usage on all sequences in schema public to ${APP_ROLE}, ${PATH_ROLE};`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      revoke update (conversation_id, seq) on inbox from ${APP_ROLE};
      revoke delete on conversation from ${APP_ROLE};
      alter table connection drop column last_in_at, drop column last_out_at;
      alter table bot drop column echo_hands_over;
      drop table group_message, conversation_alias, contact_alias, contact_merge, identity_link;`);
  }
}
