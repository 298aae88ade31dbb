import type { MigrationInterface, QueryRunner } from 'typeorm';
import { protect } from '../src/platform/database/row-level-security.js';

/** What was accepted and did not arrive goes again by another way; what nobody ever reported on ends as unknown. */
export class FailedSends1764000000024 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table failed_send (
        outbox_id bigint not null references outbox on delete cascade,
        attempt smallint not null,
        tenant_id uuid not null,
        connection_id uuid not null,
        provider_message_id text,
        failed_at timestamptz not null default now(),
        primary key (outbox_id, attempt)
      );
      comment on table failed_send is 'Attempts that a provider accepted, reported as failed, and that were made again since';
      create index failed_send_message on failed_send (connection_id, provider_message_id);

      alter table outbox
        add column unconfirmed_since timestamptz,
        drop constraint outbox_delivery_check,
        add constraint outbox_delivery_check
          check (delivery in ('sent', 'delivered', 'read', 'played', 'failed', 'unknown'));
      comment on column outbox.unconfirmed_since is 'When it was accepted, while nobody has told what became of it';
      create index outbox_unconfirmed on outbox (unconfirmed_since) where unconfirmed_since is not null;
      create index outbox_failing on outbox (conversation_id, id) where tell_failure_at is not null;`);
    await db.query(protect('failed_send', { app: null, path: 'select, insert' }));
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop table failed_send;
      drop index outbox_failing;
      update outbox set delivery = 'sent' where delivery = 'unknown';
      alter table outbox
        drop column unconfirmed_since,
        drop constraint outbox_delivery_check,
        add constraint outbox_delivery_check check (delivery in ('sent', 'delivered', 'read', 'played', 'failed'));`);
  }
}
