import { z } from 'zod';
import { listSchema } from '../../platform/http/page.js';
import { localizedText } from '../localized-text.js';

export const MAX_DEPTH = 3;
export const MAX_CATEGORIES = 500;

/** Paths are written `Ropa > Camisetas`. */
const nameSchema = localizedText(60).refine(({ es }) => !es.includes('>'), { error: 'Must not hold >', path: ['es'] });
const fields = {
  name: nameSchema,
  parentId: z.uuid().nullable().describe('Null: at the top. At most three levels'),
  position: z.int().min(0).max(10_000).describe('Among its siblings, lowest first'),
};

export const createCategorySchema = z
  .strictObject({ ...fields, parentId: fields.parentId.default(null), position: fields.position.default(0) })
  .meta({ id: 'CreateCategory', example: { name: { es: 'Camisetas', en: 'T-shirts', pt: 'Camisetas' } } });
export type CreateCategory = z.output<typeof createCategorySchema>;

export const changeCategorySchema = z
  .strictObject(fields)
  .partial()
  .meta({ id: 'ChangeCategory', example: { position: 2 } });
export type ChangeCategory = z.output<typeof changeCategorySchema>;

export const categoryViewSchema = z
  .object({
    id: z.uuid(),
    parentId: z.uuid().nullable(),
    name: nameSchema,
    path: z.string().describe('Spanish names from the top down'),
    depth: z.int().min(1).max(MAX_DEPTH),
    position: z.int(),
    productCount: z.int().describe('Directly in it'),
    revision: z.int(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({
    id: 'Category',
    example: {
      id: 'c0ffee00-1d2e-4f3a-8b4c-5d6e7f8091a2',
      parentId: null,
      name: { es: 'Café en grano', en: 'Coffee beans' },
      path: 'Café en grano',
      depth: 1,
      position: 0,
      productCount: 6,
      revision: 3,
      createdAt: '2026-03-02T15:04:05.000Z',
      updatedAt: '2026-03-04T09:30:00.000Z',
    },
  });
export type CategoryView = z.output<typeof categoryViewSchema>;

export const categoryListSchema = listSchema(categoryViewSchema, 'The whole tree, each before its children').meta({
  id: 'CategoryList',
});
export type CategoryList = z.output<typeof categoryListSchema>;
