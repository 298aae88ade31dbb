import type { MigrationInterface, QueryRunner } from 'typeorm';
import { protect } from '../src/platform/database/row-level-security.js';

/**
 * Variants (a variant is a product row that names its parent, so stock, carts and orders need not know the difference),
 * a category tree, several images, more ledger reasons, and files of products on their way in.
 */
export class Catalogue1764000000016 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    // Trusted since Postgres 13: the owner of the database may install it. Typing errors are found by it.
    await db.query(`create extension if not exists pg_trgm;`);
    await db.query(`
      create table product_category (
        id uuid primary key,
        tenant_id uuid not null references tenant,
        parent_id uuid references product_category,
        name jsonb not null,
        position int not null default 0,
        revision int not null default 1,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now()
      );
      create unique index product_category_name on product_category (tenant_id, parent_id, (lower(name ->> 'es')))
        nulls not distinct;
      create index product_category_parent on product_category (parent_id) where parent_id is not null;

      alter table product
        add parent_id uuid references product,
        add options jsonb not null default '[]',
        add category_id uuid references product_category,
        add images jsonb not null default '[]',
        alter price_minor drop not null,
        add constraint product_price check (price_minor is not null or parent_id is not null),
        add constraint product_own_parent check (parent_id <> id);
      comment on column product.options is 'Names of the options, such as size; of a variant: its value of each, in that order';
      comment on column product.price_minor is 'Null: a variant that costs what its parent costs';
      create unique index product_variant on product (parent_id, options) where parent_id is not null;
      create index product_category_of on product (category_id) where category_id is not null;

      insert into product_category (id, tenant_id, name)
        select gen_random_uuid(), tenant_id, jsonb_build_object('es', min(category))
        from product where category is not null group by tenant_id, lower(category);
      update product p set category_id = c.id from product_category c
        where c.tenant_id = p.tenant_id and lower(c.name ->> 'es') = lower(p.category);
      update product set images = jsonb_build_array(jsonb_build_object('url', image_url)) where image_url is not null;

      alter table stock_movement
        add request_key text,
        drop constraint stock_movement_reason_check,
        add constraint stock_movement_reason_check check (reason in ('initial', 'adjustment', 'received', 'counted',
          'damaged', 'lost', 'returned', 'imported', 'sale', 'cancellation'));
      comment on column stock_movement.request_key is 'The request or import it was made by: one key, one movement';
      create unique index stock_movement_request on stock_movement (tenant_id, request_key, product_id)
        where request_key is not null;

      create table product_import (
        id uuid primary key,
        tenant_id uuid not null references tenant,
        state text not null check (state in ('reading', 'queued', 'running', 'checked', 'done', 'failed')),
        is_dry_run boolean not null,
        columns text[] not null default '{}',
        row_count int not null default 0,
        done_count int not null default 0,
        created_count int not null default 0,
        updated_count int not null default 0,
        unchanged_count int not null default 0,
        problem_count int not null default 0,
        alive_at timestamptz not null default now(),
        created_by uuid not null,
        created_at timestamptz not null default now(),
        finished_at timestamptz
      );
      comment on column product_import.alive_at is 'Last sign of the process that works on it';
      create index product_import_page on product_import (tenant_id, created_at, id);
      create index product_import_open on product_import (alive_at) where state in ('reading', 'queued', 'running');

      create table product_import_row (
        import_id uuid not null references product_import on delete cascade,
        tenant_id uuid not null references tenant,
        line int not null,
        cells jsonb not null,
        primary key (import_id, line)
      );

      create table product_import_problem (
        id bigint generated always as identity primary key,
        import_id uuid not null references product_import on delete cascade,
        tenant_id uuid not null references tenant,
        line int not null,
        column_name text not null,
        reason text not null
      );
      create index product_import_problem_page on product_import_problem (import_id, line, id);`);
    await db.query(protect('product_category', { app: 'select, insert, update, delete' }));
    await db.query(
      protect('product_import', {
        app: 'select, insert, update, delete',
        path: 'select (id, tenant_id, state, alive_at)',
      }),
    );
    await db.query(protect('product_import_row', { app: 'select, insert, delete' }));
    await db.query(protect('product_import_problem', { app: 'select, insert, delete' }));
  }

  async down(db: QueryRunner): Promise<void> {
    // The extension stays: somebody else may use it by now.
    await db.query(`
      drop table product_import_problem, product_import_row, product_import;
      drop index stock_movement_request;
      update stock_movement set reason = 'adjustment'
        where reason in ('received', 'counted', 'damaged', 'lost', 'returned', 'imported');
      alter table stock_movement
        drop column request_key,
        drop constraint stock_movement_reason_check,
        add constraint stock_movement_reason_check check (reason in ('initial', 'adjustment', 'sale', 'cancellation'));
      update product v set price_minor = coalesce(v.price_minor, p.price_minor), name = p.name
        from product p where p.id = v.parent_id;
      alter table product
        drop constraint product_own_parent,
        drop constraint product_price,
        drop column parent_id,
        drop column options,
        drop column category_id,
        drop column images,
        alter price_minor set not null;
      drop table product_category;`);
  }
}
