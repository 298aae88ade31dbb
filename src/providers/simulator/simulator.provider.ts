import { Inject, Injectable, Optional, type OnModuleDestroy } from '@nestjs/common';
import { Readable } from 'node:stream';
import type { InboundMedia } from '../../messages/message-content.js';
import { refuseFile } from '../rendering/refuse-file.js';
import type {
  AccountCheck,
  OutboundMessage,
  ProviderAccount,
  SendOutcome,
  WhatsAppProvider,
} from '../whatsapp-provider.js';
import { SIMULATOR_CAPABILITIES } from './simulator.capabilities.js';
import { simulatorCredentialsSchema } from './simulator.credentials.js';
import { faultByRecipient, type SimulatedStatus, type SimulatorScript } from './simulator.faults.js';
import { SimulatedStatuses, type SimulatorStatusSink } from './simulator.statuses.js';

export type SimulatorOptions = {
  /** Asked before the faults by recipient. */
  readonly script?: SimulatorScript;
  /** Between acceptance and the first status, and between one status and the next. Default 300. */
  readonly statusStepMs?: number;
};

/** Nest token of `SimulatorOptions`; optional. */
export const SIMULATOR_OPTIONS = 'SIMULATOR_OPTIONS';

const DOT = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==',
  'base64',
);

const DEFAULT_STEP_MS = 300;
const HEALTHY: readonly SimulatedStatus[] = ['delivered', 'read'];

/**
 * A connection that reaches nobody: takes everything, reports it delivered and read, and fails on request. What was sent is
 * read from our own outbox; nothing is kept here.
 */
@Injectable()
export class SimulatorProvider implements WhatsAppProvider, OnModuleDestroy {
  readonly name = 'simulator';
  readonly capabilities = SIMULATOR_CAPABILITIES;
  readonly credentialsSchema = simulatorCredentialsSchema;
  private statuses: SimulatedStatuses | null = null;

  constructor(@Optional() @Inject(SIMULATOR_OPTIONS) private readonly options: SimulatorOptions = {}) {}

  /** Called once at start-up by whoever records statuses; without it messages stay as accepted. */
  reportTo(sink: SimulatorStatusSink): void {
    this.statuses?.stop();
    this.statuses = new SimulatedStatuses(sink);
  }

  async send({ connectionId }: ProviderAccount, message: OutboundMessage, signal: AbortSignal): Promise<SendOutcome> {
    if (signal.aborted)
      return { outcome: 'rejected', class: 'retry', code: 'ABORTED', reason: 'aborted before sending' };
    const refusal = refuseFile(message, this.capabilities);
    if (refusal) return refusal;
    const { outcome, delayMs, statuses = HEALTHY } = this.options.script?.(message) ?? faultByRecipient(message) ?? {};
    const isInTime = delayMs === undefined || (await waitFor(delayMs, signal));
    if (outcome === 'lost') return { outcome: 'unknown', reason: 'simulated: the answer was lost' };
    if (outcome !== undefined && outcome !== 'unheard') {
      return {
        outcome: 'rejected',
        class: outcome,
        code: `SIMULATED_${outcome.toUpperCase()}`,
        reason: 'simulated refusal',
      };
    }
    this.report(connectionId, message.outboxId, statuses);
    if (outcome === 'unheard') return { outcome: 'unknown', reason: 'simulated: taken, but the answer was lost' };
    if (!isInTime) return { outcome: 'unknown', reason: 'simulated: no answer in time' };
    // The same for a repeated send, as with a provider that lets us choose the id.
    return { outcome: 'accepted', providerMessageId: `wamid.SIM.${message.outboxId}` };
  }

  /** Nobody is there to see it. */
  async markRead(): Promise<void> {}

  /** A simulated customer's picture is one grey dot; any other file says what it stands for. */
  async openMedia(_: ProviderAccount, { mimeType, id }: InboundMedia): Promise<Readable> {
    return Readable.from([mimeType === 'image/png' ? DOT : Buffer.from(`simulated ${mimeType} ${id}`)]);
  }

  /** It reaches nobody, and that always works. */
  async check(): Promise<AccountCheck> {
    return { ok: true, displayName: 'Simulator' };
  }

  /** Always up. */
  async ping(): Promise<void> {}

  onModuleDestroy(): void {
    this.statuses?.stop();
  }

  private report(connectionId: string, outboxId: string, statuses: readonly SimulatedStatus[]): void {
    const stepMs = this.options.statusStepMs ?? DEFAULT_STEP_MS;
    statuses.forEach((status, index) => this.statuses?.schedule(connectionId, outboxId, status, stepMs * (index + 1)));
  }
}

/** False when the caller gave up first. */
function waitFor(delayMs: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const giveUp = (): void => {
      clearTimeout(timer);
      resolve(false);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', giveUp);
      resolve(true);
    }, delayMs).unref();
    signal.addEventListener('abort', giveUp, { once: true });
  });
}
