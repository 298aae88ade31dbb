import { createHash, randomUUID } from 'node:crypto';

/**
 * Id of a message that a request makes. The same request key gives the same id (a UUID of version 8, RFC 9562, 5.8), so
 * that a request that is run again makes no second message.
 */
export function messageIdFor(requestKey: string | null): string {
  if (requestKey === null) return randomUUID();
  const hex = createHash('sha256').update(requestKey).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
