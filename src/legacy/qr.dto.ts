import { z } from 'zod';
import { linkedDeviceViewSchema } from '../devices/linked-devices.dto.js';

export const qrQuerySchema = z.object({
  bot_id: z.uuid(),
  connection_id: z.uuid().optional().describe("Which of the bot's linked devices; the first one when absent"),
  format: z.enum(['json', 'png']).optional().describe('png: a picture to scan, as with Accept: image/png'),
});
export type QrQuery = z.infer<typeof qrQuerySchema>;

export const qrViewSchema = z
  .object({
    bot_id: z.uuid(),
    connection_id: z.uuid(),
    status: linkedDeviceViewSchema.shape.state,
    reason: z.string().nullable(),
    qr: z.string().nullable().describe('To draw as a QR code; null while none is shown, and when a phone is linked'),
    pairing_code: z.string().nullable(),
    expires_at: z.iso.datetime().nullable(),
  })
  .meta({
    id: 'QrCode',
    example: {
      bot_id: '8d5e2f14-90ab-4c3d-8e7f-1a2b3c4d5e6f',
      connection_id: '0190a5c8-3f7e-7c3a-9d52-5b8a4f0c1e11',
      status: 'pairing',
      reason: null,
      qr: '2@Y18AjbL9txTr0svLi9nTwaQm1jVOT4FZJ6PgYK6iepU=,3c7f4ac7b53a,4085974c2bbc',
      pairing_code: null,
      expires_at: '2026-03-04T09:30:20.000Z',
    },
  });
export type QrView = z.infer<typeof qrViewSchema>;
