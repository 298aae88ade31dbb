import { z } from 'zod';
import { sortSchema } from '../platform/http/sorted-page.js';
import { pageQuerySchema, pageSchema } from '../platform/http/page.js';

const LOCALES = ['es', 'en', 'pt'] as const;
export const MAX_TAGS = 50;

export const contactNameSchema = z.string().trim().min(1).max(120);
export const localeSchema = z.enum(LOCALES);
export const tagSchema = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N} _-]{0,39}$/u, 'Letters, digits, spaces, - and _; at most 40');
const tags = z
  .array(tagSchema)
  .max(MAX_TAGS)
  .overwrite((given) => [...new Set(given)]);
const phone = z.e164().describe('E.164, with the leading plus');

const fieldsSchema = z
  .record(z.string().max(40), z.union([z.string(), z.number(), z.boolean(), z.null()]))
  .describe("By key, of the shop's own fields; those not given stay, null clears");

/** Without an id: OpenAPI lists the fields of a query one by one. */
export const listContactsSchema = pageQuerySchema.extend({
  search: z.string().trim().min(1).max(120).optional().describe('Part of the name or of the number'),
  tag: tagSchema.optional(),
  field: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,39}:.{1,500}$/s, 'A key, a colon and a value')
    .optional()
    .describe("Value of one of the shop's own fields, such as city:Puebla"),
  sort: sortSchema(['createdAt', 'updatedAt', 'name'], '-createdAt'),
});
export type ListContacts = z.output<typeof listContactsSchema>;

export const createContactSchema = z
  .strictObject({
    phone,
    name: contactNameSchema.nullable().default(null),
    locale: localeSchema.nullable().default(null),
    tags: tags.default([]),
    fields: fieldsSchema.optional(),
  })
  .meta({
    id: 'CreateContact',
    examples: [{ phone: '+525512345678', name: 'Marta Ruiz', locale: 'es', tags: ['mayoreo'] }],
  });
export type CreateContact = z.output<typeof createContactSchema>;

export const changeContactSchema = z
  .strictObject({
    phone: phone.optional(),
    name: contactNameSchema.nullable().optional(),
    locale: localeSchema.nullable().optional().describe('null: the bot decides'),
    tags: tags.optional().describe('Replaces all of them'),
    fields: fieldsSchema.optional(),
  })
  .meta({ id: 'ChangeContact', examples: [{ name: 'Marta Ruiz', tags: ['mayoreo', 'vip'] }] });
export type ChangeContact = z.output<typeof changeContactSchema>;

export const contactViewSchema = z
  .object({
    id: z.uuid(),
    name: z.string().nullable(),
    phone: z.string().nullable().describe('null while WhatsApp hides it'),
    locale: localeSchema.nullable(),
    tags: z.array(z.string()),
    fields: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
      .describe("By key: the shop's own fields"),
    revision: z.int().describe('Also the ETag; send it back as If-Match: "<revision>"'),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({
    id: 'Contact',
    example: {
      id: '7b1f0a52-2f6e-4a37-9b3c-0a5f6e1d2c3b',
      name: 'Marta Ruiz',
      phone: '+525512345678',
      locale: 'es',
      tags: ['mayoreo'],
      fields: { birthday: '1990-05-17' },
      revision: 3,
      createdAt: '2026-03-02T15:04:05.000Z',
      updatedAt: '2026-03-04T09:30:00.000Z',
    },
  });
export const contactPageSchema = pageSchema(contactViewSchema).meta({ id: 'ContactPage' });

export const tagCountsSchema = z
  .object({ items: z.array(z.object({ tag: z.string(), contacts: z.int() })) })
  .meta({ id: 'ContactTags', example: { items: [{ tag: 'mayoreo', contacts: 14 }] } });
export type TagCounts = z.output<typeof tagCountsSchema>;
