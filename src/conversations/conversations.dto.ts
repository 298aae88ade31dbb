import { z } from 'zod';
import { outboundContentSchema } from '../messages/message-content.js';
import { pageQuerySchema, pageSchema } from '../platform/http/page.js';
import { handoffSchema } from './handover/handoff.js';

export const MODES = ['bot', 'human'] as const;

const flag = z.stringbool({ truthy: ['true'], falsy: ['false'] });

export const listConversationsSchema = pageQuerySchema.extend({
  mode: z.enum(MODES).optional(),
  botId: z.uuid().optional(),
  contactId: z.uuid().optional(),
  parked: flag.optional(),
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
  .meta({ id: 'Conversation' });
export type ConversationView = z.infer<typeof conversationViewSchema>;
export const conversationPageSchema = pageSchema(conversationViewSchema);

export const messageViewSchema = z
  .object({
    id: z.string(),
    direction: z.enum(['in', 'out']),
    author: z.enum(['customer', 'bot', 'person', 'notice']),
    content: z.looseObject({}).describe('As it came in or was handed to the provider'),
    text: z.string().describe('Readable whatever the type'),
    at: z.iso.datetime(),
    isLate: z.boolean().describe('It came so late that the bot left it to a person'),
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
  .meta({ id: 'ConversationMessage' });
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
  .meta({ id: 'ConversationMessagePage' });
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
  .meta({ id: 'Reply', example: { text: 'Sí, te lo enviamos hoy' } });
export type Reply = z.infer<typeof replySchema>;

export const acceptedMessageSchema = z.object({ id: z.string() }).meta({ id: 'AcceptedMessage' });
export type AcceptedMessage = z.infer<typeof acceptedMessageSchema>;
