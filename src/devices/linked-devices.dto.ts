import { z } from 'zod';
import { SESSION_STATES } from './sessions/session-state.js';

const at = z.iso.datetime().nullable();

export const pairingCodeSchema = z
  .strictObject({ phoneNumber: z.e164().describe('Of the phone to link, with the leading plus') })
  .meta({ id: 'AskPairingCode', example: { phoneNumber: '+5215511111111' } });
export type AskPairingCode = z.infer<typeof pairingCodeSchema>;

const EXAMPLE = {
  connectionId: '0190a5c8-3f7e-7c3a-9d52-5b8a4f0c1e11',
  state: 'open',
  reason: null,
  phone: '+5215511111111',
  linkedAt: '2026-03-02T15:04:05.000Z',
  ageSeconds: 152_755,
  lastOpenAt: '2026-03-04T09:30:00.000Z',
  lastInboundAt: '2026-03-04T09:30:00.000Z',
  nextConnectAt: null,
  restrictedUntil: null,
  restrictionReason: null,
};
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
  .meta({ id: 'LinkedDevice', example: EXAMPLE });
export type LinkedDeviceView = z.infer<typeof linkedDeviceViewSchema>;

export const linkCodeViewSchema = linkedDeviceViewSchema
  .extend({
    qr: z.string().nullable().describe('To draw as a QR code; WhatsApp on the phone: Linked devices'),
    pairingCode: z.string().nullable().describe('Eight characters to type on the phone'),
    codeExpiresAt: at,
  })
  .meta({
    id: 'LinkCode',
    example: {
      ...EXAMPLE,
      state: 'pairing',
      phone: null,
      linkedAt: null,
      ageSeconds: null,
      lastOpenAt: null,
      lastInboundAt: null,
      qr: '2@Y18AjbL9txTr0svLi9nTwaQm1jVOT4FZJ6PgYK6iepU=,3c7f4ac7b53a,4085974c2bbc',
      pairingCode: null,
      codeExpiresAt: '2026-03-04T09:30:20.000Z',
    },
  });
export type LinkCodeView = z.infer<typeof linkCodeViewSchema>;
