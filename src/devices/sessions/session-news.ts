import { Injectable, Logger } from '@nestjs/common';
import { LiveEvents } from '../../platform/live-events.js';
import type { ConnectionHealth } from '../../connections/connection-directory.service.js';
import { SILENT } from '../../connections/health/connection-health.sql.js';
import { ConnectionDirectory } from '../../connections/connection-directory.service.js';
import type { HeldSession } from './session-leases.js';
import type { Restriction } from '../session-restrictions.js';
import type { SessionState } from './session-state.js';
import { SessionMetrics } from './sessions.metrics.js';

/** The session it is about. */
export type Subject = Pick<HeldSession, 'connectionId' | 'tenantId'>;
export type CodeKind = 'qr' | 'pairing_code';

/** A close or two heal by themselves in seconds; then it is the connection's health. */
const DEGRADED_AFTER = 2;
/** So many connections in a row that did not hold: a person should look at it. */
const TELL_AFTER = 30;

/** Tells of a session what others need to know: the connection's health, the dashboard, the metrics, the log. */
@Injectable()
export class SessionNews {
  private readonly logger = new Logger('LinkedSessions');

  constructor(
    private readonly connections: ConnectionDirectory,
    private readonly live: LiveEvents,
    private readonly metrics: SessionMetrics,
  ) {}

  async state(session: Subject, state: SessionState, reason: string | null, attempts = 0): Promise<void> {
    const { connectionId, tenantId } = session;
    this.metrics.state(connectionId, state);
    this.live.publish(tenantId, 'connection.state', { connectionId, state, reason });
    const connection = { connectionId, tenantId, state, reason, attempts };
    if (state === 'needs_pairing' || state === 'stopped') this.logger.error(connection, 'a linked device is lost');
    else if (state === 'waiting' && attempts === TELL_AFTER)
      this.logger.error(connection, 'a linked device does not connect');
    else this.logger.log(connection, 'a linked device');
    const health = healthOf(state, attempts);
    if (health) await this.health(connectionId, health, health === 'up' ? null : reason);
  }

  /** To people who may link a phone, and never to the log. */
  code({ connectionId, tenantId }: Subject, kind: CodeKind, code: string, expiresAt: Date): void {
    this.live.publish(tenantId, 'connection.qr', { connectionId, kind, code, expiresAt: expiresAt.toISOString() });
  }

  restriction({ connectionId, tenantId }: Subject, { until, reason }: Restriction): void {
    const data = { connectionId, restrictedUntil: until?.toISOString() ?? null, reason };
    this.live.publish(tenantId, 'connection.restriction', data);
    if (until) this.logger.warn({ tenantId, ...data }, 'WhatsApp restricts the number of a linked device');
  }

  async silent({ connectionId, tenantId }: Subject): Promise<void> {
    this.live.publish(tenantId, 'connection.silent', { connectionId });
    this.logger.error({ connectionId, tenantId }, 'a linked device receives nothing, and new sockets did not help');
    await this.health(connectionId, 'degraded', SILENT);
  }

  closed({ connectionId }: Subject, reason: string): void {
    this.metrics.closed(connectionId, reason);
  }

  aged({ connectionId }: Subject, linkedAt: Date, now: Date): void {
    this.metrics.aged(connectionId, Math.round((now.getTime() - linkedAt.getTime()) / 1000));
  }

  /** Another process tells of it from here on, or nobody. */
  gone({ connectionId }: Subject): void {
    this.metrics.gone(connectionId);
  }

  /** It receives again after it was told to be silent. */
  async receives({ connectionId }: Subject): Promise<void> {
    await this.health(connectionId, 'up', null);
  }

  private async health(connectionId: string, health: ConnectionHealth, reason: string | null): Promise<void> {
    this.connections.forget();
    const connection = await this.connections.find(connectionId);
    if (connection) await this.connections.report(connection, health, reason);
  }
}

function healthOf(state: SessionState, attempts: number): ConnectionHealth | null {
  if (state === 'open') return 'up';
  if (state === 'needs_pairing' || state === 'stopped') return 'auth_lost';
  return state === 'waiting' && attempts >= DEGRADED_AFTER ? 'degraded' : null;
}
