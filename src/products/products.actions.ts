import { Injectable, type OnModuleInit } from '@nestjs/common';
import { z } from 'zod';
import { ActionRegistry, defineAction } from '../flows/action-registry.service.js';
import { ProductsService } from './products.service.js';

const offerSchema = z.object({
  id: z.uuid(),
  sku: z.string(),
  name: z.string().describe("In the conversation's language"),
  description: z.string(),
  priceMinor: z.int(),
  currency: z.string(),
  available: z.int(),
  category: z.string().nullable(),
  imageUrl: z.string().nullable(),
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
          text: z.string().max(200).nullish().describe('Empty or null: everything'),
          category: z.string().max(100).nullish().describe('Empty or null: every category'),
          limit: z.int().min(1).max(10).default(10),
        }),
        output: z.object({ items: z.array(offerSchema), categories: z.array(z.string()) }),
        errors: [],
        run: (tx, { tenantId, lang, now }, { text, category, limit }) => {
          const query = { text: text || undefined, category: category || undefined, limit, lang, now };
          return this.products.search(tx, tenantId, query);
        },
      }),
    );
  }
}
