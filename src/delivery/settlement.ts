import type { OutboundContent } from '../messages/message-content.js';
import type { SendOutcome } from '../providers/whatsapp-provider.js';
import type { SendError } from './outbox/claimed-send.js';

/** After so many attempts a message that is still refused has failed. */
export const MAX_ATTEMPTS = 8;

const BACKOFF_BASE_MS = 1000;
const BACKOFF_CAP_MS = 5 * 60_000;
/** A wait that grows as the provider asked ends here, unless it began with more. */
const GROWTH_CAP_MS = 15 * 60_000;

/** What becomes of a leased row. `deferred`: it never left, so the attempt does not count. */
export type Settlement =
  | { readonly to: 'sent'; readonly providerMessageId: string; readonly sentAs?: OutboundContent }
  | { readonly to: 'pending'; readonly delayMs: number; readonly connectionId?: string; readonly error: SendError }
  | {
      readonly to: 'deferred';
      readonly delayMs: number;
      readonly connectionId?: string;
      readonly error?: SendError;
    }
  | { readonly to: 'unknown'; readonly error: SendError }
  | { readonly to: 'failed'; readonly error: SendError };

const RESTRICTION_MS = 60_000;

type Rejection = Extract<SendOutcome, { outcome: 'rejected' }>;

export type Circumstances = {
  /** Counts from 1. */
  readonly attempt: number;
  /** Another connection that may take it; null when there is none. */
  readonly otherConnectionId: string | null;
  /** The bot has a template for what came too late. */
  readonly mayTemplate: boolean;
  /** 0–1, spreads retries that failed together. */
  readonly jitter: number;
};

/**
 * Decides by what the outcome says of itself (INV-5): only what was refused before acceptance goes round again, and an
 * ambiguous outcome is never more than held.
 */
export function settle(
  outcome: SendOutcome,
  { attempt, otherConnectionId, mayTemplate, jitter }: Circumstances,
): Settlement {
  if (outcome.outcome === 'accepted') return { to: 'sent', providerMessageId: outcome.providerMessageId };
  if (outcome.outcome === 'unknown') {
    return { to: 'unknown', error: { code: 'unknown', class: 'unknown', reason: outcome.reason } };
  }
  const error = { code: outcome.code, class: outcome.class, reason: outcome.reason };
  switch (outcome.class) {
    case 'retry':
    case 'rate':
      if (attempt > (outcome.maxRepeats ?? MAX_ATTEMPTS))
        return { to: 'failed', error: { ...error, class: 'permanent' } };
      if (attempt >= MAX_ATTEMPTS) return { to: 'failed', error };
      // Once may be chance; whoever fails twice is left, where there is somebody else.
      if (outcome.class === 'retry' && attempt > 1 && otherConnectionId) {
        return { to: 'pending', delayMs: 0, connectionId: otherConnectionId, error };
      }
      if (isRestriction(outcome) && otherConnectionId) {
        return { to: 'pending', delayMs: 0, connectionId: otherConnectionId, error };
      }
      return { to: 'pending', delayMs: delayOf(outcome, attempt, jitter), error };
    case 'failover':
    case 'auth':
      if (!otherConnectionId || attempt >= MAX_ATTEMPTS) return { to: 'failed', error };
      return { to: 'pending', delayMs: 0, connectionId: otherConnectionId, error };
    case 'template':
      return mayTemplate && attempt < MAX_ATTEMPTS
        ? { to: 'pending', delayMs: 0, error: { ...error, code: 'window_closed' } }
        : { to: 'failed', error: { ...error, code: 'window_closed' } };
    default:
      return { to: 'failed', error };
  }
}

/** The number must be quiet for so long that whoever waits for an answer is better served by another connection. */
function isRestriction({ class: kind, slows, retryAfterMs = 0 }: Rejection): boolean {
  return kind === 'rate' && slows !== 'pair' && retryAfterMs >= RESTRICTION_MS;
}

/** How long the refusal keeps the number from writing to anybody first; 0: it does not. */
export function restrictionOf(outcome: Rejection): number {
  return outcome.restrictsMs ?? (isRestriction(outcome) ? (outcome.retryAfterMs ?? 0) : 0);
}

/** At least what the provider asked for. */
function delayOf({ retryAfterMs = 0, waitGrowth }: Rejection, attempt: number, jitter: number): number {
  const repeats = attempt - 1;
  const own =
    waitGrowth === undefined
      ? Math.min(BACKOFF_BASE_MS * 2 ** repeats, BACKOFF_CAP_MS)
      : Math.min(Math.max(retryAfterMs, BACKOFF_BASE_MS) * waitGrowth ** repeats, GROWTH_CAP_MS);
  return Math.round(Math.max(own, retryAfterMs) * (1 + jitter / 4));
}
