import type { MigrationInterface, QueryRunner } from 'typeorm';
import { PATH_ROLE, protect } from '../src/platform/database/row-level-security.js';

/** Whether the seller of an order could be told of it, and how long an order waits for its payment. */
export class OrdersThatWait1764000000025 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      alter table sales_order
        add seller_notice text check (seller_notice in ('pending', 'sent', 'delivered', 'failed', 'impossible')),
        add seller_notice_key text,
        add seller_notice_reason text,
        add seller_notice_at timestamptz;
      comment on column sales_order.seller_notice is 'How far the message to its seller got; null: nobody was to be told';
      comment on column sales_order.seller_notice_key is 'Of the notice that counts: an earlier seller''s does not';
      create index sales_order_untold on sales_order (tenant_id, seller_notice, placed_at, id)
        where seller_notice in ('failed', 'impossible');

      alter table order_event drop constraint order_event_kind_check,
        add constraint order_event_kind_check
          check (kind in ('state', 'edit', 'assign', 'payment', 'refund', 'notice'));

      create table seller_notice_outcome (
        id bigint generated always as identity primary key,
        tenant_id uuid not null,
        order_id uuid not null,
        key text not null,
        state text not null check (state in ('sent', 'delivered', 'failed')),
        error jsonb,
        at timestamptz not null default now()
      );
      comment on table seller_notice_outcome is 'What became of notices to sellers, until their orders say so';
      create index seller_notice_outcome_order on seller_notice_outcome (tenant_id, order_id, id);`);
    await db.query(protect('seller_notice_outcome', { app: 'select, delete', path: 'select' }));
    await db.query(FOLLOW);
    await db.query(EXPIRY);
    await db.query(DUE);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop function due_unpaid_orders(timestamptz, int, uuid[]), due_payment_reminders(timestamptz, int, uuid[]);
      drop index sales_order_untold, sales_order_unpaid, sales_order_unreminded;
      delete from order_message where state = 'expiring';
      alter table order_message drop constraint order_message_state_check,
        add constraint order_message_state_check
          check (state in ('placed', 'confirmed', 'paid', 'shipped', 'delivered', 'cancelled'));
      alter table sales_order drop column payment_reminded_at;
      alter table tenant drop column unpaid_order_expiry_minutes, drop column unpaid_order_reminder_minutes,
        drop column unpaid_order_expiry_since;
      drop trigger follow_seller_notice on outbox;
      drop function follow_seller_notice();
      drop table seller_notice_outcome;
      delete from order_event where kind = 'notice';
      alter table order_event drop constraint order_event_kind_check,
        add constraint order_event_kind_check check (kind in ('state', 'edit', 'assign', 'payment', 'refund'));
      alter table sales_order drop column seller_notice, drop column seller_notice_key,
        drop column seller_notice_reason, drop column seller_notice_at;`);
  }
}

/** A trigger, because four statements settle a send, and the path that runs them may not touch an order. */
const FOLLOW = `
  create function follow_seller_notice() returns trigger
    language plpgsql security definer set search_path = public as $$
  begin
    if new.effect_key ~ '^notice:order:[0-9a-f-]{36}:[0-9a-f-]{36}:[0-9]+$' then
      insert into seller_notice_outcome (tenant_id, order_id, key, state, error)
      values (new.tenant_id, split_part(new.effect_key, ':', 3)::uuid, substr(new.effect_key, 8),
        case when new.status = 'failed' then 'failed'
             when new.delivery in ('delivered', 'read', 'played') then 'delivered' else 'sent' end, new.error);
    end if;
    return null;
  end $$;
  revoke all on function follow_seller_notice() from public;
  create trigger follow_seller_notice after update of status, delivery on outbox for each row
    when (new.effect_key like 'notice:order:%' and new.status in ('sent', 'failed')
      and (new.status is distinct from old.status or new.delivery is distinct from old.delivery))
    execute function follow_seller_notice();`;

/** Businesses that are there already keep what they have: never. New ones get 48 hours. */
const EXPIRY = `
  alter table tenant
    add unpaid_order_expiry_minutes int check (unpaid_order_expiry_minutes between 30 and 43200),
    add unpaid_order_reminder_minutes int check (unpaid_order_reminder_minutes between 10 and 43190),
    add unpaid_order_expiry_since timestamptz not null default now();
  alter table tenant
    alter unpaid_order_expiry_minutes set default 2880,
    alter unpaid_order_reminder_minutes set default 1500;
  comment on column tenant.unpaid_order_expiry_minutes is 'How long an order waits for its payment; null: for ever';
  comment on column tenant.unpaid_order_reminder_minutes is 'Before the end, when the customer is reminded; null: never';
  comment on column tenant.unpaid_order_expiry_since is 'When the time was set: older orders wait from then on';

  alter table sales_order add payment_reminded_at timestamptz;
  create index sales_order_unpaid on sales_order (tenant_id, placed_at)
    where state in ('placed', 'confirmed') and payment_state = 'unpaid';
  create index sales_order_unreminded on sales_order (tenant_id, placed_at)
    where state in ('placed', 'confirmed') and payment_state = 'unpaid' and payment_reminded_at is null;

  alter table order_message drop constraint order_message_state_check,
    add constraint order_message_state_check
      check (state in ('placed', 'confirmed', 'paid', 'shipped', 'delivered', 'cancelled', 'expiring'));`;

/** Ids alone, for the path may not see an order. A few of each tenant, so that one with many holds up nobody. */
const DUE = `
  create function due_unpaid_orders(at timestamptz, per_tenant int, skipped uuid[])
    returns table (tenant_id uuid, order_id uuid)
    language sql stable security definer set search_path = public as $$
    select t.id, o.id from tenant t
      cross join lateral (select at - make_interval(mins => t.unpaid_order_expiry_minutes) as cut) e
      cross join lateral (
        select s.id from sales_order s
         where s.tenant_id = t.id and s.state in ('placed', 'confirmed') and s.payment_state = 'unpaid'
           and s.placed_at <= e.cut and s.id <> all(skipped)
         order by s.placed_at limit per_tenant) o
     where t.unpaid_order_expiry_since <= e.cut
  $$;
  create function due_payment_reminders(at timestamptz, per_tenant int, skipped uuid[])
    returns table (tenant_id uuid, order_id uuid)
    language sql stable security definer set search_path = public as $$
    select t.id, o.id from tenant t
      cross join lateral (select at - make_interval(mins => t.unpaid_order_expiry_minutes) as cut) e
      cross join lateral (
        select e.cut + make_interval(mins => t.unpaid_order_reminder_minutes) as cut,
               case when t.unpaid_order_expiry_since > e.cut then '-infinity' else e.cut end as past) r
      cross join lateral (
        select s.id from sales_order s
         where s.tenant_id = t.id and s.state in ('placed', 'confirmed') and s.payment_state = 'unpaid'
           and s.payment_reminded_at is null and s.placed_at <= r.cut and s.placed_at > r.past
           and s.id <> all(skipped)
         order by s.placed_at limit per_tenant) o
     where t.unpaid_order_expiry_since <= r.cut
  $$;
  revoke all on function due_unpaid_orders(timestamptz, int, uuid[]), due_payment_reminders(timestamptz, int, uuid[])
    from public;
  grant execute on function due_unpaid_orders(timestamptz, int, uuid[]), due_payment_reminders(timestamptz, int, uuid[])
    to ${PATH_ROLE};`;
