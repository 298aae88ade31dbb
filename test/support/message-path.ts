import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { IngestService, type IngestEvent } from '../../src/conversations/inbox/ingest.service.js';
import { ConversationMetrics } from '../../src/conversations/conversations.metrics.js';
import { ReadModel } from '../../src/conversations/turns/read-model.js';
import { RedisClients } from '../../src/platform/redis.js';
import { Suspects } from '../../src/conversations/turns/suspects.js';
import { TurnBatch } from '../../src/conversations/turns/turn-batch.js';
import { TurnEngine, type EngineInput, type EngineOutput } from '../../src/conversations/turns/turn-engine.js';
import { Clock } from '../../src/platform/clock.js';
import { readEnv, type Env } from '../../src/platform/config/env.js';
import { ROLES } from '../../src/roles.js';
import type { PathPool } from '../../src/platform/database/path-pool.js';
import { Wake } from '../../src/platform/wake.js';
import type { TenantId } from '../../src/platform/tenancy/tenant-id.js';
import { openTestDatabase, type TestDatabase } from './database.js';

/** Time that stands where a test puts it; far enough ahead, it decides what is due. */
export class HeldClock extends Clock {
  private current: Date | null = null;

  now(): Date {
    return this.current ?? new Date();
  }

  release(): void {
    this.current = null;
  }

  advance(ms: number): void {
    this.current = new Date(this.now().getTime() + ms);
  }
}

type Script = (input: EngineInput<string>) => Partial<EngineOutput>;

/** Answers a message with `eco` and the message. */
export const echo: Script = ({ event }) => ({
  effects:
    event.kind === 'message'
      ? [{ kind: 'send', content: { kind: 'text', text: `eco ${event.content.text}` }, resend: 'auto' }]
      : [],
});

/** What a test makes the flow say. */
export class ScriptedEngine extends TurnEngine<string> {
  script: Script = echo;
  readonly inputs: EngineInput<string>[] = [];

  async load(versionId: string): Promise<string> {
    return versionId;
  }

  run(input: EngineInput<string>): EngineOutput {
    this.inputs.push(input);
    const state = { ...(input.state as object | null), turn: input.turn };
    const said = this.script(input);
    const standard = {
      state,
      mode: 'bot',
      handoff: null,
      effects: [],
      wakeAtMs: null,
      outcome: null,
      fault: null,
      isUnread: false,
    } as const;
    return { ...standard, isRunning: !said.outcome, ...said };
  }

  isAwaitingEffect(state: unknown): boolean {
    return (state as { awaiting?: boolean } | null)?.awaiting ?? false;
  }

  isHandedOver(state: unknown): boolean {
    return (state as { handedOver?: boolean } | null)?.handedOver ?? false;
  }
}

export type Shop = {
  readonly tenantId: TenantId;
  readonly botId: string;
  readonly connectionId: string;
  readonly versionId: string;
};

/** A tenant with a bot on the simulator and a published version that nothing reads. */
export async function openPathShop(
  db: TestDatabase,
  bot: { lateAfterMs?: number; quietMs?: number } = {},
): Promise<Shop> {
  const tenantId = await db.makeTenant();
  const [flowId, versionId, botId, connectionId] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  await db.owner.query(`insert into flow (id, tenant_id, key, title, draft) values ($1, $2, 'shop', 'Tienda', '{}')`, [
    flowId,
    tenantId,
  ]);
  await publishVersion(db, { tenantId, flowId, versionId });
  await db.owner.query(
    `insert into bot (id, tenant_id, name, active_version_id, late_after_ms, quiet_ms) values ($1, $2, 'Bot', $3, $4, $5)`,
    [botId, tenantId, versionId, bot.lateAfterMs ?? 600_000, bot.quietMs ?? 0],
  );
  await db.owner.query(
    `insert into connection (id, tenant_id, bot_id, provider, name, credentials, credentials_key_id)
     values ($1, $2, $3, 'simulator', 'Simulador', '', 'k1')`,
    [connectionId, tenantId, botId],
  );
  return { tenantId, botId, connectionId, versionId };
}

