import type { MigrationInterface, QueryRunner } from 'typeorm';
import { protect } from '../src/platform/database/row-level-security.js';

/** Linked devices: which process holds each session, under which fence, and how it stands. */
export class LinkedSessions1764000000011 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table linked_session (
        connection_id uuid primary key references connection on delete cascade,
        tenant_id uuid not null references tenant,
        holder text,
        fence bigint not null default 0,
        lease_until timestamptz,
        asked_by text,
        state text not null default 'idle' check (state in
          ('idle', 'connecting', 'qr', 'pairing', 'open', 'waiting', 'needs_pairing', 'stopped')),
        state_reason text,
        state_at timestamptz not null default now(),
        next_connect_at timestamptz not null default now(),
        attempts int not null default 0,
        close_code int,
        close_repeats int not null default 0,
        wants_logout boolean not null default false,
        pairing_phone text,
        secret bytea,
        secret_key_id text,
        secret_until timestamptz,
        phone text,
        linked_at timestamptz,
        last_open_at timestamptz,
        last_inbound_at timestamptz,
        restricted_until timestamptz,
        restriction_reason text,
        traffic jsonb,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        check ((holder is null) = (lease_until is null)),
        check ((secret is null) = (secret_key_id is null) and (secret is null) = (secret_until is null))
      ) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 500);
      comment on column linked_session.fence is 'Grows by one with every new holder; a write under an older one changes nothing';
      comment on column linked_session.asked_by is 'A process with fewer sessions, to which the holder hands over when it can';
      comment on column linked_session.secret is 'Sealed: the QR code or the pairing code to show now';
      comment on column linked_session.traffic is 'Inbound messages per hour of the week, as usual for this number';
      create index linked_session_tenant on linked_session (tenant_id);
      create index linked_session_due on linked_session (next_connect_at)
        where state in ('connecting', 'qr', 'pairing', 'open', 'waiting');`);
    await db.query(
      protect('linked_session', { app: 'select, insert, update', path: 'select, insert, update, delete' }),
    );
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table linked_session;');
  }
}
