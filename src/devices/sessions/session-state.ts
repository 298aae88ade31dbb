/**
 * A linked device:
 *
 *   idle ── somebody asks for a link ──────────→ connecting
 *   connecting ── WhatsApp offers a code ──────→ qr, or pairing when a phone number was given
 *   qr, pairing ── scanned or typed; close 515 ─→ connecting, at once, with the new keys
 *               ── nobody did in time ──────────→ idle, until somebody asks again
 *   connecting ── taken in ────────────────────→ open
 *   open, connecting ── closed, may pass ──────→ waiting ── back-off over ──→ connecting
 *                    ── unlinked (401) ────────→ needs_pairing, keys erased
 *                    ── banned or refused ─────→ stopped, keys kept
 *   any ── logout ─────────────────────────────→ idle, keys erased
 *   needs_pairing, stopped ── somebody asks ───→ connecting
 *
 * `restricted` is told of a device that is open and may not write to people it does not know yet: see restrictedUntil.
 */
export const SESSION_STATES = [
  'idle',
  'connecting',
  'qr',
  'pairing',
  'open',
  'waiting',
  'needs_pairing',
  'stopped',
] as const;
export type SessionState = (typeof SESSION_STATES)[number];

/** States in which some process must hold the session. */
export const LIVE_STATES: readonly SessionState[] = ['connecting', 'qr', 'pairing', 'open', 'waiting'];