/** Activates a new version of the bot's flow. */
export async function activateNewVersion(db: TestDatabase, { tenantId, botId, versionId }: Shop): Promise<string> {
  const { rows } = await db.owner.query<{ flow_id: string }>('select flow_id from flow_version where id = $1', [
    versionId,
  ]);
  const next = randomUUID();
  await publishVersion(db, { tenantId, flowId: rows[0]?.flow_id ?? '', versionId: next });
  await db.owner.query('update bot set active_version_id = $2 where id = $1', [botId, next]);
  return next;
}

async function publishVersion(
  db: TestDatabase,
  v: { tenantId: string; flowId: string; versionId: string },
): Promise<void> {
  await db.owner.query(
    `insert into flow_version (id, tenant_id, flow_id, number, sha256, document, report)
     select $1, $2, $3, count(*) + 1, $4, '{}', '{}' from flow_version where flow_id = $3`,
    [v.versionId, v.tenantId, v.flowId, v.versionId],
  );
}

export function makeEvent(
  shop: Shop,
  overrides: Partial<IngestEvent> & { from?: string; text?: string } = {},
): IngestEvent {
  const { from = '5215512345678', text = 'hola', ...rest } = overrides;
  return {
    tenantId: shop.tenantId,
    botId: shop.botId,
    connectionId: shop.connectionId,
    address: from,
    phone: `+${from}`,
    identities: [`tel:${from}`],
    profileName: 'Ana',
    providerMessageId: `wamid.${randomUUID()}`,
    providerAt: new Date(),
    content: { type: 'text', text },
    ...rest,
  };
}

export type MessagePath = {
  readonly db: TestDatabase;
  readonly pool: PathPool;
  readonly env: Env;
  readonly clock: HeldClock;
  readonly engine: ScriptedEngine;
  readonly ingest: IngestService;
  readonly batch: TurnBatch;
  readonly suspects: Suspects;
  readonly wake: Wake;
  readonly metrics: ConversationMetrics;
  readonly registry: Registry;
  /** The time runs again and the engine echoes. */
  reset(): void;
  /** Runs batches until no conversation is due. */
  runTurns(): Promise<void>;
  close(): Promise<void>;
};

/** Ingest and turns by hand: nothing runs unless the test runs it. */
export async function openMessagePath(pool?: (db: TestDatabase) => Promise<PathPool>): Promise<MessagePath> {
  Logger.overrideLogger(false);
  const db = await openTestDatabase();
  const path = (await pool?.(db)) ?? db.path;
  const dataDir = await mkdtemp(join(tmpdir(), 'dashoffice-path-'));
  const env = readEnv({ NODE_ENV: 'test', DATA_DIR: dataDir }, ROLES);
  const [clock, engine, wake, registry] = [new HeldClock(), new ScriptedEngine(), new Wake(), new Registry()];
  const metrics = makeMetrics(registry);
  const ingest = new IngestService(env, path, clock, wake, db.live);
  await ingest.onModuleInit();
  const suspects = new Suspects(path, db.live);
  const readModel = new ReadModel(new RedisClients(env), metrics, db.live);
  const batch = new TurnBatch(path, clock, engine, suspects, readModel);
  return {
    db,
    pool: path,
    env,
    clock,
    engine,
    ingest,
    batch,
    suspects,
    wake,
    metrics,
    registry,
    reset: () => {
      clock.release();
      engine.script = echo;
      engine.inputs.length = 0;
    },
    runTurns: async () => {
      while ((await batch.run(suspects.workerName(0))).claimed > 0);
    },
    close: async () => {
      await ingest.beforeApplicationShutdown();
      if (path !== db.path) await path.close();
      await db.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

export function makeMetrics(registry: Registry): ConversationMetrics {
  const registers = [registry];
  return new ConversationMetrics(
    new Counter({ name: 'turns', help: '-', labelNames: ['result'], registers }),
    new Histogram({ name: 'batches', help: '-', registers }),
    new Counter({ name: 'problems', help: '-', labelNames: ['problem'], registers }),
    new Gauge({ name: 'oldest', help: '-', registers }),
    new Gauge({ name: 'spool', help: '-', registers }),
  );
}
