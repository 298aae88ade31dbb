import { z } from 'zod';
import { EXACTLY_ONE_OF } from '../platform/http/either-or.js';
import { outboundContentSchema } from '../messages/message-content.js';
import { linkedDeviceViewSchema } from '../devices/linked-devices.dto.js';

/** The old system's contract: snake_case, and outside `/api`. */
export const sendSchema = z
  .strictObject({
    bot_id: z.uuid(),
    to: z
      .string()
      .regex(/^\+?[1-9]\d{5,14}$/, 'a phone number, E.164 with or without the plus')
      .describe("The customer's number, E.164 with or without the plus"),
    message: z.string().min(1).max(4096).optional().describe('Plain text'),
    content: outboundContentSchema.optional().describe('In place of message: a file, a template, buttons …'),
  })
  .refine(({ message, content }) => (message === undefined) !== (content === undefined), {
    message: 'Either message or content',
    path: ['message'],
  })
  .meta({
    id: 'SendMessage',
    [EXACTLY_ONE_OF]: ['message', 'content'],
    example: { bot_id: '3f0d3f6e-6b0a-4d6e-9d8e-0a7f4a1f2b3c', to: '+525511111111', message: 'Hola' },
  });
export type Send = z.infer<typeof sendSchema>;

export const sendViewSchema = z
  .object({ message_id: z.string(), status: z.literal('queued') })
  .meta({ id: 'QueuedMessage', example: { message_id: '6f1d2c3b-8a47-4c55-9a0e-2f4d7c1b9e10', status: 'queued' } });
export type SendView = z.infer<typeof sendViewSchema>;

export const botQuerySchema = z.object({ bot_id: z.uuid() });
export type BotQuery = z.infer<typeof botQuerySchema>;

export const statusViewSchema = z
  .object({
    bot_id: z.uuid(),
    status: z.enum(['connected', 'degraded', 'disconnected']).describe('That of the best connection'),
    connections: z.array(
      z.object({
        id: z.uuid(),
        provider: z.string(),
        name: z.string(),
        state: z.enum(['active', 'paused']),
        health: z.enum(['unknown', 'up', 'degraded', 'auth_lost']),
        health_reason: z.string().nullable(),
        linked_device: z
          .object({
            state: linkedDeviceViewSchema.shape.state,
            reason: z.string().nullable(),
            phone: z.string().nullable(),
            session_age_seconds: z.int().nullable().describe('How long the phone has been linked'),
            last_open_at: z.iso.datetime().nullable(),
            last_inbound_at: z.iso.datetime().nullable(),
            restricted_until: z.iso.datetime().nullable().describe('Until then it may not write to new people'),
          })
          .nullable()
          .describe('With provider baileys; null with the others'),
      }),
    ),
  })
  .meta({
    id: 'BotStatus',
    example: {
      bot_id: '8d5e2f14-90ab-4c3d-8e7f-1a2b3c4d5e6f',
      status: 'connected',
      connections: [
        {
          id: '0190a5c8-3f7e-7c3a-9d52-5b8a4f0c1e11',
          provider: 'official',
          name: 'Ventas',
          state: 'active',
          health: 'up',
          health_reason: null,
          linked_device: null,
        },
      ],
    },
  });
export type StatusView = z.infer<typeof statusViewSchema>;
