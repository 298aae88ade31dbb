import { Injectable, type OnModuleInit } from '@nestjs/common';
import { z } from 'zod';
import { ActionRegistry, defineAction } from '../flows/action-registry.service.js';
import { refusing } from './action-refusals.js';
import { CartService } from './cart.service.js';
import { quantitySchema } from './orders.dto.js';

const money = z.int().describe('Minor units');
const cartSchema = z.object({
  lines: z.array(
    z.object({
      productId: z.uuid(),
      sku: z.string(),
      name: z.string().describe("In the conversation's language"),
      quantity: z.int(),
      unitPriceMinor: money,
      totalMinor: money,
      currency: z.string(),
    }),
  ),
  count: z.int().describe('Units'),
  totalMinor: money,
  currency: z.string(),
  changed: z
    .array(z.object({ productId: z.uuid(), name: z.string(), wanted: z.int(), quantity: z.int() }))
    .optional()
    .describe('Lines that lost units since the cart was last seen; quantity is what is left'),
});

const nothing = z.strictObject({});

/** What flows may do with the conversation's cart. */
@Injectable()
export class CartActions implements OnModuleInit {
  constructor(
    private readonly registry: ActionRegistry,
    private readonly cart: CartService,
  ) {}

  onModuleInit(): void {
    this.registry.register(
      defineAction({
        name: 'cart.add',
        input: z.strictObject({ productId: z.uuid(), quantity: quantitySchema.default(1) }),
        output: cartSchema,
        errors: ['out_of_stock', 'unknown_product', 'cart_limit'],
        run: (tx, context, line) => refusing(() => this.cart.add(tx, context, line)),
      }),
    );
    this.registry.register(
      defineAction({
        name: 'cart.remove',
        input: z.strictObject({ productId: z.uuid() }),
        output: cartSchema,
        errors: [],
        run: (tx, context, { productId }) => this.cart.remove(tx, context, productId),
      }),
    );
    this.registry.register(
      defineAction({
        name: 'cart.view',
        input: nothing,
        output: cartSchema,
        errors: [],
        run: (tx, context) => this.cart.view(tx, context),
      }),
    );
    this.registry.register(
      defineAction({
        name: 'cart.clear',
        input: nothing,
        output: cartSchema,
        errors: [],
        run: (tx, context) => this.cart.clear(tx, context),
      }),
    );
  }
}
