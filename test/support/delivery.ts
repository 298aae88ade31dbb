import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { LocalMediaStore } from '../../src/media/local-media-store.js';
import { MediaLinks } from '../../src/media/media-links.js';
import { StoredFiles } from '../../src/media/stored-files.service.js';
import type { OutboundContent } from '../../src/messages/message-content.js';
import { SystemClock, type Clock } from '../../src/platform/clock.js';
import { readEnv, type Env } from '../../src/platform/config/env.js';
import { ROLES } from '../../src/roles.js';
import { SecretBox } from '../../src/platform/crypto/secret-box.js';
import type { TenantId } from '../../src/platform/tenancy/tenant-id.js';
import { Loops } from '../../src/platform/loops/loops.js';
import { Wake } from '../../src/platform/wake.js';
import { SentMessages } from '../../src/devices/sent-messages.js';
import { LinkedCheck } from '../../src/devices/linked-check.js';
import { OpenSessions } from '../../src/devices/open-sessions.js';
import { Arrivals } from '../../src/delivery/arrivals.js';
import { Breakers } from '../../src/connections/health/breakers.js';
import { DeliveryStatusService } from '../../src/delivery/statuses/delivery-status.service.js';
import { DispatcherService } from '../../src/delivery/dispatcher.js';
import { ConnectionProber } from '../../src/connections/health/connection-prober.js';
import { ConnectionDirectory } from '../../src/connections/connection-directory.service.js';
import { OutboxGauges } from '../../src/delivery/outbox/outbox-gauges.js';
import { OutboxQueries } from '../../src/delivery/outbox/outbox.queries.js';
import { OutcomeRecorder } from '../../src/delivery/outbox/outcome-recorder.js';
import { FailedSendRetries } from '../../src/delivery/failed-send-retries.js';
import { FailedSends } from '../../src/delivery/failed-sends.js';
import { ProviderCalls } from '../../src/delivery/provider-calls.js';
import { ReconcilerService } from '../../src/delivery/reconciler.js';
import { UnconfirmedSends } from '../../src/delivery/unconfirmed-sends.js';
import { UnknownSends } from '../../src/delivery/unknown-sends.js';
import { SendLimits } from '../../src/delivery/limits/send-limits.js';
import { Sender } from '../../src/delivery/sender.js';
import { BaileysProvider } from '../../src/devices/baileys.provider.js';
import { OutboundFiles } from '../../src/delivery/outbound-files.js';
import { EvolutionProvider } from '../../src/providers/evolution/evolution.provider.js';
import { OfficialProvider } from '../../src/providers/official/official.provider.js';
import { ProviderFactory } from '../../src/providers/provider.factory.js';
import { SimulatorProvider } from '../../src/providers/simulator/simulator.provider.js';
import { TwilioProvider } from '../../src/providers/twilio/twilio.provider.js';
import { BaileysDouble } from './baileys-double.js';
import { testConnectionMetrics, testMetrics } from './delivery-metrics.js';
import { openTestDatabase, type TestDatabase } from './database.js';

export type Talk = {
  readonly tenantId: TenantId;
  readonly botId: string;
  readonly connectionId: string;
  readonly conversationId: string;
  readonly phone: string;
};

export type OutboxRow = {
  readonly id: string;
  readonly status: string;
  readonly attempt: number;
  readonly delivery: string | null;
  readonly connection_id: string;
  readonly provider_message_id: string | null;
  readonly error: { code: string; class: string; reason: string } | null;
  readonly next_at: Date;
};

/** The delivery half of the path as one process runs it, without Nest or HTTP in front. */
export type DeliveryProcess = ReturnType<DeliveryBench['newProcess']>;

let numbers = 0;

/** A database and as many delivery processes on it as a test wants. */
export class DeliveryBench {
  private readonly secrets = {
    jwtSecret: 'x'.repeat(48),
    encryptionKey: randomBytes(32).toString('base64'),
  };
  readonly box = new SecretBox(this.secrets);
  /** Linked devices: what WhatsApp is to them, and which of them are open. */
  readonly whatsapp = new BaileysDouble();
  readonly openSessions = new OpenSessions();
  private readonly processes: Loops[] = [];
  private readonly official: OfficialProvider[] = [];

