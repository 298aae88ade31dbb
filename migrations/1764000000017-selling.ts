import type { MigrationInterface, QueryRunner } from 'typeorm';
import { APP_ROLE, protect } from '../src/platform/database/row-level-security.js';

/** When sellers work, for which bots and categories, and by which rule they get orders; what product search looks at. */
export class Selling1764000000017 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create function fold_text(text) returns text language sql immutable parallel safe
        as $$ select trim(lower(regexp_replace(normalize($1, NFD), '[\\u0300-\\u036f]', '', 'g'))) $$;
      comment on function fold_text(text) is 'Lower case without accents';
      create function texts_of(jsonb) returns text language sql immutable parallel safe
        as $$ select string_agg(t #>> '{}', ' ') from jsonb_path_query($1, 'strict $.** ? (@.type() == "string")') t $$;
      comment on function texts_of(jsonb) is 'Every text in it, whatever the language';
      revoke all on function fold_text(text), texts_of(jsonb) from public;
      grant execute on function fold_text(text), texts_of(jsonb) to ${APP_ROLE};

      -- Moved to product_category and product.images by the migration before.
      alter table product drop column category, drop column image_url;

      alter table seller
        add hours jsonb,
        add timezone text,
        add bot_ids uuid[] not null default '{}',
        add category_ids uuid[] not null default '{}',
        add paused_until timestamptz;
      comment on column seller.hours is 'Weekly: [{day 1-7 (ISO), from, to}], local time; null: always';
      comment on column seller.timezone is 'IANA name; null: the business''s';
      comment on column seller.bot_ids is 'Empty: every bot';
      comment on column seller.category_ids is 'What they know best; for the rule by_category';

      create table seller_settings (
        tenant_id uuid primary key references tenant,
        rule text not null check (rule in ('round_robin', 'least_open', 'by_category')),
        revision int not null default 1,
        updated_at timestamptz not null default now()
      );`);
    await db.query(protect('seller_settings', { app: 'select, insert, update' }));
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop table seller_settings;
      alter table seller drop column hours, drop column timezone, drop column bot_ids, drop column category_ids,
        drop column paused_until;
      alter table product add category text, add image_url text;
      update product p set category = c.name ->> 'es' from product_category c where c.id = p.category_id;
      update product set image_url = images -> 0 ->> 'url';
      drop function fold_text(text), texts_of(jsonb);`);
  }
}
