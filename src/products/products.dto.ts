import { z } from 'zod';
import { sortSchema } from '../platform/http/sorted-page.js';
import { flag } from '../platform/http/flag.js';
import { listSchema, pageQuerySchema, pageSchema } from '../platform/http/page.js';
import { localizedText } from './localized-text.js';
import { MAX_UNITS } from './stock.dto.js';

const longText = z.string().trim().max(2000);
export const MAX_OPTIONS = 3;
export const MAX_VARIANTS = 100;
export const MAX_IMAGES = 10;

/** Files of products list options with semicolons. */
const optionText = localizedText(60).refine(
  (text) => Object.values(text).every((each) => !each?.includes(';')),
  'Must not hold a semicolon',
);
const imageSchema = z.strictObject({
  url: z
    .url({ protocol: /^(https?|media)$/ })
    .max(2048)
    .regex(
      /^(https?:\/\/[^\s/]\S*|media:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/,
      'Must be an http(s) address without spaces, or media: and an id',
    )
    .meta({
      format: 'uri',
      description: 'An address, or media:<id> of a picture uploaded to /api/media',
      example: 'https://cafe.example/500.jpg',
    }),
});
const imageViewSchema = z.object({
  url: z.string(),
  link: z
    .string()
    .describe('What a browser opens; of an uploaded picture good for an hour, below the address of this API'),
});

export const productFields = {
  sku: z.string().trim().min(1).max(64),
  name: localizedText(200),
  description: z.strictObject({ es: longText.optional(), en: longText.optional(), pt: longText.optional() }),
  categoryId: z.uuid().nullable(),
  priceMinor: z.int().min(0).max(100_000_000_000).describe('Minor units of the currency'),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .describe("ISO 4217; must be the business's own"),
  images: z.array(imageSchema).max(MAX_IMAGES).describe('In the order they are shown'),
  isActive: z.boolean(),
  lowStockAt: z.int().min(0).max(MAX_UNITS).describe('Units at which stock counts as low'),
  initialStock: z.int().min(0).max(MAX_UNITS).default(0).describe('Units on hand; the first ledger entry'),
  optionNames: z
    .array(optionText)
    .max(MAX_OPTIONS)
    .describe('What its variants differ in, such as size; renamed freely, counted for good once there are variants'),
  optionValues: z
    .array(optionText)
    .min(1)
    .max(MAX_OPTIONS)
    .describe("The variant's value of each of the product's options, in their order"),
};

const variantPrice = productFields.priceMinor.nullable().describe("Null: the product's own price");
const { initialStock, optionNames, optionValues, ...plainFields } = productFields;
const { name: _name, description: _description, categoryId: _category, currency: _currency, ...shared } = plainFields;

export const createVariantSchema = z
  .strictObject({
    sku: shared.sku,
    optionValues,
    priceMinor: variantPrice.default(null),
    images: shared.images.default([]).describe("Empty: the product's"),
    isActive: shared.isActive.default(true),
    lowStockAt: shared.lowStockAt.default(0),
    initialStock,
  })
  .meta({
    id: 'CreateVariant',
    example: { sku: 'CAM-AZUL-M', optionValues: [{ es: 'M' }, { es: 'Azul', en: 'Blue' }], initialStock: 12 },
  });
export type CreateVariant = z.output<typeof createVariantSchema>;

export const changeVariantSchema = z
  .strictObject({ ...shared, optionValues, priceMinor: variantPrice })
  .partial()
  .meta({ id: 'ChangeVariant', example: { priceMinor: 24900 } });
export type ChangeVariant = z.output<typeof changeVariantSchema>;

export const createProductSchema = z
  .strictObject({
    sku: shared.sku,
    name: plainFields.name,
    description: plainFields.description.default({}),
    categoryId: plainFields.categoryId.default(null),
    priceMinor: shared.priceMinor,
    currency: plainFields.currency.optional(),
    images: shared.images.default([]),
    isActive: shared.isActive.default(true),
    lowStockAt: shared.lowStockAt.default(0),
    initialStock,
    optionNames: optionNames.default([]),
    variants: z.array(createVariantSchema).max(MAX_VARIANTS).default([]),
  })
  .refine(({ variants, initialStock: units }) => variants.length === 0 || units === 0, {
    error: 'A product with variants has no stock of its own',
    path: ['initialStock'],
  })
  .meta({
    id: 'CreateProduct',
    example: { sku: 'CAF-250', name: { es: 'Café de altura 250 g' }, priceMinor: 18900, initialStock: 40 },
  });
export type CreateProduct = z.output<typeof createProductSchema>;

export const changeProductSchema = z
  .strictObject({ ...plainFields, optionNames })
  .partial()
  .meta({ id: 'ChangeProduct', example: { priceMinor: 19900 } });
export type ChangeProduct = z.output<typeof changeProductSchema>;

export const listProductsSchema = pageQuerySchema.extend({
  text: z
    .string()
    .max(200)
    .optional()
    .describe('Words of name, SKU, options or category, best fit first; accents, case and a slip do not matter'),
  categoryId: z.uuid().optional().describe('In it or below it'),
  active: flag.optional().describe('true: for sale; false: not'),
  lowStock: flag.optional().describe('true: it or one of its variants is at its low-stock level'),
  sort: sortSchema(['sku', 'name', 'priceMinor', 'createdAt', 'updatedAt'], 'sku').describe(
    'A minus in front: downwards. With a text among those that fit equally well; names are the Spanish ones',
  ),
});
export type ListProducts = z.output<typeof listProductsSchema>;

const stockFields = {
  onHand: z.int().describe('Units in the ledger; of a product with variants theirs together'),
  available: z.int().describe('Units nobody holds'),
};
export const variantViewSchema = z
  .object({
    id: z.uuid().describe('What a cart or an order line names'),
    sku: z.string(),
    optionValues: z.array(localizedText(60)),
    priceMinor: z.int(),
    ownPriceMinor: z.int().nullable().describe("Null: the product's price"),
    images: z.array(imageViewSchema).describe("The product's when it has none of its own"),
    isActive: z.boolean(),
    lowStockAt: z.int(),
    ...stockFields,
    revision: z.int(),
  })
  .meta({
    id: 'Variant',
    example: {
      id: '0d9c8b7a-6f5e-4d3c-8b2a-190817263544',
      sku: 'CAF-250-M',
      optionValues: [{ es: 'Molido', en: 'Ground' }],
      priceMinor: 18_900,
      ownPriceMinor: null,
      images: [],
      isActive: true,
      lowStockAt: 5,
      onHand: 40,
      available: 38,
      revision: 1,
    },
  });
export const variantListSchema = listSchema(variantViewSchema, 'By SKU').meta({ id: 'VariantList' });
export type VariantView = z.output<typeof variantViewSchema>;

export const productViewSchema = z
  .object({
    id: z.uuid(),
    parentId: z.uuid().nullable().describe('Set when the id asked for is a variant: the product it belongs to'),
    sku: z.string(),
    name: productFields.name,
    description: productFields.description,
    categoryId: z.uuid().nullable(),
    category: z.string().nullable().describe('Spanish names from the top down, such as Ropa > Camisetas'),
    priceMinor: z.int(),
    currency: z.string(),
    images: z.array(imageViewSchema),
    isActive: z.boolean(),
    lowStockAt: z.int(),
    ...stockFields,
    optionNames: z.array(localizedText(60)),
    variants: z.array(variantViewSchema).describe('By SKU'),
    revision: z.int(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({
    id: 'Product',
    example: {
      id: '4a5b6c7d-8e9f-4a0b-9c1d-2e3f4a5b6c7d',
      parentId: null,
      sku: 'CAF-500',
      name: { es: 'Café de altura 500 g', en: 'Highland coffee 500 g' },
      description: { es: 'Notas de cacao' },
      categoryId: 'c0ffee00-1d2e-4f3a-8b4c-5d6e7f8091a2',
      category: 'Café en grano',
      priceMinor: 34_900,
      currency: 'MXN',
      images: [{ url: 'https://cafe.example/500.jpg', link: 'https://cafe.example/500.jpg' }],
      isActive: true,
      lowStockAt: 5,
      onHand: 12,
      available: 12,
      optionNames: [],
      variants: [],
      revision: 3,
      createdAt: '2026-03-02T15:04:05.000Z',
      updatedAt: '2026-03-04T09:30:00.000Z',
    },
  });
export type ProductView = z.output<typeof productViewSchema>;
export const productPageSchema = pageSchema(productViewSchema).meta({ id: 'ProductPage' });