  private constructor(readonly database: TestDatabase) {}

  static async open(): Promise<DeliveryBench> {
    return new DeliveryBench(await openTestDatabase());
  }

  newProcess(variables: Record<string, string> = {}, clock: Clock = new SystemClock()) {
    const env: Env = readEnv({ NODE_ENV: 'test', DATABASE_URL: this.database.url, ...variables }, ROLES);
    const { path, live } = this.database;
    const wake = new Wake();
    const newLoops = () => new Loops(env, wake);
    const loops = { dispatcher: newLoops(), reconciler: newLoops(), prober: newLoops() };
    const metrics = testMetrics();
    const connectionMetrics = testConnectionMetrics();
    const connections = new ConnectionDirectory(path, this.box, clock, live);
    const official = new OfficialProvider(env.metaGraphUrl, env.metaGraphVersion);
    this.official.push(official);
    const factory = new ProviderFactory(
      official,
      new TwilioProvider(env.twilioApiUrl),
      new EvolutionProvider(true),
      new SimulatorProvider({ statusStepMs: 1 }),
    );
    new BaileysProvider(
      this.openSessions,
      new SentMessages(path, this.whatsapp),
      this.whatsapp,
      new LinkedCheck(this.openSessions, this.whatsapp, path),
      factory,
    ).onModuleInit();
    const arrivals = new Arrivals(newLoops(), path, connections, clock);
    const outbox = new OutboxQueries(path, connections);
    const recorder = new OutcomeRecorder(env, outbox, wake, arrivals, live);
    const breakers = new Breakers();
    const stored = new StoredFiles(
      path,
      new LocalMediaStore(join(env.dataDir, 'media')),
      new MediaLinks(env, this.secrets, clock),
    );
    const calls = new ProviderCalls(env, factory, breakers, metrics, new OutboundFiles(stored));
    const sender = new Sender(connections, calls, new SendLimits(clock), metrics, connectionMetrics);
    const dispatcher = new DispatcherService(loops.dispatcher, env, outbox, sender, recorder);
    const unknown = new UnknownSends(path, live, wake);
    const retries = new FailedSendRetries(path, connections, calls, connectionMetrics, wake);
    this.processes.push(loops.dispatcher);
    return {
      env,
      wake,
      /** Each with its own, so that a test starts what it is about. */
      loops,
      factory,
      connections,
      outbox,
      recorder,
      sender,
      metrics,
      dispatcher,
      arrivals,
      prober: new ConnectionProber(loops.prober, connections, factory, wake, connectionMetrics),
      connectionMetrics,
      statuses: new DeliveryStatusService(path, wake, live),
      reconciler: new ReconcilerService(env, path, unknown, clock, loops.reconciler),
      unconfirmed: new UnconfirmedSends(newLoops(), env, path, live, metrics),
      failures: new FailedSends(newLoops(), path, retries, live),
      gauges: new OutboxGauges(path, metrics, newLoops()),
    };
  }

  async makeBot(
    tenantId?: TenantId,
    rules: { failover?: 'same_number' | 'any_number'; windowTemplate?: object } = {},
  ): Promise<{ tenantId: TenantId; botId: string }> {
    const owner = tenantId ?? (await this.database.makeTenant());
    const botId = randomUUID();
    const template = rules.windowTemplate ? JSON.stringify(rules.windowTemplate) : null;
    await this.database.owner.query(
      `insert into bot (id, tenant_id, name, failover, window_template) values ($1, $2, 'Bot', $3, $4)`,
      [botId, owner, rules.failover ?? 'same_number', template],
    );
    return { tenantId: owner, botId };
  }

  async makeConnection(
    { tenantId, botId }: { tenantId: TenantId; botId: string },
    overrides: { provider?: string; position?: number; accessToken?: string; state?: string; number?: string } = {},
  ): Promise<string> {
    const {
      provider = 'official',
      position = 0,
      accessToken = 'test-access-token',
      state = 'active',
      number = null,
    } = overrides;
    const phoneNumberId = `1000${++numbers}`;
    const credentials = { phoneNumberId, accessToken, appSecret: 'test-app-secret', verifyToken: 'v' };
    const { keyId, sealed } = this.box.seal(JSON.stringify(provider === 'official' ? credentials : {}));
    const id = randomUUID();
    await this.database.owner.query(
      `insert into connection (id, tenant_id, bot_id, provider, name, position, external_id, credentials,
         credentials_key_id, state, number) values ($1, $2, $3, $4, 'Ventas', $5, $6, $7, $8, $9, $10)`,
      [
        id,
        tenantId,
        botId,
        provider,
        position,
        provider === 'official' ? phoneNumberId : null,
        sealed,
        keyId,
        state,
        number,
      ],
    );
    return id;
  }

