import { z } from 'zod';
import { MEDIA_KINDS } from '../messages/message-content.js';
import { MEDIA_STATES } from './media.entity.js';

export const mediaViewSchema = z
  .object({
    id: z.uuid(),
    state: z.enum(MEDIA_STATES).describe('waiting: still to be fetched from the provider; failed: it cannot be'),
    mimeType: z.string(),
    kind: z.enum(MEDIA_KINDS).describe('How WhatsApp sends such a file when nobody says otherwise'),
    filename: z.string().nullable(),
    sizeBytes: z.int().nullable(),
    sha256: z.string().nullable().describe('Hexadecimal'),
    url: z.string().nullable().describe('Opens without a token for an hour, below the address of this API'),
    error: z.string().nullable(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Media' });
export type MediaView = z.infer<typeof mediaViewSchema>;

export const mediaLinkSchema = z.strictObject({
  exp: z.coerce.number().int().min(0).max(99_999_999_999),
  sig: z.string().max(200),
});
export type MediaLink = z.infer<typeof mediaLinkSchema>;
