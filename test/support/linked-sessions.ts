import { randomBytes, randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';
import { SystemClock } from '../../src/platform/clock.js';
import { readEnv } from '../../src/platform/config/env.js';
import { ROLES } from '../../src/roles.js';
import { SecretBox } from '../../src/platform/crypto/secret-box.js';
import { LiveEvents, type LiveEvent } from '../../src/platform/live-events.js';
import type { TenantId } from '../../src/platform/tenancy/tenant-id.js';
import { Wake } from '../../src/platform/wake.js';
import { AuthState } from '../../src/devices/auth-state.js';
import type { OpenSession } from '../../src/providers/baileys/linked-socket.js';
import { OpenSessions } from '../../src/devices/open-sessions.js';
import type { LinkedEvents } from '../../src/devices/events/linked-events.js';
import { SessionJournal } from '../../src/devices/sessions/session-journal.js';
import { SessionKeeper } from '../../src/devices/sessions/session-keeper.js';
import { SessionLeases } from '../../src/devices/sessions/session-leases.js';
import { SessionNews } from '../../src/devices/sessions/session-news.js';
import { SessionRestrictions } from '../../src/devices/session-restrictions.js';
import { SessionSockets } from '../../src/devices/sessions/session-sockets.js';
import { SessionTiming } from '../../src/devices/sessions/session-timing.js';
import { SessionFactory } from '../../src/devices/sessions/session.factory.js';
import { SessionMetrics } from '../../src/devices/sessions/sessions.metrics.js';
import { ConnectionDirectory } from '../../src/connections/connection-directory.service.js';
import { BaileysDouble, type SocketDouble } from './baileys-double.js';
import { openTestDatabase, type TestDatabase } from './database.js';
import { until } from './until.js';
import { Loops } from '../../src/platform/loops/loops.js';

export type LinkedDevice = { readonly tenantId: TenantId; readonly botId: string; readonly connectionId: string };
export type SessionRow = {
  readonly state: string;
  readonly state_reason: string | null;
  readonly holder: string | null;
  readonly fence: string;
  readonly attempts: number;
  readonly close_code: number | null;
  readonly phone: string | null;
  readonly secret: Buffer | null;
  readonly secret_key_id: string | null;
  readonly linked_at: Date | null;
  readonly last_inbound_at: Date | null;
  readonly restricted_until: Date | null;
  readonly restriction_reason: string | null;
  readonly next_connect_at: Date;
  readonly health: string;
  readonly health_reason: string | null;
};

/** One database, and processes on it that hold linked devices against WhatsApp doubles. */
export class SessionBench {
  readonly box = new SecretBox({ jwtSecret: 'x'.repeat(48), encryptionKey: randomBytes(32).toString('base64') });
  private readonly running: SessionProcess[] = [];

  private constructor(readonly database: TestDatabase) {}

  static async open(): Promise<SessionBench> {
    // Ends of sockets are what these tests are about; each would be logged.
    Logger.overrideLogger(false);
    return new SessionBench(await openTestDatabase());
  }

  newProcess({
    whatsapp = new BaileysDouble(),
    clock = new SystemClock(),
    ...rest
  }: ProcessOptions = {}): SessionProcess {
    const { path } = this.database;
    const live = new LiveEvents();
    const told: LiveEvent[] = [];
    live.subscribe((event) => told.push(event));
    const open = new OpenSessions();
    const connections = new ConnectionDirectory(path, this.box, clock, live);
    const registry = new Registry();
    const wake = new Wake();
    const metrics = testMetrics(registry);
    const leases = new SessionLeases(path);
    const restrictions = new SessionRestrictions(path);
    const timing = Object.assign(new SessionTiming(clock), {
      watchdogMs: 20_000,
      answerMs: 2000,
      backoffScale: 0.01,
      flushMs: 0,
      ...rest.timing,
    });
    // What is made of what they receive is tested by itself.
    const events = { attach: () => async () => undefined, findSent: async () => undefined } as unknown as LinkedEvents;
    const sockets = new SessionSockets(whatsapp, new AuthState(path, this.box, whatsapp), open, events);
    const news = new SessionNews(connections, live, metrics);
    const journal = new SessionJournal(path, news, restrictions, this.box, timing);
    const env = readEnv({ NODE_ENV: 'test', DATABASE_URL: this.database.url, ...rest.variables }, ROLES);
    const loops = new Loops(env, wake);
    const keeper = new SessionKeeper(env, connections, leases, new SessionFactory(sockets, journal, timing), loops);
    const process = { keeper, loops, connections, whatsapp, open, leases, restrictions, told, registry, wake };
    this.running.push(process);
    return process;
  }

  start(options: ProcessOptions = {}): SessionProcess {
    const process = this.newProcess(options);
    process.loops.start();
    return process;
  }

  /** A device that is linked and open in a process of its own. */
  async openDevice(options: ProcessOptions = {}) {
    const device = await this.addDevice();
    const process = this.start(options);
    const socket = await socketOf(process);
    await socket.open();
    await isOpen(process, device);
    return { device, process, socket };
  }

  /** Ends every process; nothing is linked any more. */
  async clear(): Promise<void> {
    await Promise.all(this.running.splice(0).map(({ loops }) => loops.stop()));
    await this.database.owner.query('delete from linked_session');
  }

  /** A connection that somebody asked to link; `linked` devices need no code any more. */
  async addDevice(overrides: { pairingPhone?: string; state?: string } = {}): Promise<LinkedDevice> {
    const { owner } = this.database;
    const tenantId = await this.database.makeTenant();
    const [botId, connectionId] = [randomUUID(), randomUUID()];
    const { keyId, sealed } = this.box.seal('{}');
    await owner.query('insert into bot (id, tenant_id, name) values ($1, $2, $3)', [botId, tenantId, 'Aurora']);
    await owner.query(
      `insert into connection (id, tenant_id, bot_id, provider, name, credentials, credentials_key_id)
       values ($1, $2, $3, 'baileys', 'Ventas', $4, $5)`,
      [connectionId, tenantId, botId, sealed, keyId],
    );
    await owner.query(
      'insert into linked_session (connection_id, tenant_id, state, pairing_phone) values ($1, $2, $3, $4)',
      [connectionId, tenantId, overrides.state ?? 'connecting', overrides.pairingPhone ?? null],
    );
    return { tenantId, botId, connectionId };
  }

  async row({ connectionId }: LinkedDevice): Promise<SessionRow> {
    const { rows } = await this.database.owner.query<SessionRow>(
      `select s.*, c.health, c.health_reason from linked_session s join connection c on c.id = s.connection_id
        where s.connection_id = $1`,
      [connectionId],
    );
    const [row] = rows;
    if (!row) throw new Error('No such session');
    return row;
  }

  untilRow(what: string, device: LinkedDevice, is: (row: SessionRow) => boolean): Promise<SessionRow> {
    return until(what, async () => {
      const row = await this.row(device);
      return is(row) ? row : null;
    });
  }

  set({ connectionId }: LinkedDevice, columns: string): Promise<unknown> {
    return this.database.owner.query(`update linked_session set ${columns} where connection_id = $1`, [connectionId]);
  }

  async close(): Promise<void> {
    await this.clear();
    await this.database.close();
  }
}

export type SessionProcess = {
  readonly keeper: SessionKeeper;
  readonly loops: Loops;
  readonly connections: ConnectionDirectory;
  readonly whatsapp: BaileysDouble;
  readonly open: OpenSessions;
  readonly leases: SessionLeases;
  readonly restrictions: SessionRestrictions;
  /** Live events, in order. */
  readonly told: readonly LiveEvent[];
  readonly registry: Registry;
  readonly wake: Wake;
};

export function socketOf({ whatsapp }: SessionProcess, count = 1): Promise<SocketDouble> {
  return until(`socket ${count}`, async () => whatsapp.sockets[count - 1]);
}

export function isOpen({ open }: SessionProcess, { connectionId }: LinkedDevice): Promise<OpenSession> {
  return until('the session to be open', async () => open.find(connectionId));
}

/** What is told comes after the row was written. */
export function untilTold({ told }: SessionProcess, wanted: string): Promise<LiveEvent> {
  return until(`${wanted} to be told`, async () => told.find(({ type }) => type === wanted));
}

type ProcessOptions = {
  readonly whatsapp?: BaileysDouble;
  readonly clock?: SystemClock;
  readonly timing?: Partial<Pick<SessionTiming, 'watchdogMs' | 'answerMs' | 'backoffScale' | 'flushMs'>>;
  readonly variables?: Record<string, string>;
};

function testMetrics(registry: Registry): SessionMetrics {
  const registers = [registry];
  return new SessionMetrics(
    new Gauge({ name: 'open', help: 'open', labelNames: ['connection'], registers }),
    new Gauge({ name: 'age', help: 'age', labelNames: ['connection'], registers }),
    new Counter({ name: 'closes', help: 'closes', labelNames: ['connection', 'reason'], registers }),
  );
}