  /** A customer in conversation with a bot on one line. */
  async makeTalk(line: { tenantId: TenantId; botId: string; connectionId: string }): Promise<Talk> {
    const { tenantId, botId, connectionId } = line;
    const phone = `+5255${String(++numbers).padStart(8, '0')}`;
    const [contactId, conversationId] = [randomUUID(), randomUUID()];
    const { owner } = this.database;
    await owner.query('insert into contact (id, tenant_id, phone) values ($1, $2, $3)', [contactId, tenantId, phone]);
    await owner.query(
      `insert into conversation (id, tenant_id, bot_id, connection_id, contact_id, address, phone, last_in_at)
       values ($1, $2, $3, $4, $5, $6, $7, now())`,
      [conversationId, tenantId, botId, connectionId, contactId, phone.slice(1), phone],
    );
    return { tenantId, botId, connectionId, conversationId, phone };
  }

  /** A bot with one official line and one customer. */
  async makeOfficialTalk(): Promise<Talk> {
    const bot = await this.makeBot();
    return this.makeTalk({ ...bot, connectionId: await this.makeConnection(bot) });
  }

  /** Puts texts in the outbox, as one turn would; answers their ids. */
  async queue(
    talk: Talk,
    texts: readonly string[],
    overrides: { resendPolicy?: 'auto' | 'never'; lane?: number; body?: OutboundContent | object } = {},
  ): Promise<string[]> {
    const { rows } = await this.database.owner.query<{ id: string }>(
      `insert into outbox (tenant_id, conversation_id, connection_id, turn, idx, kind, lane, body, resend_policy,
         triggered_at)
       select $1, $2, $3, coalesce((select max(turn) from outbox where conversation_id = $2), 0) + 1, n, 'send', $4,
         coalesce($5::jsonb, jsonb_build_object('kind', 'text', 'text', text)), $6, now() - interval '20 ms'
       from unnest($7::text[]) with ordinality t(text, n) order by n
       returning id::text as id`,
      [
        talk.tenantId,
        talk.conversationId,
        talk.connectionId,
        overrides.lane ?? 0,
        overrides.body ? JSON.stringify(overrides.body) : null,
        overrides.resendPolicy ?? 'auto',
        texts,
      ],
    );
    return rows.map(({ id }) => id);
  }

  async row(id: string): Promise<OutboxRow> {
    const { rows } = await this.database.owner.query<OutboxRow>('select *, id::text as id from outbox where id = $1', [
      id,
    ]);
    const row = rows[0];
    if (!row) throw new Error(`No outbox row ${id}`);
    return row;
  }

  async logged(kind: string): Promise<Record<string, unknown>[]> {
    const { rows } = await this.database.owner.query<{ body: Record<string, unknown> }>(
      'select body from log_event where kind = $1 order by id',
      [kind],
    );
    return rows.map(({ body }) => body);
  }

  /** Resolves when the row is in one of these states. */
  async waitFor(id: string, ...statuses: readonly string[]): Promise<OutboxRow> {
    return eventually(async () => {
      const row = await this.row(id);
      if (!statuses.includes(row.status)) throw new Error(`Row ${id} is ${row.status}, not ${statuses.join(' or ')}`);
      return row;
    });
  }

  async clear(): Promise<void> {
    await this.database.owner.query('truncate outbox, failed_send, log_event');
  }

  async close(): Promise<void> {
    await Promise.all(this.processes.map((loops) => loops.stop()));
    await Promise.all(this.official.map((provider) => provider.onModuleDestroy()));
    await this.database.close();
  }
}

/** Tries until it does not throw; the last error is the one to see. */
export async function eventually<T>(check: () => Promise<T>, timeoutMs = 10_000): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}
