import { z } from 'zod';
import { sortSchema } from '../platform/http/sorted-page.js';
import { instant } from '../platform/http/instant.js';
import { pageQuerySchema, pageSchema } from '../platform/http/page.js';
import { ORDER_STATES, PAYMENT_STATES, SELLER_NOTICE_STATES } from './order-state.js';

/** With the highest price these keep every total below 2^53. */
export const MAX_LINES = 50;
export const MAX_QUANTITY = 999;

export const quantitySchema = z.int().min(1).max(MAX_QUANTITY).describe('Whole units');
const noteSchema = z.string().trim().min(1).max(1000);
const stateSchema = z.enum(ORDER_STATES);
const paymentStateSchema = z.enum(PAYMENT_STATES);
const noticeStateSchema = z.enum(SELLER_NOTICE_STATES);
const paymentTextSchema = z.string().trim().min(1).max(200).nullable();
const amountSchema = z.int().min(1).max(Number.MAX_SAFE_INTEGER).describe('Minor units');
const unitsSchema = z.array(z.strictObject({ productId: z.uuid(), quantity: quantitySchema })).max(MAX_LINES);
const isOnePerProduct = (lines: readonly { productId: string }[]) =>
  new Set(lines.map(({ productId }) => productId)).size === lines.length;

const linesSchema = unitsSchema.min(1).refine(isOnePerProduct, 'One line per product');

