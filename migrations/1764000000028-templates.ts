import type { MigrationInterface, QueryRunner } from 'typeorm';
import { PATH_ROLE, protect } from '../src/platform/database/row-level-security.js';

/** What providers told of a business account's message templates. */
export class Templates1764000000028 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      alter table connection add column account_id text;
      comment on column connection.account_id is
        'Business account by which the provider names what is not about one number; official: the WABA id';
      create index connection_account on connection (provider, account_id) where account_id is not null;
      grant update (account_id) on connection to ${PATH_ROLE};

      create table template_state (
        tenant_id uuid not null references tenant,
        account_id text not null,
        name text not null,
        language text not null,
        status text,
        quality text,
        category text,
        reason text,
        noticed_at timestamptz not null,
        primary key (tenant_id, account_id, name, language)
      );
      ${protect('template_state', { app: 'select, insert, update' })}`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop table template_state;
      alter table connection drop column account_id;`);
  }
}
