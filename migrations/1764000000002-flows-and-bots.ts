import type { MigrationInterface, QueryRunner } from 'typeorm';
import { protect } from '../src/platform/database/row-level-security.js';

/** What a bot says (flows and their immutable versions), the bots, and their lines with providers. */
export class FlowsAndBots1764000000002 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table flow (
        id uuid primary key,
        tenant_id uuid not null references tenant,
        key text not null,
        title text not null,
        draft jsonb not null,
        draft_revision int not null default 1,
        is_archived boolean not null default false,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        unique (tenant_id, key)
      );

      create table flow_version (
        id uuid primary key,
        tenant_id uuid not null references tenant,
        flow_id uuid not null references flow,
        number int not null check (number > 0),
        sha256 text not null,
        document jsonb not null,
        report jsonb not null,
        note text,
        published_by uuid,
        published_at timestamptz not null default now(),
        unique (flow_id, number)
      );

      create table bot (
        id uuid primary key,
        tenant_id uuid not null references tenant,
        name text not null,
        locale text not null default 'es' check (locale in ('es', 'en', 'pt')),
        is_active boolean not null default true,
        active_version_id uuid references flow_version,
        late_after_ms int not null default 600000 check (late_after_ms between 60000 and 86400000),
        quiet_ms int not null default 0 check (quiet_ms between 0 and 10000),
        revision int not null default 1,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now()
      );
      create index bot_tenant on bot (tenant_id, created_at, id);

      create table connection (
        id uuid primary key,
        tenant_id uuid not null references tenant,
        bot_id uuid not null references bot,
        provider text not null,
        name text not null,
        position int not null default 0,
        external_id text,
        credentials bytea not null,
        credentials_key_id text not null,
        state text not null default 'active' check (state in ('active', 'paused')),
        health text not null default 'unknown' check (health in ('unknown', 'up', 'degraded', 'auth_lost')),
        health_reason text,
        health_at timestamptz,
        revision int not null default 1,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        unique (tenant_id, provider, external_id)
      );
      comment on column connection.external_id is 'What the provider routes webhooks by: the phone number id of official';
      create index connection_routing on connection (provider, external_id);
      create index connection_bot on connection (bot_id, position);`);
    await db.query(protect('flow', { app: 'select, insert, update' }));
    await db.query(protect('flow_version', { app: 'select, insert', path: 'select' }));
    await db.query(protect('bot', { app: 'select, insert, update, delete', path: 'select' }));
    await db.query(
      protect('connection', {
        app: 'select, insert, update, delete',
        path: 'select, update (health, health_reason, health_at)',
      }),
    );
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table connection, bot, flow_version, flow;');
  }
}
