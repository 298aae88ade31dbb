import type { MigrationInterface, QueryRunner } from 'typeorm';
import { protect } from '../src/platform/database/row-level-security.js';

/** Whether the seller of an order could be told of it. */
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
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
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
