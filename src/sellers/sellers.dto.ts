import { z } from 'zod';
import { pageQuerySchema, pageSchema } from '../platform/http/page.js';

const fields = {
  name: z.string().trim().min(1).max(100),
  phone: z.e164().describe('E.164, with the leading plus'),
  userId: z.uuid().nullable().describe('The user who signs in as this seller'),
  isActive: z.boolean().describe('false pauses: no new orders'),
};

export const createSellerSchema = z
  .strictObject({ ...fields, userId: fields.userId.default(null), isActive: fields.isActive.default(true) })
  .meta({ id: 'CreateSeller', example: { name: 'Lupita Hernández', phone: '+5215512345678' } });
export type CreateSeller = z.output<typeof createSellerSchema>;

export const changeSellerSchema = z
  .strictObject(fields)
  .partial()
  .meta({ id: 'ChangeSeller', example: { isActive: false } });
export type ChangeSeller = z.output<typeof changeSellerSchema>;

export const listSellersSchema = pageQuerySchema.extend({
  active: z.stringbool({ truthy: ['true'], falsy: ['false'] }).optional(),
});
export type ListSellers = z.output<typeof listSellersSchema>;

export const sellerViewSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    phone: z.string(),
    userId: z.uuid().nullable(),
    isActive: z.boolean(),
    lastAssignedAt: z.iso.datetime().nullable(),
    revision: z.int(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'Seller' });
export type SellerView = z.output<typeof sellerViewSchema>;
export const sellerPageSchema = pageSchema(sellerViewSchema).meta({ id: 'SellerPage' });
