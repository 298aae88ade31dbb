import { Injectable, type OnModuleInit } from '@nestjs/common';
import { z } from 'zod';
import { ActionRegistry, defineAction } from '../flows/action-registry.service.js';
import { refusing } from './action-refusals.js';
import { CustomerOrders } from './customer-orders.service.js';
import { ORDER_STATES } from './order-state.js';

const summary = {
  id: z.uuid(),
  number: z.int(),
  totalMinor: z.int().describe('Minor units'),
  currency: z.string(),
  sellerName: z.string().nullable(),
};
const statusSchema = z.object({
  ...summary,
  state: z.enum(ORDER_STATES),
  stateLabel: z.string().describe("In the conversation's language"),
  placedAt: z.iso.datetime(),
});
const numberSchema = z.int().min(1).max(2_147_483_647);

/** What flows may do with the customer's orders. */
@Injectable()
export class OrdersActions implements OnModuleInit {
  constructor(
    private readonly registry: ActionRegistry,
    private readonly orders: CustomerOrders,
  ) {}

  onModuleInit(): void {
    this.registry.register(
      defineAction({
        name: 'orders.place',
        input: z.strictObject({ note: z.string().trim().max(1000).nullish() }),
        output: z.object(summary),
        errors: ['empty_cart', 'out_of_stock'],
        run: (tx, context, { note }) => refusing(() => this.orders.place(tx, context, note || null)),
      }),
    );
    this.registry.register(
      defineAction({
        name: 'orders.status',
        input: z.strictObject({ number: numberSchema.optional() }),
        output: statusSchema,
        errors: ['no_order'],
        run: (tx, context, which) => this.orders.status(tx, context, which),
      }),
    );
    this.registry.register(
      defineAction({
        name: 'orders.cancel',
        input: z
          .strictObject({ orderId: z.uuid().optional(), number: numberSchema.optional() })
          .refine(
            ({ orderId, number }) => orderId !== undefined || number !== undefined,
            'orderId or number is needed',
          ),
        output: statusSchema,
        errors: ['no_order', 'not_cancellable'],
        run: (tx, context, { orderId, number }) => this.orders.cancel(tx, context, { id: orderId, number }),
      }),
    );
  }
}
