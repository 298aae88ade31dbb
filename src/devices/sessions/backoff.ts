import type { CloseAction } from './close-codes.js';

export const MAX_BACKOFF_MS = 300_000;
/** Open for so long, a session counts as well: the next close begins with the shortest wait. */
export const HELD_MS = 180_000;
const FIRST_WAIT_MS: Readonly<Partial<Record<CloseAction, number>>> = {
  restart: 0,
  reconnect: 1000,
  reconnect_slowly: 15_000,
  // Two holders that come back quickly would evict each other for ever.
  check_lease: 60_000,
};

/**
 * @param attempts connections in a row before this one that did not hold
 * @param random 0–1: spreads what closed together
 * @returns milliseconds until the next try: 1–2 s at first, never more than 5 minutes
 */
export function backoffMs(action: CloseAction, attempts: number, random: number): number {
  const first = FIRST_WAIT_MS[action] ?? MAX_BACKOFF_MS;
  const grown = first * 2 ** Math.min(attempts, 20);
  return Math.round(Math.min(MAX_BACKOFF_MS, grown) * (1 + random) * (grown >= MAX_BACKOFF_MS ? 0.5 : 1));
}
