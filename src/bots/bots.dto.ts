import { z } from 'zod';
import { isOneForm, ONE_FORM, TEMPLATE_PARTS, templateParamsSchema } from '../messages/template-content.js';
import { sortSchema } from '../platform/http/sorted-page.js';
import { pageQuerySchema, pageSchema } from '../platform/http/page.js';

const LOCALES = ['es', 'en', 'pt'] as const;
const name = z.string().trim().min(1).max(120);
const locale = z.enum(LOCALES).describe('Spoken until the customer chooses another');
const lateAfterMs = z
  .int()
  .min(60_000)
  .max(86_400_000)
  .describe('A message older than this on arrival is late: latePolicy says who answers');
const latePolicy = z
  .enum(['answer_if_last', 'hand_over'])
  .describe(
    'Of a late message after which neither the customer nor a person said anything: answer_if_last: the bot answers, or a person once it is older than 24 hours; hand_over: the customer is told that a person will answer',
  );
const quietMs = z.int().min(0).max(10_000).describe('Waits this long for the rest of what a customer is typing');
const failover = z
  .enum(['same_number', 'any_number'])
  .describe('Which connections may speak for one that cannot: those with the same number, or any of the bot');

const readReceipts = z
  .boolean()
  .describe('Marks what a customer writes as read and shows that the bot is writing, where the connection can');

const echoHandsOver = z
  .boolean()
  .describe('The bot falls silent when somebody answers from the phone or the Business app; false: it goes on');

const EXAMPLE_TEMPLATE = { name: 'seguimos_aqui', language: 'es_MX', params: ['{text}'] };
const templateParams = templateParamsSchema.describe(
  'Body parameters, in order; {text} stands for what the bot wanted to say, on one line',
);
export const windowTemplateSchema = z
  .strictObject({
    name: z.string().min(1).max(512).describe("Meta's name of an approved template, or Twilio's content id (HX…)"),
    language: z.string().min(2).max(16),
    params: templateParams,
    ...TEMPLATE_PARTS,
  })
  .meta({ id: 'WindowTemplate', example: EXAMPLE_TEMPLATE });
export type WindowTemplate = z.output<typeof windowTemplateSchema>;
const windowTemplate = windowTemplateSchema
  .extend({ params: templateParams.default([]) })
  .refine(isOneForm, ONE_FORM)
  .meta({ id: 'SetWindowTemplate', example: EXAMPLE_TEMPLATE })
  .nullable()
  .describe('Sent where free text may not go: more than 24 hours after the customer wrote; null: such messages fail');

export const listBotsSchema = pageQuerySchema.extend({ sort: sortSchema(['createdAt', 'name'], '-createdAt') });
export type ListBots = z.output<typeof listBotsSchema>;

export const createBotSchema = z
  .strictObject({
    name,
    locale: locale.default('es'),
    lateAfterMs: lateAfterMs.default(600_000),
    latePolicy: latePolicy.default('answer_if_last'),
    quietMs: quietMs.default(0),
    failover: failover.default('same_number'),
    windowTemplate: windowTemplate.default(null),
    readReceipts: readReceipts.default(false),
    echoHandsOver: echoHandsOver.default(true),
  })
  .meta({ id: 'CreateBot', examples: [{ name: 'Café Aurora', locale: 'es' }] });
export type CreateBot = z.output<typeof createBotSchema>;

export const changeBotSchema = z
  .strictObject({
    name: name.optional(),
    locale: locale.optional(),
    isActive: z.boolean().optional().describe('false: receives, and does not answer'),
    lateAfterMs: lateAfterMs.optional(),
    latePolicy: latePolicy.optional(),
    quietMs: quietMs.optional(),
    failover: failover.optional(),
    windowTemplate: windowTemplate.optional(),
    readReceipts: readReceipts.optional(),
    echoHandsOver: echoHandsOver.optional(),
  })
  .meta({ id: 'ChangeBot', examples: [{ quietMs: 1500 }] });
export type ChangeBot = z.output<typeof changeBotSchema>;

export const activateVersionSchema = z
  .strictObject({ versionId: z.uuid().describe('A published version of one of your flows') })
  .meta({ id: 'ActivateVersion', example: { versionId: '3f0c9a52-6d1e-4b7a-8c4d-2e5f60718293' } });
export type ActivateVersion = z.output<typeof activateVersionSchema>;

export const botViewSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    locale: z.enum(LOCALES),
    isActive: z.boolean(),
    activeVersionId: z.uuid().nullable().describe('What new conversations begin on'),
    lateAfterMs: z.int(),
    latePolicy: z.enum(['answer_if_last', 'hand_over']),
    quietMs: z.int(),
    failover: z.enum(['same_number', 'any_number']),
    windowTemplate: windowTemplateSchema.nullable(),
    readReceipts: z.boolean(),
    echoHandsOver: z.boolean(),
    revision: z.int().describe('Also the ETag; send it back as If-Match: "<revision>"'),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({
    id: 'Bot',
    example: {
      id: '8d5e2f14-90ab-4c3d-8e7f-1a2b3c4d5e6f',
      name: 'Café Aurora',
      locale: 'es',
      isActive: true,
      activeVersionId: '3f0c9a52-6d1e-4b7a-8c4d-2e5f60718293',
      lateAfterMs: 600_000,
      latePolicy: 'answer_if_last',
      quietMs: 1500,
      failover: 'same_number',
      windowTemplate: null,
      readReceipts: false,
      echoHandsOver: true,
      revision: 3,
      createdAt: '2026-03-02T15:04:05.000Z',
      updatedAt: '2026-03-04T09:30:00.000Z',
    },
  });
export const botPageSchema = pageSchema(botViewSchema).meta({ id: 'BotPage' });
