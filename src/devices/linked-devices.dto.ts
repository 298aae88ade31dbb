import { z } from 'zod';
import { SESSION_STATES } from './sessions/session-state.js';

const at = z.iso.datetime().nullable();

export const pairingCodeSchema = z
  .strictObject({ phoneNumber: z.e164().describe('Of the phone to link, with the leading plus') })
  .meta({ id: 'AskPairingCode', example: { phoneNumber: '+5215511111111' } });
export type AskPairingCode = z.infer<typeof pairingCodeSchema>;

export const linkedDeviceViewSchema = z
  .object({
    connectionId: z.uuid(),
    state: z.enum([...SESSION_STATES, 'restricted']).describe('restricted: open, and may not write to new people yet'),
    reason: z.string().nullable().describe('Why it is so, such as logged_out, banned or code_not_used'),
    phone: z.string().nullable().describe("The linked phone's number"),
    linkedAt: at,
    ageSeconds: z.int().nullable().describe('How long the phone has been linked'),
    lastOpenAt: at,
    lastInboundAt: at,
    nextConnectAt: at.describe('While it waits: when it tries again'),
    restrictedUntil: at,
    restrictionReason: z.string().nullable(),
  })
  .meta({ id: 'LinkedDevice' });
export type LinkedDeviceView = z.infer<typeof linkedDeviceViewSchema>;

export const linkCodeViewSchema = linkedDeviceViewSchema
  .extend({
    qr: z.string().nullable().describe('To draw as a QR code; WhatsApp on the phone: Linked devices'),
    pairingCode: z.string().nullable().describe('Eight characters to type on the phone'),
    codeExpiresAt: at,
  })
  .meta({ id: 'LinkCode' });
export type LinkCodeView = z.infer<typeof linkCodeViewSchema>;
