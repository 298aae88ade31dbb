import type { Clock } from '../../platform/clock.js';
import type { SecretBox } from '../../platform/crypto/secret-box.js';
import type { AuthState } from '../auth-state.js';
import type { LinkedContent, LinkedKey, OpenSession, SocketFactory } from '../../providers/baileys/linked-socket.js';
import type { OpenSessions } from '../open-sessions.js';
import type { ConnectGate } from './connect-gate.js';
import type { SessionLeases } from './session-leases.js';
import type { SessionNews } from './session-news.js';
import type { SessionRestrictions } from '../session-restrictions.js';

/** What a message path makes of an open session; see LinkedEvents. */
export abstract class SessionEvents {
  /** @returns a function that ends it and resolves when what was delivered is stored */
  abstract attach(session: OpenSession): () => Promise<void>;
  abstract findSent(session: Omit<OpenSession, 'socket'>, key: LinkedKey): Promise<LinkedContent | undefined>;
}

export type SessionTiming = {
  /** Without a code or an open connection by then, the socket counts as dead: some ends tell nothing at all. */
  readonly watchdogMs: number;
  /** How long an answer of WhatsApp's server is waited for. */
  readonly answerMs: number;
  /** Multiplies every back-off. */
  readonly backoffScale: number;
  /** What came in is written down at most so often. */
  readonly flushMs: number;
};

export const TIMING: SessionTiming = { watchdogMs: 30_000, answerMs: 30_000, backoffScale: 1, flushMs: 15_000 };

export const SESSION_PARTS = Symbol('SESSION_PARTS');

/** What every session of a process works with. */
export type SessionParts = {
  readonly leases: SessionLeases;
  readonly sockets: SocketFactory;
  readonly auth: AuthState;
  readonly open: OpenSessions;
  readonly events: SessionEvents;
  readonly news: SessionNews;
  readonly restrictions: SessionRestrictions;
  readonly box: SecretBox;
  readonly clock: Clock;
  readonly gate: ConnectGate;
  readonly timing: SessionTiming;
};