export const createOrderSchema = z
  .strictObject({
    contactId: z.uuid(),
    lines: linesSchema,
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
  .strictObject({
    note: noteSchema.nullable().optional(),
    lines: linesSchema
      .optional()
      .describe('All of them, while the order is placed; a product that stays keeps its price'),
    paymentMethod: paymentTextSchema.optional(),
    paymentReference: paymentTextSchema.optional(),
  })
  .meta({ id: 'ChangeOrder', example: { note: 'Entregar después de las 5' } });
export type ChangeOrder = z.output<typeof changeOrderSchema>;

export const moveOrderSchema = z
  .strictObject({
    to: stateSchema,
    note: noteSchema.nullable().default(null),
    payment: z
      .strictObject({
        method: paymentTextSchema.optional(),
        reference: paymentTextSchema.optional().describe('What the payment is called where it was made'),
        paidMinor: amountSchema.optional().describe('Minor units; the total of the order when absent'),
        paidAt: instant.optional().describe('Now when absent'),
      })
      .optional()
      .describe('With paid only'),
  })
  .refine(({ to, payment }) => payment === undefined || to === 'paid', { path: ['payment'], error: 'Only with paid' })
  .meta({ id: 'MoveOrder', example: { to: 'confirmed' } });
export type MoveOrder = z.output<typeof moveOrderSchema>;

export const assignOrderSchema = z
  .strictObject({ sellerId: z.uuid().nullable().describe('null: nobody') })
  .meta({ id: 'AssignOrder', example: { sellerId: '9e8d7c6b-5a49-4382-9716-05f4e3d2c1b0' } });
export type AssignOrder = z.output<typeof assignOrderSchema>;

export const refundOrderSchema = z
  .strictObject({
    amountMinor: amountSchema,
    reason: noteSchema.nullable().default(null),
    reference: paymentTextSchema.default(null).describe('What it is called where the money was moved'),
    restock: unitsSchema
      .refine(isOnePerProduct, 'One line per product')
      .default([])
      .describe('Units that came back and can be sold again'),
  })
  .meta({ id: 'RefundOrder', example: { amountMinor: 1500, reason: 'Llegó roto', restock: [] } });
export type RefundOrder = z.output<typeof refundOrderSchema>;

export const writeOrderNoteSchema = z
  .strictObject({ text: z.string().trim().min(1).max(2000) })
  .meta({ id: 'WriteOrderNote', example: { text: 'El timbre no funciona: llamar al llegar' } });
export type WriteOrderNote = z.output<typeof writeOrderNoteSchema>;
export const orderNoteViewSchema = z
  .object({
    id: z.uuid(),
    author: z.string().describe('user: or key: (an API key) and the id'),
    text: z.string(),
    createdAt: z.iso.datetime(),
  })
  .meta({
    id: 'OrderNote',
    example: {
      id: 'f0e1d2c3-b4a5-4968-8776-655443322110',
      author: 'user:5e6f7a8b-9c0d-4e1f-8a2b-3c4d5e6f7a8b',
      text: 'El timbre no funciona: llamar al llegar',
      createdAt: '2026-03-02T15:04:05.000Z',
    },
  });
export type OrderNoteView = z.output<typeof orderNoteViewSchema>;
export const orderNotePageSchema = pageSchema(orderNoteViewSchema).meta({ id: 'OrderNotePage' });
export const listOrderNotesSchema = pageQuerySchema.extend({ sort: sortSchema(['createdAt'], '-createdAt') });
export type ListOrderNotes = z.output<typeof listOrderNotesSchema>;

const filters = {
  state: stateSchema.optional(),
  paymentState: paymentStateSchema.optional().describe('refund_due: money is owed back'),
  sellerNotice: noticeStateSchema
    .optional()
    .describe('How far the message to the seller got; failed and impossible: somebody has to tell them'),
  text: z
    .string()
    .trim()
    .max(120)
    .optional()
    .describe("The number, or part of the customer's name or phone, or of the note"),
  sellerId: z.uuid().optional(),
  botId: z.uuid().optional(),
  contactId: z.uuid().optional(),
  from: instant.optional().describe('Placed at or after'),
  to: instant.optional().describe('Placed before'),
};
export const orderFilterSchema = z.strictObject(filters);
export type OrderFilter = z.output<typeof orderFilterSchema>;
export const listOrdersSchema = pageQuerySchema.extend({
  ...filters,
  sort: sortSchema(['placedAt', 'updatedAt', 'number', 'totalMinor'], '-placedAt'),
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
  sellerNotice: z
    .object({
      state: noticeStateSchema.describe('impossible: as things are, no connection may carry it'),
      reason: z
        .string()
        .nullable()
        .describe("Why it failed: no_connection, window_closed, another code of ours, or the provider's"),
      at: z.iso.datetime(),
    })
    .nullable()
    .describe('How far the message to the seller got; null: nobody was to be told'),
  currency: z.string(),
  totalMinor: z.int(),
  paymentState: paymentStateSchema,
  paymentMethod: z.string().nullable(),
  paymentReference: z.string().nullable(),
  paidAt: z.iso.datetime().nullable(),
  paidMinor: z.int(),
  refundedMinor: z.int(),
  note: z.string().nullable(),
  expiresAt: z.iso.datetime().nullable().describe('When it is cancelled, unless it is paid before; null: never'),
  revision: z.int(),
  placedAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
};
const exampleSummary = {
  id: 'e1d2c3b4-a596-4877-8869-5a4b3c2d1e0f',
  number: 128,
  state: 'paid',
  contactId: '7b1f0a52-2f6e-4a37-9b3c-0a5f6e1d2c3b',
  contactName: 'Marta Ruiz',
  botId: '8d5e2f14-90ab-4c3d-8e7f-1a2b3c4d5e6f',
  conversationId: '1f2e3d4c-5b6a-4798-8a9b-0c1d2e3f4a5b',
  sellerId: '9e8d7c6b-5a49-4382-9716-05f4e3d2c1b0',
  sellerName: 'Lupita Hernández',
  sellerNotice: { state: 'delivered', reason: null, at: '2026-03-02T15:04:07.000Z' },
  currency: 'MXN',
  totalMinor: 37_800,
  paymentState: 'paid',
  paymentMethod: 'transferencia',
  paymentReference: 'SPEI 4471',
  paidAt: '2026-03-04T09:30:00.000Z',
  paidMinor: 37_800,
  refundedMinor: 0,
  note: 'Entregar después de las 5',
  expiresAt: null,
  revision: 3,
  placedAt: '2026-03-02T15:04:05.000Z',
  updatedAt: '2026-03-04T09:30:00.000Z',
};
export const orderSummarySchema = z.object(summary).meta({ id: 'OrderSummary', example: exampleSummary });
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
    refunds: z.array(
      z.object({
        id: z.uuid(),
        amountMinor: z.int(),
        reason: z.string().nullable(),
        reference: z.string().nullable(),
        restocked: z.array(z.object({ productId: z.uuid(), quantity: z.int() })),
        author: z.string(),
        at: z.iso.datetime(),
      }),
    ),
    history: z.array(
      z.object({
        kind: z.enum(['state', 'edit', 'assign', 'payment', 'refund', 'notice']),
        from: stateSchema.nullable(),
        to: stateSchema,
        actor: z.string().describe('customer, delivery, expiry, or user: or key: (an API key) and the id'),
        note: z.string().nullable(),
        at: z.iso.datetime(),
      }),
    ),
  })
  .meta({
    id: 'Order',
    example: {
      ...exampleSummary,
      lines: [
        {
          id: 'a0b1c2d3-e4f5-4061-8273-849506172839',
          productId: '0d9c8b7a-6f5e-4d3c-8b2a-190817263544',
          sku: 'CAF-250-M',
          name: 'Café de altura 250 g (Molido)',
          quantity: 2,
          unitPriceMinor: 18_900,
          totalMinor: 37_800,
        },
      ],
      refunds: [],
      history: [
        { kind: 'state', from: null, to: 'placed', actor: 'customer', note: null, at: '2026-03-02T15:04:05.000Z' },
      ],
    },
  });
export type OrderView = z.output<typeof orderViewSchema>;

const sums = { count: z.int(), totalMinor: z.int(), paidMinor: z.int(), refundedMinor: z.int() };
export const orderTotalsSchema = z
  .object({
    currency: z.string(),
    ...sums,
    byState: z.array(z.object({ state: stateSchema, ...sums })).describe('States that have orders'),
  })
  .meta({
    id: 'OrderTotals',
    example: {
      currency: 'MXN',
      count: 1,
      totalMinor: 37_800,
      paidMinor: 37_800,
      refundedMinor: 0,
      byState: [{ state: 'paid', count: 1, totalMinor: 37_800, paidMinor: 37_800, refundedMinor: 0 }],
    },
  });
export type OrderTotals = z.output<typeof orderTotalsSchema>;
