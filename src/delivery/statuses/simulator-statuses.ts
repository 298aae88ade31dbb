import { Injectable, type OnModuleInit } from '@nestjs/common';
import { PathPool } from '../../platform/database/path-pool.js';
import { SimulatorProvider } from '../../providers/simulator/simulator.provider.js';
import type { SimulatedUpdate, SimulatorStatusSink } from '../../providers/simulator/simulator.statuses.js';
import { DeliveryStatusService } from './delivery-status.service.js';

/** Records what became of simulated messages, the way a webhook does for a real provider. */
@Injectable()
export class SimulatorStatuses implements SimulatorStatusSink, OnModuleInit {
  constructor(
    private readonly simulator: SimulatorProvider,
    private readonly path: PathPool,
    private readonly statuses: DeliveryStatusService,
  ) {}

  onModuleInit(): void {
    this.simulator.reportTo(this);
  }

  async deliver(updates: readonly SimulatedUpdate[]): Promise<void> {
    const rows = await this.path.query<{ id: string; connectionId: string }>(
      'select id::text as "id", connection_id as "connectionId" from outbox where id = any($1::bigint[])',
      [[...new Set(updates.map(({ outboxId }) => outboxId))]],
    );
    const connectionOf = new Map(rows.map(({ id, connectionId }) => [id, connectionId]));
    await this.statuses.apply(
      updates.flatMap(({ outboxId, status, at, errorCode, errorTitle }) => {
        const connectionId = connectionOf.get(outboxId);
        if (!connectionId) return [];
        const error =
          errorCode === undefined
            ? undefined
            : { code: errorCode, class: 'permanent', reason: errorTitle ?? 'simulated failure' };
        return [{ connectionId, outboxId, providerMessageId: `wamid.SIM.${outboxId}`, status, at, error }];
      }),
    );
  }
}
