import { Injectable, Logger } from '@nestjs/common';
import { Loops } from '../../platform/loops/loops.js';
import type { WorkerLoop } from '../../platform/loops/worker-loop.js';
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
export class ConnectionProber {
  private readonly logger = new Logger(ConnectionProber.name);
  private readonly loop: WorkerLoop;

  constructor(
    loops: Loops,
    private readonly connections: ConnectionDirectory,
    private readonly providers: ProviderFactory,
    private readonly wake: Wake,
    private readonly metrics: ConnectionMetrics,
  ) {
    let rounds = 0;
    this.loop = loops.add({
      name: 'Connections',
      group: 'delivery',
      restMs: EVERY_MS,
      round: async () => {
        await this.probe();
        if (rounds++ % MEASURE_EVERY === 0) this.metrics.show(await this.connections.standings());
      },
    });
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
      const check = await provider.check(account, AbortSignal.any([timeout(), this.loop.signal]));
      if (!check.ok && check.class === 'auth') {
        await this.connections.report(connection, 'auth_lost', `${check.code}: ${check.reason}`);
      }
      return check.ok;
    } catch (error) {
      this.logger.debug({ err: error, connectionId: connection.connectionId }, 'a connection is still not well');
      return false;
    }
  }
}

function timeout(): AbortSignal {
  return AbortSignal.timeout(PROBE_TIMEOUT_MS);
}
