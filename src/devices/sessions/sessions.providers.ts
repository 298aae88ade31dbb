import type { FactoryProvider, Provider } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { SecretBox } from '../../platform/crypto/secret-box.js';
import { AuthState } from '../auth-state.js';
import { SocketFactory } from '../../providers/baileys/linked-socket.js';
import { OpenSessions } from '../open-sessions.js';
import { ConnectGate } from './connect-gate.js';
import { LinkCodes } from '../link-codes.js';
import { LinkedDevicesService } from '../linked-devices.service.js';
import { SessionKeeper } from './session-keeper.js';
import { SessionLeases } from './session-leases.js';
import { SessionNews } from './session-news.js';
import { SESSION_PARTS, SessionEvents, TIMING, type SessionParts } from './session-parts.js';
import { SessionRestrictions } from '../session-restrictions.js';
import { SESSION_METRIC_PROVIDERS, SessionMetrics } from './sessions.metrics.js';

const CONNECTING_AT_ONCE = 10;

/** By name in SessionParts, and in this order. */
const PARTS = [
  SessionLeases,
  SocketFactory,
  AuthState,
  OpenSessions,
  SessionEvents,
  SessionNews,
  SessionRestrictions,
  SecretBox,
  Clock,
] as const;

const sessionParts: FactoryProvider<SessionParts> = {
  provide: SESSION_PARTS,
  inject: [...PARTS],
  useFactory: (
    leases: SessionLeases,
    sockets: SocketFactory,
    auth: AuthState,
    open: OpenSessions,
    events: SessionEvents,
    news: SessionNews,
    restrictions: SessionRestrictions,
    box: SecretBox,
    clock: Clock,
  ) => ({
    leases,
    sockets,
    auth,
    open,
    events,
    news,
    restrictions,
    box,
    clock,
    gate: new ConnectGate(CONNECTING_AT_ONCE),
    timing: TIMING,
  }),
};

/** The life of linked devices. What is made of what they receive is bound to SessionEvents elsewhere. */
export const SESSION_PROVIDERS: Provider[] = [
  ...SESSION_METRIC_PROVIDERS,
  SessionMetrics,
  SessionLeases,
  SessionNews,
  SessionRestrictions,
  sessionParts,
  SessionKeeper,
  LinkCodes,
  LinkedDevicesService,
];
