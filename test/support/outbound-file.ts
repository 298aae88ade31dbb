import { randomBytes, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { OutboundFile } from '../../src/providers/whatsapp-provider.js';

const PNG = Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47]), randomBytes(1000)]);

/** What the provider remembered, as the database would. */
export type RememberingFile = OutboundFile & { readonly validMs: number | null };

/** A file of ours as a strategy gets it: a picture, unless told otherwise. */
export function outboundFile(
  overrides: { bytes?: Buffer; mimeType?: string; filename?: string | null; publicUrl?: string | null } = {},
): RememberingFile {
  const { bytes = PNG, mimeType = 'image/png', filename = 'foto.png', publicUrl = null } = overrides;
  let kept: { id: string; validMs: number } | null = null;
  return {
    id: randomUUID(),
    mimeType,
    sizeBytes: bytes.length,
    filename,
    publicUrl,
    open: async () => Readable.from([bytes.subarray(0, 100), bytes.subarray(100)]),
    recall: async () => kept?.id ?? null,
    remember: async (id, validMs) => {
      kept = { id, validMs };
    },
    get validMs() {
      return kept?.validMs ?? null;
    },
  };
}
