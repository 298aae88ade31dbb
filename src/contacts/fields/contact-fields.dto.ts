import { z } from 'zod';
import { listSchema } from '../../platform/http/page.js';

export const FIELD_TYPES = ['text', 'number', 'boolean', 'date', 'choice'] as const;
export type FieldType = (typeof FIELD_TYPES)[number];

export const fieldKeySchema = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,39}$/, 'Small letters, digits and _, beginning with a letter; at most 40');
const labelText = z.string().trim().min(1).max(80);
const labelSchema = z
  .strictObject({ es: labelText, en: labelText.optional(), pt: labelText.optional() })
  .describe('What people call it, per language');
const optionsSchema = z
  .array(z.string().trim().min(1).max(80))
  .max(100)
  .refine((options) => new Set(options).size === options.length, 'Each option once');

export const createContactFieldSchema = z
  .strictObject({
    key: fieldKeySchema,
    label: labelSchema,
    type: z.enum(FIELD_TYPES),
    options: optionsSchema.default([]).describe('Of a choice: what can be chosen'),
    position: z.int().min(0).max(1000).default(0),
  })
  .refine(({ type, options }) => (type === 'choice') === options.length > 0, {
    path: ['options'],
    error: 'A choice needs options, and nothing else has them',
  })
  .meta({ id: 'CreateContactField', examples: [{ key: 'birthday', label: { es: 'Cumpleaños' }, type: 'date' }] });
export type CreateContactField = z.output<typeof createContactFieldSchema>;

/** The key and the type stay: values are stored under one and read as the other. */
export const changeContactFieldSchema = z
  .strictObject({
    label: labelSchema.optional(),
    options: optionsSchema.min(1).optional().describe('Of a choice only; values that are no option any more stay'),
    position: z.int().min(0).max(1000).optional(),
  })
  .meta({ id: 'ChangeContactField', example: { label: { es: 'Cumpleaños', en: 'Birthday' }, position: 2 } });
export type ChangeContactField = z.output<typeof changeContactFieldSchema>;

export const contactFieldViewSchema = z
  .object({
    id: z.uuid(),
    key: z.string(),
    label: z.object({ es: z.string(), en: z.string().optional(), pt: z.string().optional() }),
    type: z.enum(FIELD_TYPES),
    options: z.array(z.string()),
    position: z.int(),
  })
  .meta({
    id: 'ContactField',
    example: {
      id: '2c9d4e6f-7a8b-4c1d-9e0f-3a4b5c6d7e8f',
      key: 'birthday',
      label: { es: 'Cumpleaños' },
      type: 'date',
      options: [],
      position: 0,
    },
  });
export type ContactFieldView = z.output<typeof contactFieldViewSchema>;
export const contactFieldsSchema = listSchema(contactFieldViewSchema).meta({ id: 'ContactFieldList' });
