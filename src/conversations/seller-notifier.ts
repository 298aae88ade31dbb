import { formatMoney } from '../messages/money.js';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { OrderNotices } from '../orders/order-notices.js';
import {
  type BegunNotice,
  type MovedOrderNotice,
  OrderNotifier,
  type PlacedOrderNotice,
} from '../orders/order-notifier.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { NotifyService } from './notify.service.js';

type Locale = 'es' | 'en' | 'pt';

const WORDS: Record<Locale, { order: string; total: string; customer: string; note: string }> = {
  es: { order: 'Pedido nuevo', total: 'Total', customer: 'Cliente', note: 'Nota' },
  en: { order: 'New order', total: 'Total', customer: 'Customer', note: 'Note' },
  pt: { order: 'Novo pedido', total: 'Total', customer: 'Cliente', note: 'Observação' },
};

/** A seller learns of an order by WhatsApp, in the shop's language; a customer of what becomes of theirs. */
@Injectable()
export class SellerNotifier extends OrderNotifier implements OnModuleInit {
  constructor(
    private readonly notices: NotifyService,
    private readonly orders: OrderNotices,
  ) {
    super();
  }

  onModuleInit(): void {
    this.orders.register(this);
  }

  async orderPlaced(tx: EntityManager, tenantId: TenantId, notice: PlacedOrderNotice): Promise<BegunNotice> {
    const rows: { locale: Locale }[] = await tx.query('select locale from tenant where id = $1', [tenantId]);
    const key = `order:${notice.order.id}:${notice.seller.id}:${notice.order.revision}`;
    const isQueued = await this.notices.notify(tx, tenantId, {
      botId: notice.botId,
      phone: notice.seller.phone,
      name: notice.seller.name,
      text: orderText(notice, rows[0]?.locale ?? 'es'),
      key,
    });
    return isQueued ? { state: 'pending', key } : { state: 'impossible', reason: 'no_connection' };
  }

  /** In the conversation the order came from; else in one with the bot, when the customer's number is known. */
  async orderMoved(tx: EntityManager, tenantId: TenantId, notice: MovedOrderNotice): Promise<void> {
    const { orderId, state, botId, conversationId, customer, text } = notice;
    const key = `order:${orderId}:${state}`;
    if (conversationId !== null && (await this.notices.tell(tx, tenantId, { conversationId, text, key }))) return;
    const { phone, name } = customer;
    if (phone !== null) await this.notices.notify(tx, tenantId, { botId, phone, name, text, key });
  }
}

/** What a seller needs to start packing; at most 4096 characters, as WhatsApp allows. */
export function orderText({ order, contact }: PlacedOrderNotice, locale: Locale): string {
  const words = WORDS[locale];
  const customer = [contact.name, contact.phone].filter((part) => part !== null).join(' ');
  const end = [
    `${words.total}: ${formatMoney(order.totalMinor, order.currency, locale)}`,
    ...(customer ? [`${words.customer}: ${customer}`] : []),
    ...(order.note ? [`${words.note}: ${order.note.slice(0, 1000)}`] : []),
  ].join('\n');
  const start = [
    `${words.order} #${order.number}`,
    ...order.lines.map(({ name, quantity }) => `${quantity} × ${name}`),
  ];
  return `${start.join('\n').slice(0, 4000 - end.length)}\n${end}`;
}
