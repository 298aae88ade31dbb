import type { MigrationInterface, QueryRunner } from 'typeorm';
import { protect } from '../src/platform/database/row-level-security.js';

/** What happened, for the numbers: `log_event` is the outbox of the message log, `message_log` the log itself. */
export class MessageLog1764000000005 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table log_event (
        id bigint generated always as identity primary key,
        tenant_id uuid not null,
        kind text not null,
        bot_id uuid,
        at timestamptz not null default now(),
        body jsonb not null default '{}'
      ) with (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 5000);

      create table message_log (
        id bigint not null,
        tenant_id uuid not null,
        kind text not null,
        bot_id uuid,
        at timestamptz not null,
        body jsonb not null,
        primary key (id, at)
      ) partition by range (at);
      create index message_log_window on message_log (tenant_id, at, kind);
      select ensure_day_partitions('message_log', 7);
      create table message_log_default partition of message_log default;`);
    await db.query(protect('log_event', { app: 'select, insert', path: 'select, insert, update, delete' }));
    await db.query(protect('message_log', { app: 'select', path: 'select, insert' }));
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table message_log, log_event;');
  }
}
