import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { SimulatorProvider } from '../../providers/simulator/simulator.provider.js';
import type { SimulatedUpdate, SimulatorStatusSink } from '../../providers/simulator/simulator.statuses.js';
import { Receiver } from '../receiver.js';

/** Records what became of simulated messages, the way a webhook does for a real provider. */
@Injectable()
export class SimulatorStatuses implements SimulatorStatusSink, OnModuleInit {
  constructor(
    private readonly simulator: SimulatorProvider,
    private readonly receiver: Receiver,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.simulator.reportTo(this);
  }

  deliver(updates: readonly SimulatedUpdate[]): Promise<void> {
    const statuses = updates.map(({ connectionId, outboxId, status, at, errorCode, errorTitle }) => ({
      connectionId,
      outboxId,
      providerMessageId: `wamid.SIM.${outboxId}`,
      status,
      at,
      ...(errorCode !== undefined && {
        error: { code: errorCode, class: 'failover', reason: errorTitle ?? 'simulated failure' },
      }),
    }));
    return this.receiver.keep('simulator', { receivedAt: this.clock.now(), events: [], statuses });
  }
}
