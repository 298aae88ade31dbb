import { Inject, Injectable, Logger } from '@nestjs/common';
import { BrokenCircuitError } from 'cockatiel';
import { ENV, type Env } from '../platform/config/env.js';
import { ProviderFactory } from '../providers/provider.factory.js';
import { fileOf } from '../messages/message-content.js';
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
import type { PathConnection } from '../connections/path-connection.js';
import type { Place } from './route.js';

/** The calls to providers, each by a connection: what the connection can, whether its calls are worth making, and one send. */
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
  capabilitiesOf({ provider }: PathConnection): ProviderCapabilities | null {
    return this.providers.find(provider)?.capabilities ?? null;
  }

  isBroken({ connectionId }: PathConnection): boolean {
    return this.breakers.isBroken(connectionId);
  }

  get timeoutMs(): number {
    return this.env.sendTimeoutMs;
  }

  /** Null when nothing left, because another call is just finding out whether the connection works. Never throws. */
  async send(outboxId: string, { connection, to, content }: Place): Promise<SendOutcome | null> {
    const provider = this.providers.get(connection.provider);
    const { account } = connection;
    if (!account || this.isBroken(connection)) return null;
    let file: OutboundFile | undefined;
    try {
      file = await this.findFile(connection, content);
    } catch (error) {
      this.logger.warn({ err: error, outboxId }, 'the file of a send could not be looked up');
      return null;
    }
    try {
      const message = { outboxId, to, content: renderDown(content, provider.capabilities), file };
      return await this.breakers.watch(connection.connectionId, () => this.call(provider, account, message));
    } catch (error) {
      if (error instanceof BrokenCircuitError) return null;
      throw error;
    }
  }

  /** Undefined for a file that is gone, which the strategy then says. */
  private async findFile(
    { tenantId, connectionId }: PathConnection,
    content: Place['content'],
  ): Promise<OutboundFile | undefined> {
    const mediaId = fileOf(content)?.mediaId;
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
