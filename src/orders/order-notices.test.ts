import 'reflect-metadata';
import { Injectable, Module, type OnModuleInit } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { EntityManager } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { asTenantId } from '../platform/tenancy/tenant-id.js';
import { OrderNoticesModule } from './order-notices.module.js';
import { OrderNotices } from './order-notices.js';
import { type MovedOrderNotice, OrderNotifier, type PlacedOrderNotice } from './order-notifier.js';

const tenantId = asTenantId('11111111-1111-4111-8111-111111111111');
const notice: PlacedOrderNotice = {
  order: { id: 'o', number: 7, revision: 1, totalMinor: 100, currency: 'MXN', note: null, lines: [] },
  seller: { id: 's', name: 'Eva', phone: '+5215511111111' },
  contact: { id: 'c', name: null, phone: null },
  botId: null,
  conversationId: null,
};
const told: number[] = [];
const words: string[] = [];

@Injectable()
class Notifier extends OrderNotifier implements OnModuleInit {
  constructor(private readonly orders: OrderNotices) {
    super();
  }

  onModuleInit(): void {
    this.orders.register(this);
  }

  override async orderPlaced(_tx: EntityManager, _tenantId: unknown, { order }: PlacedOrderNotice): Promise<null> {
    told.push(order.number);
    return null;
  }

  override async orderMoved(_tx: EntityManager, _tenantId: unknown, { text }: MovedOrderNotice): Promise<void> {
    words.push(text);
  }
}

@Module({ imports: [OrderNoticesModule] })
class LowerModule {}

@Module({ imports: [LowerModule, OrderNoticesModule], providers: [Notifier] })
class UpperModule {}

const open = async (module: typeof LowerModule) =>
  (await Test.createTestingModule({ imports: [module] }).compile()).init();

const tell = async (module: typeof LowerModule) => {
  const app = await open(module);
  await app.get(OrderNotices, { strict: false }).orderPlaced({} as EntityManager, tenantId, notice);
};

describe('the notice of a placed order', () => {
  it('reaches the notifier that a module above has bound, without being exported or global', async () => {
    told.length = 0;
    await tell(UpperModule);
    expect(told).toEqual([7]);
  });

  it('and so does the news of one that moved', async () => {
    const app = await open(UpperModule);
    const customer = { name: null, phone: null };
    const moved = { orderId: 'o', state: 'paid', botId: null, conversationId: null, customer, text: 'Gracias' };
    await app.get(OrderNotices, { strict: false }).orderMoved({} as EntityManager, tenantId, moved);
    expect(words).toEqual(['Gracias']);
  });

  it('reaches nobody in a process that binds none', async () => {
    told.length = 0;
    await tell(LowerModule);
    expect(told).toEqual([]);
  });

  it('is told by one notifier: a second is a bug found at the start', () => {
    const notices = new OrderNotices();
    notices.register(new Notifier(notices));
    expect(() => notices.register(new Notifier(notices))).toThrow(TypeError);
  });
});
