import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../platform/clock.js';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import type { ChangeOrderMessage, OrderMessageView } from './order-messages.dto.js';
import {
  DEFAULT_MESSAGES,
  fillText,
  formatDeadline,
  ORDER_MESSAGES,
  type OrderMessageName,
  type Texts,
} from './order-texts.js';
import type { Order } from './order.entity.js';
import type { Buyer } from './orders.queries.js';

export type OrderNews = {
  readonly order: Order;
  readonly customer: Buyer;
  readonly message: OrderMessageName;
  /** When an unpaid order ends. */
  readonly deadline?: Date;
};

type Row = { readonly state: OrderMessageName; readonly is_on: boolean; readonly texts: Partial<Texts> };

/** What customers are told when an order moves: sensible words in three languages, until the shop writes its own. */
@Injectable()
export class OrderMessages {
  constructor(
    @Inject(TenantDatabase) private readonly db: TenantDatabase,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** One per state, in the order of the states; the reminder last. */
  list(tenantId: TenantId): Promise<OrderMessageView[]> {
    return this.db.transaction(tenantId, async (tx) => {
      const own = await load(tx, tenantId, ORDER_MESSAGES);
      return ORDER_MESSAGES.map((state) => toView(state, own.get(state)));
    });
  }

  /** Languages that are not given keep the text they have. */
  change(tenantId: TenantId, state: OrderMessageName, { isOn, texts }: ChangeOrderMessage): Promise<OrderMessageView> {
    return this.db.transaction(tenantId, async (tx) => {
      await tx.query(
        `insert into order_message (tenant_id, state, is_on, texts, updated_at) values ($1, $2, coalesce($3::boolean, $6), $4::jsonb, $5)
         on conflict (tenant_id, state) do update
           set is_on = coalesce($3::boolean, order_message.is_on), texts = order_message.texts || $4::jsonb, updated_at = $5`,
        [tenantId, state, isOn ?? null, JSON.stringify(texts ?? {}), this.clock.now(), DEFAULT_MESSAGES[state].isOn],
      );
      return toView(state, (await load(tx, tenantId, [state])).get(state));
    });
  }

  /** Back to the words and the switch everybody starts with. */
  reset(tenantId: TenantId, state: OrderMessageName): Promise<OrderMessageView> {
    return this.db.transaction(tenantId, async (tx) => {
      await tx.query('delete from order_message where tenant_id = $1 and state = $2', [tenantId, state]);
      return toView(state, undefined);
    });
  }

  /** In the customer's language. @returns null when the shop says nothing at this point */
  async textFor(
    tx: EntityManager,
    tenantId: TenantId,
    { order, customer, message, deadline }: OrderNews,
  ): Promise<string | null> {
    const { isOn, texts } = toView(message, (await load(tx, tenantId, [message])).get(message));
    if (!isOn) return null;
    const [tenant]: { name: string; timezone: string }[] = await tx.query(
      'select name, timezone from tenant where id = $1',
      [tenantId],
    );
    if (!tenant) throw new TypeError('A transaction is of a tenant that is there');
    const { number, totalMinor, currency } = order;
    const { name, lang } = customer;
    const until = deadline && formatDeadline(deadline, lang, tenant.timezone);
    return fillText(texts[lang], { number, totalMinor, currency, name, shop: tenant.name, deadline: until }, lang);
  }
}

async function load(
  tx: EntityManager,
  tenantId: TenantId,
  states: readonly OrderMessageName[],
): Promise<Map<OrderMessageName, Row>> {
  const rows: Row[] = await tx.query(
    'select state, is_on, texts from order_message where tenant_id = $1 and state = any($2::text[])',
    [tenantId, states],
  );
  return new Map(rows.map((row) => [row.state, row]));
}

function toView(state: OrderMessageName, own: Row | undefined): OrderMessageView {
  const { isOn, texts } = DEFAULT_MESSAGES[state];
  return { state, isOn: own?.is_on ?? isOn, texts: { ...texts, ...own?.texts }, isDefault: own === undefined };
}
