import { z } from 'zod';
import { sortSchema } from '../platform/http/sorted-page.js';
import { instant } from '../platform/http/instant.js';
import { pageQuerySchema, pageSchema } from '../platform/http/page.js';
import { OUTGOING_EVENT_TYPES } from './outgoing-events.js';
import type { WebhookEndpoint } from './webhook-endpoint.entity.js';

const typeSchema = z.enum(OUTGOING_EVENT_TYPES);
const urlSchema = z
  .url({ protocol: /^https?$/ })
  .max(2000)
  .describe('https, on the public internet');
const typesSchema = z
  .array(typeSchema)
  .min(1)
  .max(OUTGOING_EVENT_TYPES.length)
  .overwrite((given) => [...new Set(given)]);
const descriptionSchema = z.string().trim().min(1).max(200).nullable();

export const listWebhooksSchema = pageQuerySchema.extend({ sort: sortSchema(['createdAt', 'url'], '-createdAt') });
export type ListWebhooks = z.output<typeof listWebhooksSchema>;

export const createWebhookSchema = z
  .strictObject({ url: urlSchema, types: typesSchema, description: descriptionSchema.default(null) })
  .meta({
    id: 'CreateWebhook',
    examples: [{ url: 'https://erp.example.com/dashoffice', types: ['order.placed', 'order.changed'] }],
  });
export type CreateWebhook = z.output<typeof createWebhookSchema>;

export const changeWebhookSchema = z
  .strictObject({
    url: urlSchema.optional(),
    types: typesSchema.optional(),
    description: descriptionSchema.optional(),
    isActive: z.boolean().optional().describe('false stops it, true starts it again'),
  })
  .meta({ id: 'ChangeWebhook', examples: [{ isActive: true }] });
export type ChangeWebhook = z.output<typeof changeWebhookSchema>;

const EXAMPLE = {
  id: 'e7d6c5b4-a392-4180-8f7e-6d5c4b3a2918',
  url: 'https://erp.example.com/dashoffice',
  description: null,
  types: ['order.placed', 'order.changed'],
  isActive: true,
  stoppedReason: null,
  failingSince: null,
  oldSecretUntil: null,
  revision: 1,
  createdAt: '2026-03-02T15:04:05.000Z',
  updatedAt: '2026-03-02T15:04:05.000Z',
};
export const webhookViewSchema = z
  .object({
    id: z.uuid(),
    url: z.string(),
    description: z.string().nullable(),
    types: z.array(typeSchema),
    isActive: z.boolean(),
    stoppedReason: z
      .enum(['person', 'gone', 'failing'])
      .nullable()
      .describe('gone: it answered 410; failing: nothing got through for days'),
    failingSince: z.iso.datetime().nullable().describe('Since when nothing got through'),
    oldSecretUntil: z.iso.datetime().nullable().describe('Until when the secret before this one signs too'),
    revision: z.int().describe('Also the ETag; send it back as If-Match: "<revision>"'),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'Webhook', example: EXAMPLE });
export type WebhookView = z.output<typeof webhookViewSchema>;
export const webhookPageSchema = pageSchema(webhookViewSchema).meta({ id: 'WebhookPage' });

export const newWebhookSchema = webhookViewSchema
  .extend({ secret: z.string().describe('Verifies signatures (Standard Webhooks). Shown here and never again') })
  .meta({ id: 'NewWebhook', example: { ...EXAMPLE, secret: 'whsec_Y18AjbL9txTr0svLi9nTwaQm1jVOT4FZ' } });
export type NewWebhook = z.output<typeof newWebhookSchema>;

export const eventTypesSchema = z
  .object({
    items: z.array(
      z.object({
        type: typeSchema,
        description: z.string(),
        subject: z.string().describe('The member of data that names what it is about; sequence grows within it'),
        example: z.looseObject({}).describe('What data looks like'),
      }),
    ),
  })
  .meta({
    id: 'WebhookEventTypes',
    example: {
      items: [
        {
          type: 'contact.changed',
          description: 'A contact was created or changed',
          subject: 'contactId',
          example: { contactId: '7b1f0a52-2f6e-4a37-9b3c-0a5f6e1d2c3b', revision: 3 },
        },
      ],
    },
  });
export type EventTypes = z.output<typeof eventTypesSchema>;

const DELIVERY_STATES = ['pending', 'delivered', 'dead'] as const;
export const listDeliveriesSchema = pageQuerySchema.extend({
  sort: sortSchema(['createdAt'], '-createdAt'),
  state: z.enum(DELIVERY_STATES).optional().describe('dead: the schedule is used up; replay brings it back'),
});
export type ListDeliveries = z.output<typeof listDeliveriesSchema>;

export const deliveryViewSchema = z
  .object({
    id: z.uuid(),
    eventId: z.uuid().describe('The header webhook-id: the same at every attempt and replay'),
    type: typeSchema,
    sequence: z.int(),
    data: z.looseObject({}),
    state: z.enum(DELIVERY_STATES),
    nextAttemptAt: z.iso.datetime().nullable().describe('Null when there is nothing more to try'),
    attempts: z
      .array(
        z.object({
          at: z.iso.datetime(),
          status: z.int().nullable().describe('Of the answer; null without one'),
          error: z.string().nullable(),
          durationMs: z.int(),
        }),
      )
      .describe('The latest thirty, oldest first'),
    createdAt: z.iso.datetime(),
  })
  .meta({
    id: 'WebhookDelivery',
    example: {
      id: 'f8e7d6c5-b4a3-4291-8f8e-7d6c5b4a3928',
      eventId: 'a1b2c3d4-e5f6-4708-9192-a3b4c5d6e7f8',
      type: 'contact.changed',
      sequence: 12,
      data: { contactId: '7b1f0a52-2f6e-4a37-9b3c-0a5f6e1d2c3b', revision: 3 },
      state: 'delivered',
      nextAttemptAt: null,
      attempts: [{ at: '2026-03-04T09:30:00.000Z', status: 204, error: null, durationMs: 84 }],
      createdAt: '2026-03-04T09:30:00.000Z',
    },
  });
export type DeliveryView = z.output<typeof deliveryViewSchema>;
export const deliveryPageSchema = pageSchema(deliveryViewSchema).meta({ id: 'WebhookDeliveryPage' });

export const replaySchema = z
  .strictObject({
    since: instant,
    until: instant.optional(),
    which: z
      .enum(['undelivered', 'all'])
      .default('undelivered')
      .describe('undelivered: dead ones and those never tried'),
  })
  .meta({ id: 'ReplayWebhook', examples: [{ since: '2026-03-02T00:00:00Z' }] });
export type Replay = z.output<typeof replaySchema>;
export const replayAnswerSchema = z
  .object({
    replayed: z.int(),
    nextSince: z.iso.datetime().nullable().describe('More is left: replay again since then'),
  })
  .meta({ id: 'WebhookReplay', example: { replayed: 12, nextSince: null } });
export type ReplayAnswer = z.output<typeof replayAnswerSchema>;

export function toWebhookView(endpoint: WebhookEndpoint): WebhookView {
  return {
    id: endpoint.id,
    url: endpoint.url,
    description: endpoint.description,
    types: endpoint.types,
    isActive: endpoint.isActive,
    stoppedReason: endpoint.stoppedReason,
    failingSince: endpoint.failingSince?.toISOString() ?? null,
    oldSecretUntil: endpoint.oldSecretUntil?.toISOString() ?? null,
    revision: endpoint.revision,
    createdAt: endpoint.createdAt.toISOString(),
    updatedAt: endpoint.updatedAt.toISOString(),
  };
}
