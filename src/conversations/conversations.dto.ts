import { z } from 'zod';
import { outboundContentSchema } from '../messages/message-content.js';
import { EXACTLY_ONE_OF } from '../platform/http/either-or.js';
import { flag } from '../platform/http/flag.js';
import { pageQuerySchema, pageSchema } from '../platform/http/page.js';
import { handoffSchema } from './handover/handoff.js';

export const MODES = ['bot', 'human'] as const;

export const listConversationsSchema = pageQuerySchema.extend({
  mode: z.enum(MODES).optional(),
  botId: z.uuid().optional(),
  contactId: z.uuid().optional(),
  parked: flag.optional().describe('true: those the flow failed on; false: the others'),
  unanswered: flag.optional().describe('A person has it and has not answered since the customer last wrote'),
  order: z
    .enum(['recent', 'waiting'])
    .default('recent')
    .describe(
      'recent: the last to be written in first; waiting: the unanswered first, the longest waiting of them on top',
    ),
});
export type ListConversations = z.infer<typeof listConversationsSchema>;

export const conversationViewSchema = z
  .object({
    id: z.uuid(),
    botId: z.uuid(),
    connectionId: z.uuid(),
    contactId: z.uuid(),
    phone: z.string().nullable(),
    profileName: z.string().nullable().describe('What the customer calls themselves at the provider'),
    mode: z.enum(MODES).describe('human: a person answers and the bot is silent'),
    isParked: z.boolean().describe('The flow failed on this conversation; a person has to look'),
    parkedReason: z.string().nullable(),
    handoff: handoffSchema.nullable().describe('Why a person has it; null while the bot answers'),
    isUnanswered: z.boolean().describe('A person has it and has not answered since the customer last wrote'),
    versionId: z.uuid().nullable().describe('Flow version the running session is pinned to'),
    lastInAt: z.iso.datetime().nullable().describe('When the customer last wrote'),
    createdAt: z.iso.datetime(),
  })
  .meta({
    id: 'Conversation',
    example: {
      id: '1f2e3d4c-5b6a-4798-8a9b-0c1d2e3f4a5b',
      botId: '8d5e2f14-90ab-4c3d-8e7f-1a2b3c4d5e6f',
      connectionId: '0190a5c8-3f7e-7c3a-9d52-5b8a4f0c1e11',
      contactId: '7b1f0a52-2f6e-4a37-9b3c-0a5f6e1d2c3b',
      phone: '+525512345678',
      profileName: 'Marta',
      mode: 'bot',
      isParked: false,
      parkedReason: null,
      handoff: null,
      isUnanswered: false,
      versionId: '3f0c9a52-6d1e-4b7a-8c4d-2e5f60718293',
      lastInAt: '2026-03-04T09:30:00.000Z',
      createdAt: '2026-03-02T15:04:05.000Z',
    },
  });
export type ConversationView = z.infer<typeof conversationViewSchema>;
export const conversationPageSchema = pageSchema(conversationViewSchema).meta({ id: 'ConversationPage' });

const EXAMPLE_MESSAGE = {
  id: 'in:90412',
  direction: 'in',
  author: 'customer',
  content: { type: 'text', text: '¿Tienen café molido?' },
  text: '¿Tienen café molido?',
  at: '2026-03-04T09:30:00.000Z',
  isLate: false,
  delivery: null,
  error: null,
  providerMessageId: 'wamid.HBgNNTI1NTEyMzQ1Njc4FQIAEhgUM0E',
  file: null,
};
export const messageViewSchema = z
  .object({
    id: z.string(),
    direction: z.enum(['in', 'out']),
    author: z.enum(['customer', 'bot', 'person', 'notice']),
    content: z.looseObject({}).describe('As it came in or was handed to the provider'),
    text: z.string().describe('Readable whatever the type'),
    at: z.iso.datetime(),
    isLate: z.boolean().describe('It came later than the bot’s lateAfterMs; its latePolicy says who answers'),
    delivery: z
      .enum(['queued', 'sent', 'delivered', 'read', 'played', 'failed', 'unknown', 'cancelled'])
      .nullable()
      .describe('Null for what the customer sent'),
    error: z.looseObject({}).nullable(),
    providerMessageId: z.string().nullable().describe('What a message that quotes or reacts to this one names it by'),
    file: z
      .object({
        id: z.uuid(),
        state: z.enum(['waiting', 'stored', 'failed']).describe('waiting: still to be fetched from the provider'),
        mimeType: z.string(),
        filename: z.string().nullable(),
        sizeBytes: z.int().nullable(),
        error: z.string().nullable(),
        url: z.string().optional().describe('Opens without a token for an hour, below the address of this API'),
      })
      .nullable(),
  })
  .meta({ id: 'ConversationMessage', example: EXAMPLE_MESSAGE });
export type MessageView = z.infer<typeof messageViewSchema>;
export const listMessagesSchema = pageQuerySchema
  .extend({ after: z.string().max(500).optional().describe('A `newerCursor`: what was said since') })
  .refine(({ cursor, after }) => cursor === undefined || after === undefined, {
    path: ['after'],
    error: 'Either cursor or after',
  });
export type ListMessages = z.infer<typeof listMessagesSchema>;

/** Newest first, whichever way it was paged. */
export const messagePageSchema = pageSchema(messageViewSchema)
  .extend({
    nextCursor: z.string().nullable().describe('For `cursor`: the older ones; null at the beginning'),
    newerCursor: z.string().nullable().describe('For `after`: what is said later; null while nothing has been said'),
    hasNewer: z.boolean().describe('There are newer ones already'),
  })
  .meta({
    id: 'ConversationMessagePage',
    example: { items: [EXAMPLE_MESSAGE], nextCursor: null, newerCursor: 'WyI5MDQxMiJd', hasNewer: false },
  });
export type MessagePage = z.infer<typeof messagePageSchema>;

export const replySchema = z
  .strictObject({
    text: z.string().trim().min(1).max(4096).optional().describe('Plain text'),
    content: outboundContentSchema.optional().describe('In place of text: a file, a reaction, a quote, buttons …'),
  })
  .refine(({ text, content }) => (text === undefined) !== (content === undefined), {
    message: 'Either text or content',
    path: ['text'],
  })
  .meta({ id: 'Reply', [EXACTLY_ONE_OF]: ['text', 'content'], example: { text: 'Sí, te lo enviamos hoy' } });
export type Reply = z.infer<typeof replySchema>;

export const acceptedMessageSchema = z
  .object({ id: z.string() })
  .meta({ id: 'AcceptedMessage', example: { id: '90413' } });
export type AcceptedMessage = z.infer<typeof acceptedMessageSchema>;
