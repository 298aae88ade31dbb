import { z } from 'zod';
import { pageQuerySchema, pageSchema } from '../platform/http/page.js';

const nameText = z.string().trim().min(1).max(200);
const longText = z.string().trim().max(2000);
const MAX_UNITS = 1_000_000;

const nameSchema = z
  .strictObject({ es: nameText, en: nameText.optional(), pt: nameText.optional() })
  .describe('Per language; Spanish stands in for a missing one');
const descriptionSchema = z.strictObject({ es: longText.optional(), en: longText.optional(), pt: longText.optional() });

const fields = {
  sku: z.string().trim().min(1).max(64),
  name: nameSchema,
  description: descriptionSchema,
  category: z.string().trim().min(1).max(100).nullable(),
  priceMinor: z.int().min(0).max(100_000_000_000).describe('Minor units of the currency'),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .describe("ISO 4217; must be the business's own"),
  imageUrl: z
    .url({ protocol: /^https?$/ })
    .max(2048)
    .nullable(),
  isActive: z.boolean(),
  lowStockAt: z.int().min(0).max(MAX_UNITS).describe('Units at which stock counts as low'),
};

export const createProductSchema = z
  .strictObject({
    sku: fields.sku,
    name: fields.name,
    description: fields.description.default({}),
    category: fields.category.default(null),
    priceMinor: fields.priceMinor,
    currency: fields.currency.optional(),
    imageUrl: fields.imageUrl.default(null),
    isActive: fields.isActive.default(true),
    lowStockAt: fields.lowStockAt.default(0),
    initialStock: z.int().min(0).max(MAX_UNITS).default(0).describe('Units on hand; the first ledger entry'),
  })
  .meta({
    id: 'CreateProduct',
    example: {
      sku: 'CAF-250',
      name: { es: 'Café de altura 250 g' },
      priceMinor: 18900,
      category: 'Café',
      initialStock: 40,
    },
  });
export type CreateProduct = z.output<typeof createProductSchema>;

export const changeProductSchema = z
  .strictObject(fields)
  .partial()
  .meta({ id: 'ChangeProduct', example: { priceMinor: 19900 } });
export type ChangeProduct = z.output<typeof changeProductSchema>;

export const listProductsSchema = pageQuerySchema.extend({
  text: z.string().max(200).optional().describe('Words of name, SKU or category; accents and case do not matter'),
  category: z.string().max(100).optional(),
  active: z.stringbool({ truthy: ['true'], falsy: ['false'] }).optional(),
});
export type ListProducts = z.output<typeof listProductsSchema>;

export const productViewSchema = z
  .object({
    id: z.uuid(),
    sku: z.string(),
    name: nameSchema,
    description: descriptionSchema,
    category: z.string().nullable(),
    priceMinor: z.int(),
    currency: z.string(),
    imageUrl: z.string().nullable(),
    isActive: z.boolean(),
    lowStockAt: z.int(),
    onHand: z.int().describe('Units in the ledger'),
    available: z.int().describe('Units nobody holds'),
    revision: z.int(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'Product' });
export const productPageSchema = pageSchema(productViewSchema).meta({ id: 'ProductPage' });

export const adjustStockSchema = z
  .strictObject({
    quantity: z
      .int()
      .min(-MAX_UNITS)
      .max(MAX_UNITS)
      .refine((units) => units !== 0, 'Must not be zero')
      .describe('Units to add; negative takes away'),
    note: z.string().trim().min(1).max(500).nullable().default(null),
  })
  .meta({ id: 'AdjustStock', example: { quantity: 12, note: 'Llegó el pedido del tostador' } });
export type AdjustStock = z.output<typeof adjustStockSchema>;

const movementSchema = z.object({
  id: z.string(),
  quantity: z.int(),
  reason: z.enum(['initial', 'adjustment', 'sale', 'cancellation']),
  orderId: z.uuid().nullable(),
  note: z.string().nullable(),
  createdBy: z.uuid().nullable(),
  createdAt: z.iso.datetime(),
});

export const stockViewSchema = z
  .object({
    productId: z.uuid(),
    onHand: z.int().describe('Sum of the ledger'),
    held: z.int(),
    available: z.int().describe('onHand − held'),
    holds: z
      .array(z.object({ holder: z.string(), quantity: z.int(), expiresAt: z.iso.datetime() }))
      .describe('Live ones'),
    ledger: pageSchema(movementSchema).describe('Newest first'),
  })
  .meta({ id: 'Stock' });
