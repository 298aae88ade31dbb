import { z } from 'zod';
import { sortSchema } from '../platform/http/sorted-page.js';
import { pageQuerySchema, pageSchema } from '../platform/http/page.js';

export const MAX_UNITS = 1_000_000;

/** Why a person changes the stock by hand. */
export const ADJUSTMENT_REASONS = ['adjustment', 'received', 'counted', 'damaged', 'lost', 'returned'] as const;
export const STOCK_REASONS = ['initial', ...ADJUSTMENT_REASONS, 'imported', 'sale', 'cancellation'] as const;
export type StockReason = (typeof STOCK_REASONS)[number];

export const adjustStockSchema = z
  .strictObject({
    quantity: z
      .int()
      .min(-MAX_UNITS)
      .max(MAX_UNITS)
      .refine((units) => units !== 0, 'Must not be zero')
      .describe('Units to add; negative takes away'),
    reason: z.enum(ADJUSTMENT_REASONS).default('adjustment'),
    note: z.string().trim().min(1).max(500).nullable().default(null),
  })
  .meta({ id: 'AdjustStock', example: { quantity: 12, reason: 'received', note: 'Llegó el pedido del tostador' } });
export type AdjustStock = z.output<typeof adjustStockSchema>;

export const listMovementsSchema = pageQuerySchema.extend({
  reason: z.enum(STOCK_REASONS).optional(),
  sort: sortSchema(['createdAt'], '-createdAt'),
});
export type ListMovements = z.output<typeof listMovementsSchema>;

const EXAMPLE_MOVEMENT = {
  id: '8121',
  quantity: 12,
  reason: 'received',
  orderId: null,
  note: 'Llegó el pedido del tostador',
  createdBy: '5e6f7a8b-9c0d-4e1f-8a2b-3c4d5e6f7a8b',
  createdAt: '2026-03-02T15:04:05.000Z',
};
export const movementSchema = z
  .object({
    id: z.string(),
    quantity: z.int(),
    reason: z.enum(STOCK_REASONS),
    orderId: z.uuid().nullable(),
    note: z.string().nullable(),
    createdBy: z.uuid().nullable(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'StockMovement', example: EXAMPLE_MOVEMENT });
export type MovementView = z.output<typeof movementSchema>;
export const movementPageSchema = pageSchema(movementSchema).meta({ id: 'StockMovementPage' });

const EXAMPLE_HOLD = {
  holder: 'cart:1f2e3d4c-5b6a-4798-8a9b-0c1d2e3f4a5b',
  quantity: 2,
  expiresAt: '2026-03-02T15:34:05.000Z',
};
export const holdSchema = z
  .object({
    holder: z.string().describe('cart: and the id of the conversation'),
    quantity: z.int(),
    expiresAt: z.iso.datetime(),
  })
  .meta({ id: 'StockHold', example: EXAMPLE_HOLD });
export type HoldView = z.output<typeof holdSchema>;
export const holdPageSchema = pageSchema(holdSchema).meta({ id: 'StockHoldPage' });

export const listHoldsSchema = pageQuerySchema.extend({ sort: sortSchema(['holder', 'expiresAt'], 'holder') });
export type ListHolds = z.output<typeof listHoldsSchema>;

export const stockViewSchema = z
  .object({
    productId: z.uuid(),
    onHand: z.int().describe('Sum of the ledger'),
    held: z.int(),
    available: z.int().describe('onHand − held'),
    holds: z.array(holdSchema).describe('Live ones'),
    ledger: pageSchema(movementSchema).describe('Newest first'),
  })
  .meta({
    id: 'Stock',
    example: {
      productId: '0d9c8b7a-6f5e-4d3c-8b2a-190817263544',
      onHand: 40,
      held: 2,
      available: 38,
      holds: [EXAMPLE_HOLD],
      ledger: { items: [EXAMPLE_MOVEMENT], nextCursor: null },
    },
  });
export type StockView = z.output<typeof stockViewSchema>;
