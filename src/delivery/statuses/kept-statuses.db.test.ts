import { readdir, mkdtemp, rm } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type CutLine, openCutLine } from '../../../test/support/cut-line.js';
import { openTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { openPathShop } from '../../../test/support/message-path.js';
import { LiveEvents } from '../../platform/live-events.js';
import { type Env, readEnv } from '../../platform/config/env.js';
import { ROLES } from '../../roles.js';
import { PathPool } from '../../platform/database/path-pool.js';
import { Wake } from '../../platform/wake.js';
import { DeliveryStatusService, type StatusUpdate } from './delivery-status.service.js';
import { KeptStatuses } from './kept-statuses.service.js';

let db: TestDatabase;
let connection: CutLine;
let pool: PathPool;
let env: Env;
let kept: KeptStatuses;
let connectionId: string;

beforeEach(async () => {
  Logger.overrideLogger(false);
  db = await openTestDatabase();
  connection = await openCutLine(db.url);
  pool = new PathPool(connection.url);
  env = readEnv({ NODE_ENV: 'test', DATA_DIR: await mkdtemp(join(tmpdir(), 'dashoffice-statuses-')) }, ROLES);
  kept = await start();
  const shop = await openPathShop(db);
  ({ connectionId } = shop);
  await db.owner.query(
    `insert into outbox (tenant_id, conversation_id, connection_id, turn, idx, kind, body, status, attempt, provider_message_id)
     values ($1, $2, $3, 1, 0, 'send', '{"kind": "text", "text": "hola"}', 'sent', 1, 'w.1')`,
    [shop.tenantId, randomUUID(), connectionId],
  );
});
afterEach(async () => {
  await kept.beforeApplicationShutdown();
  await pool.close();
  await connection.cut();
  await db.close();
  await rm(env.dataDir, { recursive: true });
});

async function start(): Promise<KeptStatuses> {
  const wake = new Wake();
  const service = new KeptStatuses(env, pool, new DeliveryStatusService(pool, wake, new LiveEvents()), wake);
  await service.onModuleInit();
  return service;
}

const AT = new Date('2026-03-02T15:00:00.000Z');
const update = (status: StatusUpdate['status']): StatusUpdate => ({
  connectionId,
  outboxId: null,
  providerMessageId: 'w.1',
  status,
  at: AT,
});
const told = async () =>
  (await db.owner.query<{ delivery: string; delivery_at: Date }>('select delivery, delivery_at from outbox')).rows[0];
const files = () => readdir(join(env.dataDir, 'spool-statuses'));

it('INV-1: keeps statuses on the disk while Postgres is down, and tells them when it is back, in any order', async () => {
  await kept.apply([update('delivered')]);
  await connection.cut();
  await kept.apply([update('read')]);
  await kept.apply([update('sent')]);
  expect(await files()).toHaveLength(1);
  expect(await told()).toMatchObject({ delivery: 'delivered' });
  await connection.mend();
  await expect.poll(told, { timeout: 20_000 }).toEqual({ delivery: 'read', delivery_at: AT });
  await expect.poll(files, { timeout: 20_000 }).toEqual([]);
});

it('INV-1: the next process tells what a stopped one had kept', async () => {
  await connection.cut();
  await kept.apply([update('read')]);
  await kept.beforeApplicationShutdown();
  await connection.mend();
  kept = await start();
  await expect.poll(told, { timeout: 20_000 }).toMatchObject({ delivery: 'read' });
});

it('throws what is no matter of Postgres being away, so that the provider delivers again', async () => {
  await expect(kept.apply([{ ...update('read'), connectionId: 'no uuid' }])).rejects.toThrow(/uuid/);
  expect(await files()).toEqual([]);
});
