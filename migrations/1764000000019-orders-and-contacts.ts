import type { MigrationInterface, QueryRunner } from 'typeorm';
import { APP_ROLE, PATH_ROLE, protect } from '../src/platform/database/row-level-security.js';

/** What an order is paid and given back, what the shop writes to a customer about it, and what it keeps of a contact. */
export class OrdersAndContacts1764000000019 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      alter table sales_order
        add payment_state text not null default 'unpaid'
          check (payment_state in ('unpaid', 'paid', 'refund_due', 'partly_refunded', 'refunded')),
        add payment_method text,
        add payment_reference text,
        add paid_at timestamptz,
        add paid_minor bigint not null default 0 check (paid_minor >= 0),
        add refunded_minor bigint not null default 0,
        add constraint sales_order_refund check (refunded_minor between 0 and paid_minor);
      comment on column sales_order.payment_state is 'refund_due: money was taken for what will not be delivered';
      create index sales_order_refund_due on sales_order (tenant_id, placed_at) where payment_state = 'refund_due';
      update sales_order o set
          payment_state = case when state = 'cancelled' then 'refund_due' else 'paid' end,
          paid_minor = total_minor,
          paid_at = (select max(created_at) from order_event e where e.order_id = o.id and e.to_state = 'paid')
        where exists (select from order_event e where e.order_id = o.id and e.to_state = 'paid');

      alter table order_event add kind text not null default 'state'
        check (kind in ('state', 'edit', 'assign', 'payment', 'refund'));

      create table order_note (
        id uuid primary key,
        tenant_id uuid not null references tenant,
        order_id uuid not null references sales_order on delete cascade,
        author text not null,
        text text not null,
        created_at timestamptz not null default now()
      );
      create index order_note_order on order_note (order_id, created_at, id);

      create table order_refund (
        id uuid primary key,
        tenant_id uuid not null references tenant,
        order_id uuid not null references sales_order on delete cascade,
        amount_minor bigint not null check (amount_minor > 0),
        reason text,
        reference text,
        restocked jsonb not null default '[]',
        author text not null,
        request_key text,
        created_at timestamptz not null default now(),
        unique (tenant_id, request_key)
      );
      comment on column order_refund.restocked is '[{productId, quantity}]: units that came back with it';
      create index order_refund_order on order_refund (order_id, created_at, id);

      create table order_message (
        tenant_id uuid not null references tenant,
        state text not null check (state in ('placed', 'confirmed', 'paid', 'shipped', 'delivered', 'cancelled')),
        is_on boolean not null,
        texts jsonb not null default '{}',
        updated_at timestamptz not null default now(),
        primary key (tenant_id, state)
      );
      comment on table order_message is 'What a shop changed of the messages a customer gets when an order moves';

      create table contact_note (
        id uuid primary key,
        tenant_id uuid not null references tenant,
        contact_id uuid not null references contact on delete cascade,
        author text not null,
        text text not null,
        created_at timestamptz not null default now()
      );
      create index contact_note_contact on contact_note (contact_id, created_at, id);

      create table contact_field (
        id uuid primary key,
        tenant_id uuid not null references tenant,
        key text not null,
        label jsonb not null,
        type text not null check (type in ('text', 'number', 'boolean', 'date', 'choice')),
        options text[] not null default '{}',
        position int not null default 0,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        constraint contact_field_key unique (tenant_id, key)
      );
      alter table contact add fields jsonb not null default '{}';
      comment on column contact.fields is 'Values of the tenant''s own fields, by key';

      drop index webhook_delivery_unqueued;
      create index webhook_delivery_unqueued on webhook_delivery (next_at) where state = 'pending' and queued_at is null;`);
    await db.query(protect('order_note', { app: 'select, insert, delete' }));
    await db.query(protect('order_refund', { app: 'select, insert' }));
    await db.query(protect('order_message', { app: 'select, insert, update, delete' }));
    await db.query(protect('contact_note', { app: 'select, insert, update, delete' }));
    await db.query(protect('contact_field', { app: 'select, insert, update, delete' }));
    await db.query(`
      grant update, delete on order_line to ${APP_ROLE};
      grant select (failing_since) on webhook_endpoint to ${PATH_ROLE};`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      revoke update, delete on order_line from ${APP_ROLE};
      revoke select (failing_since) on webhook_endpoint from ${PATH_ROLE};
      drop index webhook_delivery_unqueued;
      create index webhook_delivery_unqueued on webhook_delivery (created_at) where state = 'pending' and queued_at is null;
      alter table contact drop column fields;
      drop table contact_field, contact_note, order_message, order_refund, order_note;
      alter table order_event drop column kind;
      alter table sales_order
        drop constraint sales_order_refund,
        drop column payment_state,
        drop column payment_method,
        drop column payment_reference,
        drop column paid_at,
        drop column paid_minor,
        drop column refunded_minor;`);
  }
}
