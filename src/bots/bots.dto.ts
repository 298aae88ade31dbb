import { z } from 'zod';
import { pageSchema } from '../platform/http/page.js';

const LOCALES = ['es', 'en', 'pt'] as const;
const name = z.string().trim().min(1).max(120);
const locale = z.enum(LOCALES).describe('Spoken until the customer chooses another');
const lateAfterMs = z
  .int()
  .min(60_000)
  .max(86_400_000)
  .describe('A message older than this on arrival is shown to a person, not answered');
const quietMs = z.int().min(0).max(10_000).describe('Waits this long for the rest of what a customer is typing');

export const createBotSchema = z
  .strictObject({
    name,
    locale: locale.default('es'),
    lateAfterMs: lateAfterMs.default(600_000),
    quietMs: quietMs.default(0),
  })
  .meta({ id: 'CreateBot', examples: [{ name: 'Café Aurora', locale: 'es' }] });
export type CreateBot = z.output<typeof createBotSchema>;

export const changeBotSchema = z
  .strictObject({
    name: name.optional(),
    locale: locale.optional(),
    isActive: z.boolean().optional().describe('false: receives, and does not answer'),
    lateAfterMs: lateAfterMs.optional(),
    quietMs: quietMs.optional(),
  })
  .meta({ id: 'ChangeBot', examples: [{ quietMs: 1500 }] });
export type ChangeBot = z.output<typeof changeBotSchema>;

export const activateVersionSchema = z
  .strictObject({ versionId: z.uuid().describe('A published version of one of your flows') })
  .meta({ id: 'ActivateVersion' });
export type ActivateVersion = z.output<typeof activateVersionSchema>;

export const botViewSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    locale: z.enum(LOCALES),
    isActive: z.boolean(),
    activeVersionId: z.uuid().nullable().describe('What new conversations begin on'),
    lateAfterMs: z.int(),
    quietMs: z.int(),
    revision: z.int().describe('Also the ETag; send it back as If-Match: "<revision>"'),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'Bot' });
export const botPageSchema = pageSchema(botViewSchema).meta({ id: 'BotPage' });
