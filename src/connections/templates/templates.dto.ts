import { z } from 'zod';
import { pageQuerySchema, pageSchema } from '../../platform/http/page.js';

export const listTemplatesSchema = pageQuerySchema.extend({
  limit: z.coerce.number().int().min(1).max(50).default(20).describe('At most so many'),
});
export type ListTemplates = z.output<typeof listTemplatesSchema>;

export const templateSchema = z
  .object({
    name: z.string(),
    language: z.string(),
    status: z.string().describe('APPROVED is sent; REJECTED, PAUSED, DISABLED and others are not'),
    category: z.string().nullable().describe('MARKETING, UTILITY or AUTHENTICATION'),
    quality: z.string().nullable().describe('GREEN, YELLOW or RED; null: not known yet'),
    reason: z.string().nullable().describe('Why it was rejected or paused, as the provider puts it'),
    components: z
      .array(z.record(z.string(), z.unknown()))
      .describe('As the provider keeps them: what params, header, buttons and cards of a message fill'),
    noticedAt: z.iso.datetime().nullable().describe('When the provider last told of a change by itself'),
  })
  .meta({
    id: 'Template',
    example: {
      name: 'seguimos_aqui',
      language: 'es_MX',
      status: 'APPROVED',
      category: 'UTILITY',
      quality: 'GREEN',
      reason: null,
      components: [{ type: 'BODY', text: 'Hola {{1}}, su pedido está listo' }],
      noticedAt: '2026-03-04T09:30:00.000Z',
    },
  });
export type TemplateView = z.output<typeof templateSchema>;
export const templatePageSchema = pageSchema(templateSchema).meta({ id: 'TemplatePage' });
