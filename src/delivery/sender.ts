import { Injectable, Logger } from '@nestjs/common';
import type { SendOutcome } from '../providers/whatsapp-provider.js';
import type { ClaimedSend, SendError } from './outbox/claimed-send.js';
import { DeliveryMetrics } from './delivery.metrics.js';
import type { PathConnection } from '../connections/path-connection.js';
import { ConnectionMetrics } from '../connections/health/connection.metrics.js';
import { ConnectionDirectory } from '../connections/connection-directory.service.js';
import { ProviderCalls } from './provider-calls.js';
import { chooseRoute, findOther, type Obstacle, type Place } from './route.js';
import { SendLimits } from './limits/send-limits.js';
import { askFor, type SendQuestion } from './send-question.js';
import { restrictionOf, settle, type Settlement } from './settlement.js';

const MIN_PAUSE_MS = 1000;
const MAX_HELD_MS = 24 * 3_600_000;
/** A held message asks again after a part of its age: a short trouble costs it little, a long one costs us little. */
const HELD_RETRY_MS = { shortest: 1000, longest: 15_000, share: 0.25 };

/** Makes one attempt for one claimed row and says what becomes of it. Never throws, never repeats. */
@Injectable()
export class Sender {
  private readonly logger = new Logger(Sender.name);

  constructor(
    private readonly connections: ConnectionDirectory,
    private readonly calls: ProviderCalls,
    private readonly limits: SendLimits,
    private readonly metrics: DeliveryMetrics,
    private readonly connectionMetrics: ConnectionMetrics,
  ) {}

  /** @param leaseEndsAt on the clock of `performance.now()`; a send that could outlive its lease does not start */
  async attempt(claimed: ClaimedSend, leaseEndsAt: number): Promise<Settlement> {
    let ready: SendQuestion | SendError;
    try {
      ready = await this.prepare(claimed);
    } catch (error) {
      this.logger.warn({ err: error, outboxId: claimed.id }, 'the connection of a send could not be looked up');
      return { to: 'deferred', delayMs: MIN_PAUSE_MS };
    }
    if ('code' in ready) return { to: 'failed', error: ready };
    const route = chooseRoute(ready.question, ready.own);
    if (route.to === 'nowhere') return this.hold(claimed, ready.own, route.why);
    if (route.to === 'other') return this.move(ready.own, route.connection, route.why);

    const { place } = route;
    const waitMs = await this.limits.take(place.connection, claimed.address, claimed.lane);
    if (waitMs > 0) return this.defer(place.connection, waitMs);
    if (performance.now() + this.calls.timeoutMs > leaseEndsAt) return this.defer(place.connection, 0);
    const outcome = await this.calls.send(claimed.id, place);
    return outcome ? this.conclude(claimed, place, outcome, ready) : this.defer(place.connection, MIN_PAUSE_MS);
  }

  private async prepare(claimed: ClaimedSend): Promise<SendQuestion | SendError> {
    const asked = await askFor(claimed, this.connections, this.calls);
    if ('code' in asked) return asked;
    const { own, question } = asked;
    const isProbe = own.health === 'auth_lost' && (await this.connections.mayProbe(own));
    return { question, own: isProbe ? { ...own, health: 'unknown' } : own };
  }

  private async conclude(
    claimed: ClaimedSend,
    { connection, content, isSubstitute }: Place,
    outcome: SendOutcome,
    { own, question }: SendQuestion,
  ): Promise<Settlement> {
    this.count(connection, outcome.outcome === 'rejected' ? outcome.class : outcome.outcome);
    await this.report(connection, outcome);
    const restrictedMs = outcome.outcome === 'rejected' ? restrictionOf(outcome) : 0;
    const restricted = { ...own, restrictedUntil: new Date(question.nowMs + restrictedMs) };
    const other = outcome.outcome === 'rejected' ? findOther(question, restrictedMs > 0 ? restricted : own) : null;
    const settlement = settle(outcome, {
      attempt: claimed.attempt,
      otherConnectionId: other?.connectionId ?? null,
      mayTemplate: !isSubstitute && content.kind !== 'template' && own.bot.windowTemplate !== null,
      jitter: Math.random(),
    });
    if (settlement.to === 'pending' && settlement.connectionId) this.noteFailover(connection, settlement.error);
    return settlement.to === 'sent' && isSubstitute ? { ...settlement, sentAs: content } : settlement;
  }

  /** What the outcome says about the connection itself. */
  private async report(connection: PathConnection, outcome: SendOutcome): Promise<void> {
    if (outcome.outcome === 'accepted') return this.connections.report(connection, 'up', null);
    const reason = outcome.outcome === 'rejected' ? `${outcome.code}: ${outcome.reason}` : outcome.reason;
    if (this.calls.isBroken(connection)) await this.connections.report(connection, 'degraded', reason);
    if (outcome.outcome !== 'rejected') return;
    if (outcome.class === 'auth') await this.connections.report(connection, 'auth_lost', reason);
    const restrictedMs = restrictionOf(outcome);
    if (restrictedMs > 0) await this.connections.restrict(connection, restrictedMs);
    else if (outcome.class === 'rate' && outcome.slows !== 'pair') {
      this.limits.pause(connection, Math.max(outcome.retryAfterMs ?? 0, MIN_PAUSE_MS));
    }
  }

  private move(from: PathConnection, to: PathConnection, why: SendError): Settlement {
    this.noteFailover(from, why);
    return { to: 'deferred', delayMs: 0, connectionId: to.connectionId, error: why };
  }

  /** A person or time must put it right; it waits, but not for ever (INV-6). */
  private hold(claimed: ClaimedSend, connection: PathConnection, { isFinal, ...error }: Obstacle): Settlement {
    if (isFinal || claimed.ageMs > MAX_HELD_MS) {
      this.count(connection, error.class);
      return { to: 'failed', error };
    }
    const { shortest, longest, share } = HELD_RETRY_MS;
    const delayMs = Math.min(Math.max(claimed.ageMs * share, shortest), longest);
    return { ...this.defer(connection, delayMs), error };
  }

  private defer(connection: PathConnection, delayMs: number): Extract<Settlement, { to: 'deferred' }> {
    this.count(connection, 'deferred');
    return { to: 'deferred', delayMs };
  }

  private noteFailover({ provider, connectionId }: PathConnection, why: SendError): void {
    this.connectionMetrics.failovers.inc({ provider, connection: connectionId, reason: why.class });
  }

  private count({ provider, connectionId }: PathConnection, outcome: string): void {
    this.metrics.sends.inc({ provider, connection: connectionId, outcome });
  }
}
