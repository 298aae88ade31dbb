import type { MigrationInterface, QueryRunner } from 'typeorm';
import { APP_ROLE, PATH_ROLE, protect } from '../src/platform/database/row-level-security.js';

/** Roles, tenants, users. Roles belong to the server, not the database: they may exist already, and `down` leaves them. */
export class Tenancy1764000000001 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    for (const role of [APP_ROLE, PATH_ROLE]) {
      await db.query(`
        do $$ begin create role ${role} nologin;
        exception when duplicate_object or unique_violation then null; end $$;
        grant ${role} to current_user;
        grant usage on schema public to ${role};`);
    }
    await db.query(`
      create function app_tenant_id() returns uuid language sql stable parallel safe
        as $$ select nullif(current_setting('app.tenant_id', true), '')::uuid $$;

      create table tenant (
        id uuid primary key,
        name text not null,
        locale text not null default 'es' check (locale in ('es', 'en', 'pt')),
        currency text not null check (currency ~ '^[A-Z]{3}$'),
        timezone text not null default 'America/Mexico_City',
        created_at timestamptz not null default now()
      );

      create table app_user (
        id uuid primary key,
        tenant_id uuid not null references tenant,
        email text not null check (email = lower(email)),
        name text not null,
        password_hash text not null,
        role text not null check (role in ('owner', 'admin', 'manager', 'seller', 'viewer')),
        is_active boolean not null default true,
        revision int not null default 1,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now()
      );
      create unique index app_user_email on app_user (email);
      create index app_user_tenant on app_user (tenant_id, created_at, id);

      create table refresh_token (
        id uuid primary key,
        tenant_id uuid not null references tenant,
        user_id uuid not null references app_user on delete cascade,
        family_id uuid not null,
        token_hash bytea not null unique,
        expires_at timestamptz not null,
        used_at timestamptz,
        revoked_at timestamptz,
        created_at timestamptz not null default now()
      );
      create index refresh_token_family on refresh_token (tenant_id, family_id);

      -- Sign-in knows an e-mail and no tenant yet: this one function may look across tenants, at these columns.
      create function find_sign_in(wanted text)
        returns table (id uuid, tenant_id uuid, password_hash text, role text, is_active boolean)
        language sql stable security definer set search_path = public
        as $$ select id, tenant_id, password_hash, role, is_active from app_user where email = lower(wanted) $$;
      revoke all on function find_sign_in(text) from public;
      grant execute on function find_sign_in(text) to ${APP_ROLE};`);
    await db.query(protect('tenant', { app: 'select, update', path: 'select', column: 'id' }));
    await db.query(protect('app_user', { app: 'select, insert, update' }));
    await db.query(protect('refresh_token', { app: 'select, insert, update, delete' }));
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop function find_sign_in(text);
      drop table refresh_token, app_user, tenant;
      drop function app_tenant_id();`);
  }
}
