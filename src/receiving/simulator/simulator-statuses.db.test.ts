import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openCutLine, type CutLine } from '../../../test/support/cut-line.js';
import { makeEvent, openMessagePath, openPathShop } from '../../../test/support/message-path.js';
import { openReceiver } from '../../../test/support/receiver.js';
import { SystemClock } from '../../platform/clock.js';
import { PathPool } from '../../platform/database/path-pool.js';
import { SimulatorProvider } from '../../providers/simulator/simulator.provider.js';
import { SimulatorStatuses } from './simulator-statuses.js';

it('INV-1: statuses of the simulator that come while Postgres is away outlive the process', async () => {
  let postgres: CutLine | undefined;
  const path = await openMessagePath(async (db) => {
    postgres = await openCutLine(db.url);
    return new PathPool(postgres.url);
  });
  const { receiver, statuses } = await openReceiver(path);
  const simulator = new SimulatorProvider({ statusStepMs: 1 });
  new SimulatorStatuses(simulator, receiver, new SystemClock()).onModuleInit();
  const shop = await openPathShop(path.db);
  await path.ingest.ingest([makeEvent(shop)]);
  const { rows } = await path.db.owner.query<{ id: string }>(
    `insert into outbox (tenant_id, conversation_id, connection_id, turn, idx, kind, body, status, attempt)
     select tenant_id, id, connection_id, 1, 0, 'send', '{}', 'sending', 1 from conversation returning id::text`,
  );
  const outboxId = rows[0]?.id ?? '';

  await postgres?.cut();
  const message = { outboxId, to: { address: '1', phone: null }, content: { kind: 'text', text: 'hola' } } as const;
  await simulator.send({ connectionId: shop.connectionId, credentials: {} }, message, AbortSignal.timeout(10_000));
  const kept = () => readdir(join(path.env.dataDir, 'spool-statuses'));
  await expect.poll(kept, { timeout: 20_000 }).toHaveLength(1);
  simulator.onModuleDestroy();
  await statuses.beforeApplicationShutdown();

  await postgres?.mend();
  const next = await openReceiver(path);
  const delivery = async () => (await path.db.owner.query('select delivery from outbox')).rows;
  await expect.poll(delivery, { timeout: 20_000 }).toEqual([{ delivery: 'read' }]);
  await next.statuses.beforeApplicationShutdown();
  await path.close();
  await postgres?.cut();
});
