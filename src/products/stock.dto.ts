import { z } from 'zod';
import { sortSchema } from '../platform/database/sorted-page.js';
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

export const movementSchema = z.object({
  id: z.string(),
  quantity: z.int(),
  reason: z.enum(STOCK_REASONS),
  orderId: z.uuid().nullable(),
  note: z.string().nullable(),
  createdBy: z.uuid().nullable(),
  createdAt: z.iso.datetime(),
});
export type MovementView = z.output<typeof movementSchema>;
export const movementPageSchema = pageSchema(movementSchema).meta({ id: 'StockMovementPage' });

export const holdSchema = z.object({
  holder: z.string().describe('cart: and the id of the conversation'),
  quantity: z.int(),
  expiresAt: z.iso.datetime(),
});
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
  .meta({ id: 'Stock' });
export type StockView = z.output<typeof stockViewSchema>;
