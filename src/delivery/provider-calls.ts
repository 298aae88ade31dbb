import { Inject, Injectable, Logger } from '@nestjs/common';
import { BrokenCircuitError } from 'cockatiel';
import { ENV, type Env } from '../platform/config/env.js';
import { ProviderFactory } from '../providers/provider.factory.js';
import { renderDown } from '../providers/rendering/render-down.js';
import { OutboundFiles } from './outbound-files.js';
import type {
  OutboundFile,
  ProviderCapabilities,
  SendOutcome,
  WhatsAppProvider,
} from '../providers/whatsapp-provider.js';
import { Breakers } from '../connections/health/breakers.js';
import { DeliveryMetrics } from './delivery.metrics.js';
import type { Line } from '../connections/path-connection.js';
import type { Place } from './route.js';

/** The calls to providers, each by a line: what the line can, whether its calls are worth making, and one send. */
@Injectable()
export class ProviderCalls {
  private readonly logger = new Logger(ProviderCalls.name);

  constructor(
    @Inject(ENV) private readonly env: Env,
    private readonly providers: ProviderFactory,
    private readonly breakers: Breakers,
    private readonly metrics: DeliveryMetrics,
    private readonly files: OutboundFiles,
  ) {}

  /** Null when this version has no strategy of that name. */
  capabilitiesOf({ provider }: Line): ProviderCapabilities | null {
    return this.providers.find(provider)?.capabilities ?? null;
  }

  isBroken({ connectionId }: Line): boolean {
    return this.breakers.isBroken(connectionId);
  }

  get timeoutMs(): number {
    return this.env.sendTimeoutMs;
  }

  /** Null when nothing left, because another call is just finding out whether the line works. Never throws. */
  async send(outboxId: string, { line, to, content }: Place): Promise<SendOutcome | null> {
    const provider = this.providers.get(line.provider);
    const { account } = line;
    if (!account || this.isBroken(line)) return null;
    let file: OutboundFile | undefined;
    try {
      file = await this.fileOf(line, content);
    } catch (error) {
      this.logger.warn({ err: error, outboxId }, 'the file of a send could not be looked up');
      return null;
    }
    try {
      const message = { outboxId, to, content: renderDown(content, provider.capabilities), file };
      return await this.breakers.watch(line.connectionId, () => this.call(provider, account, message));
    } catch (error) {
      if (error instanceof BrokenCircuitError) return null;
      throw error;
    }
  }

  /** Undefined for a file that is gone, which the strategy then says. */
  private async fileOf({ tenantId, connectionId }: Line, content: Place['content']): Promise<OutboundFile | undefined> {
    const mediaId = content.kind === 'media' ? content.mediaId : undefined;
    if (mediaId === undefined) return undefined;
    return (await this.files.find(tenantId, connectionId, mediaId)) ?? undefined;
  }

  private async call(
    provider: WhatsAppProvider,
    account: Parameters<WhatsAppProvider['send']>[0],
    message: Parameters<WhatsAppProvider['send']>[1],
  ): Promise<SendOutcome> {
    const startedAt = performance.now();
    try {
      return await provider.send(account, message, AbortSignal.timeout(this.timeoutMs));
    } catch (error) {
      // A strategy does not throw; one that does has a bug, and nobody knows what had left by then.
      this.logger.error({ err: error, outboxId: message.outboxId }, 'a provider threw while sending');
      return { outcome: 'unknown', reason: String(error) };
    } finally {
      this.metrics.latency.observe({ provider: provider.name }, (performance.now() - startedAt) / 1000);
    }
  }
}
