import { fileOf } from '../../messages/message-content.js';
import type { OutboundMessage, ProviderCapabilities } from '../whatsapp-provider.js';

export type FileRefusal = {
  readonly outcome: 'rejected';
  readonly class: 'failover' | 'permanent';
  readonly code: string;
  readonly reason: string;
};

/** Why a connection cannot send the file of a message, known before anything leaves; another connection may. Null when it can. */
export function refuseFile(
  { content, file }: OutboundMessage,
  { media }: Pick<ProviderCapabilities, 'media'>,
): FileRefusal | null {
  const carried = fileOf(content);
  if (!carried) return null;
  const limit = media[carried.media];
  if (!limit) return refuse('failover', 'MEDIA_UNSUPPORTED', `this connection sends no ${carried.media}`);
  if (carried.url !== undefined) return null;
  if (!file) return refuse('permanent', 'NO_FILE', 'the file is gone');
  if (file.sizeBytes > limit.maxBytes) {
    const reason = `the ${carried.media} has ${file.sizeBytes} bytes, and this connection takes at most ${limit.maxBytes}`;
    return refuse('failover', 'MEDIA_TOO_LARGE', reason);
  }
  if (limit.mimeTypes.length > 0 && !limit.mimeTypes.includes(file.mimeType)) {
    return refuse('failover', 'MEDIA_TYPE', `this connection sends no ${file.mimeType} as ${carried.media}`);
  }
  return null;
}

function refuse(rejection: FileRefusal['class'], code: string, reason: string): FileRefusal {
  return { outcome: 'rejected', class: rejection, code, reason };
}
