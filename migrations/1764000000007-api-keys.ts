import type { MigrationInterface, QueryRunner } from 'typeorm';
import { protect } from '../src/platform/database/row-level-security.js';

/** Keys for programs that call the API. A revoked key stays: what it did refers to it. */
export class ApiKeys1764000000007 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table api_key (
        id uuid primary key,
        tenant_id uuid not null references tenant,
        name text not null,
        prefix text not null,
        secret_hash bytea not null unique,
        permissions text[] not null,
        expires_at timestamptz,
        revoked_at timestamptz,
        last_used_at timestamptz,
        created_by uuid not null references app_user,
        created_at timestamptz not null default now()
      );
      create index api_key_prefix on api_key (tenant_id, prefix);
      create index api_key_tenant on api_key (tenant_id, created_at, id);`);
    await db.query(protect('api_key', { app: 'select, insert, update' }));
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table api_key;');
  }
}
