import type { MigrationInterface, QueryRunner } from 'typeorm';
import { protect } from '../src/platform/database/row-level-security.js';

/**
 * What a linked device needs to be one: its creds and keys, sealed (INV-11), what it sent, and what it could not read
 * yet. Full account access, so `app` has no business with any of it.
 */
export class LinkedDevices1764000000010 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table linked_device (
        connection_id uuid primary key references connection on delete cascade,
        tenant_id uuid not null references tenant,
        fence bigint not null,
        creds bytea,
        key_id text,
        updated_at timestamptz not null default now(),
        check ((creds is null) = (key_id is null))
      );
      comment on column linked_device.fence is 'The newest holder that read the keys; writes of an older one are refused';

      create table linked_key (
        connection_id uuid not null references linked_device on delete cascade,
        type text not null,
        id text not null,
        tenant_id uuid not null,
        key_id text not null,
        sealed bytea not null,
        primary key (connection_id, type, id)
      ) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);

      create table linked_sent (
        connection_id uuid not null references connection on delete cascade,
        message_id text not null,
        tenant_id uuid not null,
        outbox_id bigint not null,
        jid text not null,
        content jsonb,
        resent_at timestamptz,
        sent_at timestamptz not null default now(),
        primary key (connection_id, message_id)
      );
      comment on table linked_sent is 'Written before a message leaves: whose status it is, and its content for a receiver that asks again';
      create index linked_sent_age on linked_sent using brin (sent_at);

      create table linked_placeholder (
        connection_id uuid not null references connection on delete cascade,
        message_id text not null,
        tenant_id uuid not null,
        key jsonb not null,
        asked smallint not null default 0,
        next_at timestamptz not null,
        created_at timestamptz not null default now(),
        primary key (connection_id, message_id)
      );
      comment on table linked_placeholder is 'Messages that came without their content; the phone is asked for them, then a person';
      create index linked_placeholder_due on linked_placeholder (next_at);`);
    const all = 'select, insert, update, delete';
    for (const table of ['linked_device', 'linked_key', 'linked_sent', 'linked_placeholder']) {
      await db.query(protect(table, { app: null, path: all }));
    }
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table linked_placeholder, linked_sent, linked_key, linked_device;');
  }
}
