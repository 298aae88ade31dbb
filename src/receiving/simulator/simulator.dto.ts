import { z } from 'zod';
import { AT_LEAST_ONE_OF } from '../../platform/http/either-or.js';
import { instant } from '../../platform/http/instant.js';
import { INBOUND_TYPES, outboundContentSchema } from '../../messages/message-content.js';

const customer = z
  .string()
  .regex(/^\+?[1-9]\d{5,14}$/, 'a phone number, with or without its plus')
  .describe("The customer's number, E.164 with or without the plus");

export const simulateMessageSchema = z
  .strictObject({
    from: customer,
    text: z.string().min(1).max(4096).optional(),
    choiceId: z.string().min(1).max(200).optional().describe('Taps the button or list entry with this id'),
    type: z.enum(INBOUND_TYPES).optional().describe('By default choice when choiceId is given, else text'),
    id: z.string().min(1).max(255).optional().describe('The same id again is the same message again'),
    quotes: z.string().min(1).max(255).optional().describe('Id of the message this one quotes or reacts to'),
    name: z.string().min(1).max(200).optional().describe('Profile name'),
  })
  .refine(({ text, choiceId, type }) => text !== undefined || choiceId !== undefined || type !== undefined, {
    path: ['text'],
    error: 'say something: text, choiceId or type',
  })
  .meta({
    id: 'SimulateMessage',
    [AT_LEAST_ONE_OF]: ['text', 'choiceId', 'type'],
    example: { from: '+525511111111', text: 'hola', name: 'Ana' },
  });
export type SimulateMessage = z.infer<typeof simulateMessageSchema>;

export const simulatedViewSchema = z
  .object({ id: z.string().describe('Id of the message on the simulated connection') })
  .meta({ id: 'SimulatedMessage', example: { id: 'sim-0190a5c8-3f7e-7c3a-9d52-5b8a4f0c1e11' } });
export type SimulatedView = z.infer<typeof simulatedViewSchema>;

export const chatQuerySchema = z.strictObject({
  from: customer,
  after: instant.optional().describe('`asOf` of the last answer; absent means all'),
});
export type ChatQuery = z.infer<typeof chatQuerySchema>;

export const chatViewSchema = z
  .object({
    items: z
      .array(
        z.discriminatedUnion('direction', [
          z.object({
            id: z.string(),
            direction: z.literal('in'),
            at: z.iso.datetime(),
            type: z.enum(INBOUND_TYPES),
            text: z.string(),
          }),
          z.object({
            id: z.string(),
            direction: z.literal('out'),
            at: z.iso.datetime(),
            content: outboundContentSchema,
            delivery: z.enum(['pending', 'sent', 'delivered', 'read', 'failed']),
          }),
        ]),
      )
      .describe('Oldest first, new or changed since `after`; the same id again replaces what it was'),
    isTyping: z.boolean().describe('The bot has something to process or to send'),
    mode: z.enum(['bot', 'human']).nullable().describe('null before the first message'),
    asOf: z.iso.datetime().describe('Give it back as `after`; some items may come twice, none is left out'),
  })
  .meta({
    id: 'SimulatorChat',
    example: {
      items: [
        { id: '90412', direction: 'in', at: '2026-03-04T09:30:00.000Z', type: 'text', text: 'hola' },
        {
          id: '70311',
          direction: 'out',
          at: '2026-03-04T09:30:00.200Z',
          content: { kind: 'text', text: '¡Hola! ¿En qué le ayudo?' },
          delivery: 'read',
        },
      ],
      isTyping: false,
      mode: 'bot',
      asOf: '2026-03-04T09:30:01.000Z',
    },
  });
export type ChatView = z.infer<typeof chatViewSchema>;
export type ChatItem = ChatView['items'][number];
