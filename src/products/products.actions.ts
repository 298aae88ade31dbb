import { Injectable, type OnModuleInit } from '@nestjs/common';
import { z } from 'zod';
import { ActionRegistry, defineAction } from '../flows/action-registry.service.js';
import { ProductsService } from './products.service.js';

const offerSchema = z.object({
  id: z.uuid(),
  sku: z.string(),
  name: z.string().describe("In the conversation's language, of a variant with its options"),
  description: z.string(),
  priceMinor: z.int(),
  currency: z.string(),
  available: z.int(),
  category: z.string().nullable(),
  imageUrl: z.string().nullable().describe('An address, or media:<id>; a message step takes either'),
  hasVariants: z.boolean().describe('True only when grouped: one of its variants goes into the cart, not itself'),
});

/** What flows may do with the catalogue. */
@Injectable()
export class ProductsActions implements OnModuleInit {
  constructor(
    private readonly registry: ActionRegistry,
    private readonly products: ProductsService,
  ) {}

  onModuleInit(): void {
    this.registry.register(
      defineAction({
        name: 'products.search',
        input: z.strictObject({
          text: z.string().max(200).nullish().describe('Empty or null: everything. Accents and a slip do not matter'),
          category: z.string().max(100).nullish().describe('A name in any language. Empty or null: every category'),
          grouped: z.boolean().default(false).describe('Products, not their variants; ask products.variants for those'),
          limit: z.int().min(1).max(10).default(10),
        }),
        output: z.object({
          items: z.array(offerSchema),
          categories: z.array(z.string()).describe('At the top, with something for sale'),
          subcategories: z.array(z.string()).describe('Of the category asked for, with something for sale'),
        }),
        errors: [],
        run: (tx, { tenantId, lang, now }, { text, category, grouped, limit }) => {
          const query = {
            text: text || undefined,
            category: category || undefined,
            isGrouped: grouped,
            limit,
            lang,
            now,
          };
          return this.products.search(tx, tenantId, query);
        },
      }),
    );
    this.registry.register(
      defineAction({
        name: 'products.variants',
        input: z.strictObject({ productId: z.uuid() }),
        output: z.object({ items: z.array(offerSchema).describe('In stock; the product itself when it has none') }),
        errors: [],
        run: async (tx, { tenantId, lang, now }, { productId }) => ({
          items: await this.products.listVariants(tx, tenantId, { productId, lang, now }),
        }),
      }),
    );
  }
}
