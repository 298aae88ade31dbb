const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Waits between attempts, as Standard Webhooks 1.0 suggests ("Deliverability and reliability"): three days in all. */
export const RETRY_AFTER_MS: readonly number[] = [
  5_000,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
];

/** An endpoint none of whose deliveries got through for so long is stopped once one has used up its schedule. */
export const STOP_AFTER_MS = 5 * 24 * HOUR_MS;

const MAX_RETRY_AFTER_MS = 24 * HOUR_MS;
const JITTER = 0.1;

/**
 * @param attempt how many there were, from 1
 * @param askedMs what the receiver asked for by Retry-After; it may lengthen a wait, to a day at most
 * @param random 0 ≤ random < 1: spreads what failed together
 * @returns null when there are no more
 */
export function nextAttemptAfterMs(attempt: number, askedMs: number | undefined, random: number): number | null {
  const waitMs = RETRY_AFTER_MS[attempt - 1];
  if (waitMs === undefined) return null;
  return Math.max(Math.round(waitMs * (1 + JITTER * random)), Math.min(askedMs ?? 0, MAX_RETRY_AFTER_MS));
}
