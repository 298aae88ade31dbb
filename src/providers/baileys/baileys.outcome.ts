import type { RejectionClass, SendOutcome } from '../whatsapp-provider.js';

type Refusal = Omit<Extract<SendOutcome, { outcome: 'rejected' }>, 'outcome' | 'code' | 'reason'>;

/** Close codes that `sendMessage` throws (reference 5.5 and 5.7). What is not here may have left: unknown. */
const BY_CODE: Readonly<Record<number, Refusal>> = {
  // Nothing could be made of the content.
  400: { class: 'permanent' },
  401: { class: 'auth' },
  403: { class: 'auth' },
  411: { class: 'auth' },
  // The socket was closed before anything was written to it.
  428: { class: 'retry', retryAfterMs: 2_000 },
  // No device of the receiver could be encrypted for; sessions are made anew meanwhile.
  500: { class: 'retry', retryAfterMs: 5_000, maxRepeats: 3 },
};

/** Uploads go over HTTPS before anything is written to the socket. */
const UPLOAD_FAILED = /media upload failed|failed to (fetch|upload)|upload .*failed/i;

/** What it means that `sendMessage` threw (INV-5): refused only where it is certain that nothing left. */
export function toLinkedOutcome(error: unknown): SendOutcome {
  const reason = (error instanceof Error ? error.message || error.name : String(error)).slice(0, 500);
  if (UPLOAD_FAILED.test(reason)) {
    return { outcome: 'rejected', class: 'retry', code: 'UPLOAD_FAILED', reason, retryAfterMs: 5_000, maxRepeats: 3 };
  }
  const code = closeCodeOf(error);
  const refusal = code === undefined ? undefined : BY_CODE[code];
  if (code === undefined || !refusal) return { outcome: 'unknown', reason: code ? `${code}: ${reason}` : reason };
  return { outcome: 'rejected', code: String(code), reason, ...refusal };
}

export function closeCodeOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('output' in error)) return undefined;
  const { output } = error;
  if (typeof output !== 'object' || output === null || !('statusCode' in output)) return undefined;
  return typeof output.statusCode === 'number' ? output.statusCode : undefined;
}

/** Codes of WhatsApp's late refusals, which come as a status (reference 5.5). */
export const RESTRICTED = '463';
export const STALE_DEVICES = '479';

const LATE: Readonly<Record<string, { class: RejectionClass; reason: string }>> = {
  [RESTRICTED]: { class: 'failover', reason: 'WhatsApp lets this number write first to nobody for now' },
  [STALE_DEVICES]: { class: 'permanent', reason: 'WhatsApp refused the message twice as malformed' },
};

export function toLateRefusal(code: string | null): { code: string; class: RejectionClass; reason: string } {
  const known = code === null ? undefined : LATE[code];
  if (known) return { code: code ?? 'ERROR', ...known };
  // Without a code nothing speaks against another way; an unlisted one may be about the message.
  return {
    code: code ?? 'ERROR',
    class: code === null ? 'failover' : 'permanent',
    reason: 'WhatsApp refused the message',
  };
}
