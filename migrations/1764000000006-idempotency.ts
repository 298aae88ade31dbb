import type { MigrationInterface, QueryRunner } from 'typeorm';
import { protect } from '../src/platform/database/row-level-security.js';

/** First answers to requests that carried an Idempotency-Key, kept for a day. */
export class Idempotency1764000000006 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table idempotency_key (
        tenant_id uuid not null references tenant,
        key text not null,
        fingerprint text not null,
        attempt uuid not null,
        answer json,
        etag text,
        started_at timestamptz not null default now(),
        answered_at timestamptz,
        primary key (tenant_id, key)
      );
      comment on column idempotency_key.answer is 'json, not jsonb: the answer is given again letter by letter';
      create index idempotency_key_age on idempotency_key (tenant_id, started_at);`);
    await db.query(protect('idempotency_key', { app: 'select, insert, update, delete' }));
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table idempotency_key;');
  }
}
