import { Inject, Injectable, Logger } from '@nestjs/common';
import { outboundContentSchema } from '../../messages/message-content.js';
import { ENV, type Env } from '../../platform/config/env.js';
import { UnknownProviderError } from '../provider.errors.js';
import { ProviderFactory } from '../provider.factory.js';
import { renderDown } from '../rendering/render-down.js';
import type { ProviderAccount, RejectionClass, SendOutcome, WhatsAppProvider } from '../whatsapp-provider.js';
import type { ClaimedSend, SendError } from './claimed-send.js';
import { DeliveryMetrics } from './delivery.metrics.js';
import { LinesService, type Line } from './lines.service.js';
import { SendLimits } from './send-limits.js';
import { settle, type Settlement } from './settlement.js';

const MIN_PAUSE_MS = 1000;
const HELD_RETRY_MS = 15_000;
const MAX_HELD_MS = 24 * 3_600_000;

/** Makes one attempt for one claimed row and says what becomes of it. Never throws, never repeats. */
@Injectable()
export class Sender {
  private readonly logger = new Logger(Sender.name);

  constructor(
    @Inject(ENV) private readonly env: Env,
    private readonly lines: LinesService,
    private readonly providers: ProviderFactory,
    private readonly limits: SendLimits,
    private readonly metrics: DeliveryMetrics,
  ) {}

  /** @param leaseEndsAt on the clock of `performance.now()`; a send that could outlive its lease does not start */
  async attempt(claimed: ClaimedSend, leaseEndsAt: number): Promise<Settlement> {
    let line: Line | null;
    let other: Line | null;
    let isLost: boolean;
    try {
      line = await this.lines.find(claimed.connectionId);
      other = line && (await this.lines.next(line));
      isLost = line?.health === 'auth_lost' && !(await this.lines.mayProbe(line));
    } catch (error) {
      this.logger.warn({ err: error, outboxId: claimed.id }, 'the line of a send could not be looked up');
      return { to: 'deferred', delayMs: MIN_PAUSE_MS };
    }
    const ready = line && this.prepare(line, isLost);
    if (!line || !ready)
      return settle(reject('permanent', 'no_connection', 'the line is gone'), claimed.attempt, null, 0);
    if ('outcome' in ready) return this.conclude(claimed, line, ready, other);
    if ('code' in ready) return this.hold(claimed, line, ready, other);

    const waitMs = this.limits.take(ready.provider.name, line.connectionId, claimed.address, claimed.lane);
    if (waitMs > 0) return this.defer(line, waitMs);
    if (performance.now() + this.env.sendTimeoutMs > leaseEndsAt) return this.defer(line, 0);
    return this.conclude(claimed, line, await this.send(claimed, ready.provider, ready.account), other);
  }

  private prepare(
    line: Line,
    isLost: boolean,
  ): { provider: WhatsAppProvider; account: ProviderAccount } | SendError | SendOutcome {
    if (line.isPaused) return { code: 'connection_paused', class: 'held', reason: 'the line is paused' };
    if (isLost) return { code: 'auth_lost', class: 'held', reason: 'the line is not authorised' };
    if (!line.account) {
      return { code: 'credentials_unreadable', class: 'held', reason: 'the credentials cannot be opened' };
    }
    try {
      return { provider: this.providers.get(line.provider), account: line.account };
    } catch (error) {
      if (!(error instanceof UnknownProviderError)) throw error;
      return reject('permanent', error.code, error.message);
    }
  }

  private async send(claimed: ClaimedSend, provider: WhatsAppProvider, account: ProviderAccount): Promise<SendOutcome> {
    const content = outboundContentSchema.safeParse(claimed.body);
    if (!content.success) {
      const path = content.error.issues[0]?.path.join('.') ?? '';
      return reject('permanent', 'bad_content', `the stored message is not valid at "${path}"`);
    }
    const message = {
      outboxId: claimed.id,
      to: { address: claimed.address, phone: claimed.phone },
      content: renderDown(content.data, provider.capabilities),
    };
    const startedAt = performance.now();
    try {
      return await provider.send(account, message, AbortSignal.timeout(this.env.sendTimeoutMs));
    } catch (error) {
      // A strategy does not throw; one that does has a bug, and nobody knows what had left by then.
      this.logger.error({ err: error, outboxId: claimed.id }, 'a provider threw while sending');
      return { outcome: 'unknown', reason: String(error) };
    } finally {
      this.metrics.latency.observe({ provider: provider.name }, (performance.now() - startedAt) / 1000);
    }
  }

  private async conclude(
    claimed: ClaimedSend,
    line: Line,
    outcome: SendOutcome,
    other: Line | null,
  ): Promise<Settlement> {
    const label = outcome.outcome === 'rejected' ? outcome.class : outcome.outcome;
    this.metrics.sends.inc({ provider: line.provider, outcome: label });
    const settlement = settle(outcome, claimed.attempt, other?.connectionId ?? null, Math.random());
    if (outcome.outcome === 'accepted') await this.lines.report(line, 'up', null);
    if (outcome.outcome !== 'rejected') return settlement;
    if (outcome.class === 'auth') await this.lines.report(line, 'auth_lost', `${outcome.code}: ${outcome.reason}`);
    if (outcome.class === 'rate' && outcome.slows !== 'pair') {
      this.limits.pause(line.connectionId, Math.max(outcome.retryAfterMs ?? 0, MIN_PAUSE_MS));
    }
    return settlement;
  }

  /** A person stopped the line, or must repair it: another line, else wait for that person, but not for ever (INV-6). */
  private hold(claimed: ClaimedSend, line: Line, error: SendError, other: Line | null): Settlement {
    if (other) return { to: 'pending', delayMs: 0, connectionId: other.connectionId, error };
    if (claimed.ageMs > MAX_HELD_MS) return { to: 'failed', error };
    return { ...this.defer(line, HELD_RETRY_MS), error };
  }

  private defer(line: Line, delayMs: number): Extract<Settlement, { to: 'deferred' }> {
    this.metrics.sends.inc({ provider: line.provider, outcome: 'deferred' });
    return { to: 'deferred', delayMs };
  }
}

function reject(rejection: RejectionClass, code: string, reason: string): SendOutcome {
  return { outcome: 'rejected', class: rejection, code, reason };
}
