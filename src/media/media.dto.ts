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
  .meta({
    id: 'Media',
    example: {
      id: 'a9b8c7d6-e5f4-4132-8021-0f1e2d3c4b5a',
      state: 'stored',
      mimeType: 'image/jpeg',
      kind: 'image',
      filename: 'taza.jpg',
      sizeBytes: 48_213,
      sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      url: '/media/a9b8c7d6-e5f4-4132-8021-0f1e2d3c4b5a?exp=1772614800&sig=Y18AjbL9txTr0svLi9nTwaQm1jVOT4FZJ6PgYK6iepU',
      error: null,
      createdAt: '2026-03-02T15:04:05.000Z',
    },
  });
export type MediaView = z.infer<typeof mediaViewSchema>;

export const mediaLinkSchema = z.strictObject({
  exp: z.coerce.number().int().min(0).max(99_999_999_999),
  sig: z.string().max(200),
});
export type MediaLink = z.infer<typeof mediaLinkSchema>;
