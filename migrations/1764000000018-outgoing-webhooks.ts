import type { MigrationInterface, QueryRunner } from 'typeorm';
import { protect } from '../src/platform/database/row-level-security.js';

/**
 * What integrators are told. `outgoing_event` is written in the transaction that makes it true; one `webhook_delivery`
 * per event and endpoint follows, and is what is retried, logged and replayed.
 */
export class OutgoingWebhooks1764000000018 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table outgoing_event (
        id uuid primary key default gen_random_uuid(),
        tenant_id uuid not null references tenant,
        seq bigint generated always as identity,
        type text not null check (type ~ '^[a-z]+[.][a-z_]+$'),
        body jsonb not null,
        created_at timestamptz not null default now(),
        fanned_at timestamptz
      ) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000);
      comment on column outgoing_event.seq is 'Grows per subject, for whoever writes about one holds its row';
      comment on column outgoing_event.fanned_at is 'Since when every endpoint that wants it has its delivery';
      create index outgoing_event_new on outgoing_event (seq) where fanned_at is null;
      create index outgoing_event_tenant on outgoing_event (tenant_id, created_at);
      create index outgoing_event_age on outgoing_event (created_at);

      create table webhook_endpoint (
        id uuid primary key,
        tenant_id uuid not null references tenant,
        url text not null,
        description text,
        types text[] not null check (cardinality(types) > 0),
        is_active boolean not null default true,
        stopped_reason text check (stopped_reason in ('person', 'gone', 'failing')),
        failing_since timestamptz,
        key_id text not null,
        secret bytea not null,
        old_key_id text,
        old_secret bytea,
        old_secret_until timestamptz,
        revision int not null default 1,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        check (is_active = (stopped_reason is null)),
        check ((old_secret is null) = (old_key_id is null) and (old_secret is null) = (old_secret_until is null))
      );
      comment on column webhook_endpoint.old_secret is 'Signs too until old_secret_until, so that a receiver can change over';
      create index webhook_endpoint_tenant on webhook_endpoint (tenant_id, created_at, id);

      create table webhook_delivery (
        id uuid primary key default gen_random_uuid(),
        tenant_id uuid not null references tenant,
        endpoint_id uuid not null references webhook_endpoint on delete cascade,
        event_id uuid not null references outgoing_event on delete cascade,
        state text not null default 'pending' check (state in ('pending', 'delivered', 'dead')),
        attempt smallint not null default 0,
        next_at timestamptz not null default now(),
        queued_at timestamptz,
        attempts jsonb not null default '[]',
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        unique (endpoint_id, event_id)
      );
      comment on column webhook_delivery.attempt is 'Attempts since it was made or last replayed; attempts keeps the latest of all';
      comment on column webhook_delivery.queued_at is 'Since when a job waits for next_at; null when one has to be made';
      create index webhook_delivery_unqueued on webhook_delivery (created_at) where state = 'pending' and queued_at is null;
      create index webhook_delivery_due on webhook_delivery (next_at) where state = 'pending';
      create index webhook_delivery_page on webhook_delivery (tenant_id, endpoint_id, created_at, id);
      create index webhook_delivery_event on webhook_delivery (event_id);`);
    await db.query(protect('outgoing_event', { app: 'select, insert', path: 'select, insert, update, delete' }));
    await db.query(
      protect('webhook_endpoint', {
        app: 'select, insert, update, delete',
        path: 'select (id, tenant_id, types, is_active)',
      }),
    );
    await db.query(protect('webhook_delivery', { app: 'select, insert, update', path: 'select, insert, update' }));
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table webhook_delivery, webhook_endpoint, outgoing_event;');
  }
}
