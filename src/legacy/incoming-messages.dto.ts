import { z } from 'zod';
import { toStorableText } from '../messages/storable.js';

export const oldMessageSchema = z
  .strictObject({
    bot_id: z.uuid(),
    from: z
      .string()
      .regex(/^\+?[1-9][0-9]{5,14}$/, 'must be a phone number with country code')
      .describe('The customer, with country code'),
    // What a customer wrote is not lost for a character that cannot be stored.
    message: z
      .string()
      .overwrite((text) => toStorableText(text))
      .min(1)
      .max(4096),
    message_id: z.string().min(1).max(200).optional().describe('Tells this message from others; made up if absent'),
  })
  .meta({
    id: 'IncomingMessage',
    examples: [{ bot_id: '0190a5c8-3f7e-7c3a-9d52-5b8a4f0c1e11', from: '+5215512345678', message: 'Hola' }],
  });
export type OldMessage = z.infer<typeof oldMessageSchema>;
export const oldMessageAnswerSchema = z
  .object({ status: z.literal('accepted'), message_id: z.string() })
  .meta({ id: 'IncomingMessageAnswer', example: { status: 'accepted', message_id: 'old-5512' } });
export type OldMessageAnswer = z.infer<typeof oldMessageAnswerSchema>;
