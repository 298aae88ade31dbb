import { z } from 'zod';
import { pageQuerySchema, pageSchema } from '../platform/http/page.js';
import { ORDER_STATES } from './order-state.js';

/** With the highest price these keep every total below 2^53. */
export const MAX_LINES = 50;
export const MAX_QUANTITY = 999;

export const quantitySchema = z.int().min(1).max(MAX_QUANTITY).describe('Whole units');
const noteSchema = z.string().trim().min(1).max(1000);
const stateSchema = z.enum(ORDER_STATES);

export const createOrderSchema = z
  .strictObject({
    contactId: z.uuid(),
    lines: z
      .array(z.strictObject({ productId: z.uuid(), quantity: quantitySchema }))
      .min(1)
      .max(MAX_LINES)
      .refine(
        (lines) => new Set(lines.map(({ productId }) => productId)).size === lines.length,
        'One line per product',
      ),
    note: noteSchema.nullable().default(null),
    botId: z.uuid().nullable().default(null).describe('The bot that tells the seller'),
  })
  .meta({
    id: 'CreateOrder',
    example: {
      contactId: '7b1f0a52-2f6e-4a37-9b3c-0a5f6e1d2c3b',
      lines: [{ productId: '0d9c8b7a-6f5e-4d3c-8b2a-190817263544', quantity: 2 }],
    },
  });
export type CreateOrder = z.output<typeof createOrderSchema>;

export const changeOrderSchema = z
  .strictObject({ note: noteSchema.nullable() })
  .meta({ id: 'ChangeOrder', example: { note: 'Entregar después de las 5' } });
export type ChangeOrder = z.output<typeof changeOrderSchema>;

export const moveOrderSchema = z
  .strictObject({ to: stateSchema, note: noteSchema.nullable().default(null) })
  .meta({ id: 'MoveOrder', example: { to: 'confirmed' } });
export type MoveOrder = z.output<typeof moveOrderSchema>;

export const assignOrderSchema = z.strictObject({ sellerId: z.uuid() }).meta({ id: 'AssignOrder' });
export type AssignOrder = z.output<typeof assignOrderSchema>;

export const listOrdersSchema = pageQuerySchema.extend({
  state: stateSchema.optional(),
  sellerId: z.uuid().optional(),
  botId: z.uuid().optional(),
  contactId: z.uuid().optional(),
  from: z.iso.datetime({ offset: true }).optional().describe('Placed at or after'),
  to: z.iso.datetime({ offset: true }).optional().describe('Placed before'),
});
export type ListOrders = z.output<typeof listOrdersSchema>;

const summary = {
  id: z.uuid(),
  number: z.int(),
  state: stateSchema,
  contactId: z.uuid(),
  contactName: z.string().nullable(),
  botId: z.uuid().nullable(),
  conversationId: z.uuid().nullable(),
  sellerId: z.uuid().nullable(),
  sellerName: z.string().nullable(),
  currency: z.string(),
  totalMinor: z.int(),
  note: z.string().nullable(),
  revision: z.int(),
  placedAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
};
export const orderSummarySchema = z.object(summary).meta({ id: 'OrderSummary' });
export type OrderSummary = z.output<typeof orderSummarySchema>;
export const orderPageSchema = pageSchema(orderSummarySchema).meta({ id: 'OrderPage' });

export const orderViewSchema = z
  .object({
    ...summary,
    lines: z.array(
      z.object({
        id: z.uuid(),
        productId: z.uuid(),
        sku: z.string(),
        name: z.string(),
        quantity: z.int(),
        unitPriceMinor: z.int(),
        totalMinor: z.int(),
      }),
    ),
    history: z.array(
      z.object({
        from: stateSchema.nullable(),
        to: stateSchema,
        actor: z.string().describe('customer, or user: or key: (an API key) and the id'),
        note: z.string().nullable(),
        at: z.iso.datetime(),
      }),
    ),
  })
  .meta({ id: 'Order' });
export type OrderView = z.output<typeof orderViewSchema>;
