import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { ENV, roleRuns, type Env } from '../../platform/config/env.js';
import { isDatabaseDown } from '../../platform/database/connection-errors.js';
import { Wake } from '../../platform/wake.js';
import { ProviderFactory } from '../../providers/provider.factory.js';
import type { ProviderAccount, WhatsAppProvider } from '../../providers/whatsapp-provider.js';
import type { PathConnection } from '../path-connection.js';
import { ConnectionMetrics } from './connection.metrics.js';
import { ConnectionDirectory } from '../connection-directory.service.js';

const EVERY_MS = 1000;
const MAX_LINES = 20;
/** Rounds from one measuring to the next. */
const MEASURE_EVERY = 10;
const PROBE_TIMEOUT_MS = 5000;

/**
 * Finds out when a connection that failed, or lost its authorisation, may be used again, so that no customer's message has to:
 * asks the provider about the account, or at least whether the provider answers. Of all processes one looks after a connection
 * at a time.
 */
@Injectable()
export class ConnectionProber implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(ConnectionProber.name);
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(
    @Inject(ENV) private readonly env: Env,
    private readonly connections: ConnectionDirectory,
    private readonly providers: ProviderFactory,
    private readonly wake: Wake,
    private readonly metrics: ConnectionMetrics,
  ) {}

  onApplicationBootstrap(): void {
    if (roleRuns(this.env.role, 'delivery')) this.running = this.run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  /** One round. @returns how many connections are well again */
  async probe(): Promise<number> {
    const due = await this.connections.takeProbes(MAX_LINES);
    const results = await Promise.all(due.map((connection) => this.probeConnection(connection)));
    const healed = results.filter(Boolean).length;
    if (healed > 0) this.wake.signal('outbox');
    return healed;
  }

  private async probeConnection(connection: PathConnection): Promise<boolean> {
    const provider = this.providers.find(connection.provider);
    if (!provider || !connection.account || connection.isOffline) return false;
    const isWell = await this.ask(provider, connection, connection.account);
    if (isWell) await this.connections.report(connection, 'up', null);
    return isWell;
  }

  private async ask(
    provider: WhatsAppProvider,
    connection: PathConnection,
    account: ProviderAccount,
  ): Promise<boolean> {
    try {
      const check = await provider.check(account, AbortSignal.any([timeout(), this.stopping.signal]));
      if (!check.ok && check.class === 'auth') {
        await this.connections.report(connection, 'auth_lost', `${check.code}: ${check.reason}`);
      }
      return check.ok;
    } catch (error) {
      this.logger.debug({ err: error, connectionId: connection.connectionId }, 'a connection is still not well');
      return false;
    }
  }

  private async run(): Promise<void> {
    for (let round = 0; !this.stopping.signal.aborted; round += 1) {
      try {
        await this.probe();
        if (round % MEASURE_EVERY === 0) this.metrics.show(await this.connections.standings());
      } catch (error) {
        if (!isDatabaseDown(error)) this.logger.error({ err: error }, 'connections could not be looked after');
      }
      await delay(EVERY_MS, undefined, { signal: this.stopping.signal, ref: false }).catch(() => undefined);
    }
  }
}

function timeout(): AbortSignal {
  return AbortSignal.timeout(PROBE_TIMEOUT_MS);
}
