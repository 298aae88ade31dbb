import { z } from 'zod';
import { EXACTLY_ONE_OF } from '../../platform/http/either-or.js';

/** What a tenant enters to connect a WhatsApp sender of Twilio: one number, or a Messaging Service that picks one. */
export const twilioCredentialsSchema = z
  .strictObject({
    accountSid: z
      .string()
      .regex(/^AC[0-9a-fA-F]{32}$/, 'AC and 32 hex digits')
      .describe('Account SID, from the Twilio console'),
    authToken: z
      .string()
      .regex(/^[\x21-\x7e]{1,128}$/, 'visible ASCII without spaces')
      .describe('Primary auth token of that account: sends, and proves the webhooks. An API key cannot do the second'),
    from: z
      .string()
      .regex(/^(whatsapp:)?\+[1-9]\d{6,14}$/, 'an E.164 number, such as +14155238886')
      .optional()
      .describe('The WhatsApp sender. Exactly one of from and messagingServiceSid'),
    messagingServiceSid: z
      .string()
      .regex(/^MG[0-9a-fA-F]{32}$/, 'MG and 32 hex digits')
      .optional()
      .describe('Messaging Service with WhatsApp senders. Exactly one of from and messagingServiceSid'),
  })
  .refine(({ from, messagingServiceSid }) => (from === undefined) !== (messagingServiceSid === undefined), {
    path: ['from'],
    error: 'exactly one of from and messagingServiceSid',
  })
  .meta({ id: 'TwilioCredentials', [EXACTLY_ONE_OF]: ['from', 'messagingServiceSid'] });
export type TwilioCredentials = z.infer<typeof twilioCredentialsSchema>;
