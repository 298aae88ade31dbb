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
  .meta({ id: 'QrCode' });
export type QrView = z.infer<typeof qrViewSchema>;
