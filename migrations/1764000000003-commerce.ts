import type { MigrationInterface, QueryRunner } from 'typeorm';
import { protect } from '../src/platform/database/row-level-security.js';

/** Customers, sellers, products with stock as a ledger, carts and orders. Money is an integer in minor units. */
export class Commerce1764000000003 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table contact (
        id uuid primary key,
        tenant_id uuid not null references tenant,
        name text,
        phone text check (phone ~ '^\\+[1-9][0-9]{1,14}$'),
        locale text check (locale in ('es', 'en', 'pt')),
        tags text[] not null default '{}',
        revision int not null default 1,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now()
      );
      create index contact_tenant on contact (tenant_id, created_at, id);

      create table contact_identity (
        tenant_id uuid not null references tenant,
        value text not null check (value <> ''),
        contact_id uuid not null references contact on delete cascade,
        primary key (tenant_id, value)
      );
      comment on column contact_identity.value is 'tel:<folded digits> or bsuid:<id>: every name one person goes by';
      create index contact_identity_contact on contact_identity (contact_id);

      create table seller (
        id uuid primary key,
        tenant_id uuid not null references tenant,
        user_id uuid references app_user,
        name text not null,
        phone text not null check (phone ~ '^\\+[1-9][0-9]{1,14}$'),
        is_active boolean not null default true,
        last_assigned_at timestamptz,
        revision int not null default 1,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        unique (tenant_id, phone)
      );

      create table product (
        id uuid primary key,
        tenant_id uuid not null references tenant,
        sku text not null,
        name jsonb not null,
        description jsonb not null default '{}',
        category text,
        price_minor bigint not null check (price_minor >= 0),
        currency text not null check (currency ~ '^[A-Z]{3}$'),
        image_url text,
        is_active boolean not null default true,
        low_stock_at int not null default 0 check (low_stock_at >= 0),
        search_text text not null default '',
        revision int not null default 1,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        unique (tenant_id, sku)
      );
      comment on column product.name is '{es, en?, pt?}: the name per language';

      -- The running sum of the ledger, and the row a buyer locks. The check is INV-7's last line of defence.
      create table stock_level (
        product_id uuid primary key references product on delete cascade,
        tenant_id uuid not null references tenant,
        on_hand int not null default 0 check (on_hand >= 0)
      );

      create table stock_movement (
        id bigint generated always as identity primary key,
        tenant_id uuid not null references tenant,
        product_id uuid not null references product,
        quantity int not null check (quantity <> 0),
        reason text not null check (reason in ('initial', 'adjustment', 'sale', 'cancellation')),
        order_id uuid,
        note text,
        created_by uuid,
        created_at timestamptz not null default now()
      );
      create index stock_movement_product on stock_movement (product_id, id);
      create index stock_movement_order on stock_movement (order_id) where order_id is not null;

      create table stock_hold (
        tenant_id uuid not null references tenant,
        product_id uuid not null references product on delete cascade,
        holder text not null,
        quantity int not null check (quantity > 0),
        expires_at timestamptz not null,
        primary key (product_id, holder)
      );
      create index stock_hold_holder on stock_hold (tenant_id, holder);

      create table cart_line (
        tenant_id uuid not null references tenant,
        conversation_id uuid not null,
        product_id uuid not null references product on delete cascade,
        quantity int not null check (quantity > 0),
        added_at timestamptz not null default now(),
        primary key (conversation_id, product_id)
      );

      create table order_counter (
        tenant_id uuid primary key references tenant,
        last_number int not null default 0
      );

      create table sales_order (
        id uuid primary key,
        tenant_id uuid not null references tenant,
        number int not null,
        bot_id uuid references bot,
        conversation_id uuid,
        contact_id uuid not null references contact,
        seller_id uuid references seller,
        state text not null check (state in ('placed', 'confirmed', 'paid', 'shipped', 'delivered', 'cancelled')),
        currency text not null check (currency ~ '^[A-Z]{3}$'),
        total_minor bigint not null check (total_minor >= 0),
        note text,
        placed_key text,
        revision int not null default 1,
        placed_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        unique (tenant_id, number),
        unique (tenant_id, placed_key)
      );
      comment on column sales_order.placed_key is 'Effect or idempotency key it was placed under: one key, one order';
      create index sales_order_contact on sales_order (contact_id, placed_at);
      create index sales_order_seller on sales_order (tenant_id, seller_id, placed_at);
      create index sales_order_page on sales_order (tenant_id, placed_at, id);

      create table order_line (
        id uuid primary key,
        tenant_id uuid not null references tenant,
        order_id uuid not null references sales_order on delete cascade,
        product_id uuid not null references product,
        sku text not null,
        name text not null,
        quantity int not null check (quantity > 0),
        unit_price_minor bigint not null check (unit_price_minor >= 0),
        total_minor bigint not null check (total_minor = quantity * unit_price_minor)
      );
      create index order_line_order on order_line (order_id);

      create table order_event (
        id bigint generated always as identity primary key,
        tenant_id uuid not null references tenant,
        order_id uuid not null references sales_order on delete cascade,
        from_state text,
        to_state text not null,
        actor text not null,
        note text,
        created_at timestamptz not null default now()
      );
      create index order_event_order on order_event (order_id, id);`);
    await db.query(
      protect('contact', { app: 'select, insert, update, delete', path: 'insert (id, tenant_id, name, phone)' }),
    );
    await db.query(protect('contact_identity', { app: 'select, insert, update, delete', path: 'select, insert' }));
    const owned = ['seller', 'product', 'stock_level', 'stock_hold', 'cart_line', 'order_counter', 'sales_order'];
    for (const table of owned) await db.query(protect(table, { app: 'select, insert, update, delete' }));
    for (const ledger of ['stock_movement', 'order_line', 'order_event'])
      await db.query(protect(ledger, { app: 'select, insert' }));
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`drop table order_event, order_line, sales_order, order_counter, cart_line, stock_hold,
      stock_movement, stock_level, product, seller, contact_identity, contact;`);
  }
}
