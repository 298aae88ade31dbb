/**
 * What the end of a socket means (reference 5.3).
 *
 * restart: at once, with the saved keys · reconnect, reconnect_slowly: after a back-off · check_lease: somebody else may
 * hold the session · unlink: the keys are worth nothing any more · stop: keep the keys and call a person ·
 * await_request: nobody scanned the code; until somebody asks for another
 */
export type CloseAction =
  'restart' | 'reconnect' | 'reconnect_slowly' | 'check_lease' | 'unlink' | 'stop' | 'await_request';

type Rule = {
  readonly action: CloseAction;
  /** Stable; what the connection's health and the logs say. */
  readonly reason: string;
  /** After so many in a row the same code means something else. */
  readonly limit?: { readonly repeats: number; readonly action: CloseAction };
};

export const CLOSE_RULES: Readonly<Record<number, Rule>> = {
  401: { action: 'unlink', reason: 'logged_out' },
  402: { action: 'stop', reason: 'banned' },
  403: { action: 'stop', reason: 'banned' },
  405: { action: 'reconnect_slowly', reason: 'client_outdated', limit: { repeats: 3, action: 'stop' } },
  406: { action: 'stop', reason: 'banned' },
  408: { action: 'reconnect', reason: 'connection_lost' },
  411: { action: 'stop', reason: 'multidevice_mismatch' },
  428: { action: 'reconnect', reason: 'connection_closed' },
  440: { action: 'check_lease', reason: 'replaced' },
  500: { action: 'reconnect', reason: 'bad_session', limit: { repeats: 5, action: 'stop' } },
  503: { action: 'reconnect_slowly', reason: 'unavailable' },
  // Asked for without end it would be a loop without a pause.
  515: { action: 'restart', reason: 'restart_required', limit: { repeats: 5, action: 'reconnect' } },
};
const OTHERWISE: Rule = { action: 'reconnect', reason: 'unknown_close' };

export type Closed = {
  readonly code: number | null;
  readonly action: CloseAction;
  readonly reason: string;
  /** How often in a row it closed with this code, this time included. */
  readonly repeats: number;
};

/** @param before the code of the last close since the session was last open for a while, and how often in a row */
export function readClose(error: unknown, before: { code: number | null; repeats: number }): Closed {
  const code = codeOf(error);
  const repeats = code === before.code ? before.repeats + 1 : 1;
  if (code === 408 && messageOf(error).includes('QR refs attempts ended'))
    return { code, action: 'await_request', reason: 'code_not_used', repeats };
  const { action, reason, limit } = (code === null ? undefined : CLOSE_RULES[code]) ?? OTHERWISE;
  return { code, reason, repeats, action: limit && repeats >= limit.repeats ? limit.action : action };
}

/** Baileys throws Boom errors; the code may be missing. */
function codeOf(error: unknown): number | null {
  const output = error instanceof Error && 'output' in error ? error.output : undefined;
  const code = typeof output === 'object' && output && 'statusCode' in output ? output.statusCode : undefined;
  return typeof code === 'number' ? code : null;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : '';
}
