import { Injectable, Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Clock } from '../platform/clock.js';
import { SecretBox } from '../platform/crypto/secret-box.js';
import { isUnavailable } from '../platform/database/connection-errors.js';
import { PathPool } from '../platform/database/path-pool.js';
import { LiveEvents } from '../platform/live-events.js';
import { toStorableText } from '../messages/storable.js';
import type { ProviderAccount } from '../providers/whatsapp-provider.js';
import type { ConnectionStanding } from './health/connection.metrics.js';
import {
  CHANGE_HEALTH,
  LOOK_NOW,
  RESTRICT,
  STANDINGS,
  TAKE_PROBES,
  type HealthChange,
} from './health/connection-health.sql.js';
import { IS_PROBE_DUE, selectConnections, toPathConnection, type PathConnectionRow } from './path-connection.rows.js';
import type { PathConnection, ConnectionHealth } from './path-connection.js';

export type { PathConnection, ConnectionHealth };

const FRESH_MS = 3000;
const MAX_KNOWN = 50_000;

type Cached = { readonly connections: readonly PathConnection[]; readonly at: number; readonly change: number };

/**
 * Whose connection is this? Across tenants, as role `path`. Answers are a few seconds old at most, and none in the process
 * that changed a connection; except while Postgres is away: then the last known ones serve without expiry, so that
 * webhooks of known numbers still reach the spool (INV-1).
 */
@Injectable()
export class ConnectionDirectory {
  private readonly logger = new Logger(ConnectionDirectory.name);
  private readonly known = new LRUCache<string, Cached>({ max: MAX_KNOWN });
  /** Counts what this process was told of; what was loaded before the last one is old. */
  private change = 0;
  private loading = new Map<string, Promise<readonly PathConnection[]>>();
  private others: readonly string[] = [];

  constructor(
    private readonly path: PathPool,
    private readonly secrets: SecretBox,
    private readonly clock: Clock,
    private readonly live: LiveEvents,
  ) {}

  async find(connectionId: string): Promise<PathConnection | null> {
    const connections = await this.look(`id ${connectionId}`, 'where n.id = $1', [connectionId]);
    return connections[0] ?? null;
  }

  /** Every tenant's connections that claim this id: a signature tells which of them is the real one. */
  findByExternalId(provider: string, externalId: string): Promise<readonly PathConnection[]> {
    return this.look(externalKey(provider, externalId), 'where n.provider = $1 and n.external_id = $2 order by n.id', [
      provider,
      externalId,
    ]);
  }

  /** The same for many ids, with one question for all that are not known; in the order of the ids. */
  async findByExternalIds(
    provider: string,
    externalIds: readonly string[],
  ): Promise<ReadonlyMap<string, readonly PathConnection[]>> {
    const [only, ...more] = externalIds;
    if (only !== undefined && more.length === 0) return new Map([[only, await this.findByExternalId(provider, only)]]);
    const fresh = externalIds.map((id) => [id, this.findFresh(externalKey(provider, id))] as const);
    const unknown = fresh.filter(([, connections]) => connections === null).map(([id]) => id);
    const asked = await this.loadMany(provider, unknown);
    return new Map(fresh.map(([id, connections]) => [id, connections ?? asked.get(id) ?? []]));
  }

  /** All connections of a bot, in its order of preference. */
  ofBot(botId: string): Promise<readonly PathConnection[]> {
    return this.look(`bot ${botId}`, 'where n.bot_id = $1 order by n.position, n.created_at, n.id', [botId]);
  }

  /** Every tenant's connections whose credentials name one of these business accounts; a signature tells which is real. */
  findByAccounts(provider: string, accountIds: readonly string[]): Promise<readonly PathConnection[]> {
    return this.load('where n.provider = $1 and n.account_id = any($2::text[]) order by n.id', [provider, accountIds]);
  }

  /** For connections from before accounts were kept beside the sealed credentials. */
  async noteAccount(connectionId: string, accountId: string): Promise<void> {
    await this.path.query('update connection set account_id = $2 where id = $1 and account_id is null', [
      connectionId,
      accountId,
    ]);
  }

  /** For what names no connection at all, such as the verify handshake; always as of now. */
  listActive(provider: string): Promise<readonly PathConnection[]> {
    return this.load(`where n.provider = $1 and n.state = 'active' order by n.id`, [provider]);
  }

  /** Whether this send may find out if the connection is authorised again: one in five minutes, of all processes, may. */
  async mayProbe(connection: PathConnection): Promise<boolean> {
    if (!connection.isProbeDue) return false;
    const taken = await this.path.query(
      `update connection n set health_at = now() where n.id = $1 and ${IS_PROBE_DUE} returning n.id`,
      [connection.connectionId],
    );
    this.forget();
    return taken.length > 0;
  }

  /** Connections that are not well and that this process, of all, is to look after now; at most `limit`. */
  async takeProbes(limit: number): Promise<readonly PathConnection[]> {
    const taken = await this.path.query<{ id: string }>(TAKE_PROBES, [limit]);
    if (taken.length === 0) return [];
    return this.load('where n.id = any($1::uuid[])', [taken.map(({ id }) => id)]);
  }

  /** How every active connection stands, for the figures. */
  standings(): Promise<ConnectionStanding[]> {
    return this.path.query<ConnectionStanding>(STANDINGS);
  }

  /**
   * Writes down how the connection does, when that is news, and tells who wants to know. A failure is logged: the send's own
   * outcome matters more.
   *
   * @param probeAfterMs nobody looks whether it is well again before
   */
  async report(
    connection: PathConnection,
    health: ConnectionHealth,
    reason: string | null,
    probeAfterMs = 0,
  ): Promise<void> {
    if (connection.health === health) return;
    const { connectionId } = connection;
    const cleaned = reason === null ? null : toStorableText(reason, 500);
    try {
      const [change] = await this.path.query<HealthChange>(CHANGE_HEALTH, [
        connectionId,
        health,
        cleaned,
        probeAfterMs,
      ]);
      this.forget();
      if (change) this.tell(connection, change, cleaned);
    } catch (error) {
      this.logger.warn({ err: error, connectionId }, 'the health of a connection could not be recorded');
    }
  }

  /** The connection brought a message or a status, so it lives: whether it may send again is looked into at once. */
  async noteSignOfLife(connection: PathConnection): Promise<void> {
    if (connection.health !== 'degraded') return;
    const { connectionId } = connection;
    try {
      await this.path.query(LOOK_NOW, [connectionId]);
    } catch (error) {
      this.logger.warn({ err: error, connectionId }, 'a sign of life of a connection could not be recorded');
    }
  }

  /** The provider restricted the number: until then it writes to nobody first. */
  async restrict(connection: PathConnection, forMs: number): Promise<void> {
    this.logger.warn({ connectionId: connection.connectionId, forMs }, 'a number is restricted by its provider');
    try {
      await this.path.query(RESTRICT, [connection.connectionId, forMs]);
      this.forget();
    } catch (error) {
      this.logger.warn({ err: error, connectionId: connection.connectionId }, 'a restriction could not be recorded');
    }
  }

  /**
   * Connections whose sends and files are for another process, because only that one has their sockets: it holds them, or
   * they are between two holders and back in seconds. As old as the last look, which is about a second.
   */
  heldElsewhere(): readonly string[] {
    return this.others;
  }

  /** Told by whoever holds sockets, with every look. */
  noteHeldElsewhere(connectionIds: readonly string[]): void {
    this.others = connectionIds;
  }

  /** The time that routes are chosen by. */
  nowMs(): number {
    return this.clock.now().getTime();
  }

  /** Something changed: what is known, or being loaded just now, counts as old. */
  forget(): void {
    this.change += 1;
    this.loading = new Map();
  }

  private async look(key: string, where: string, params: readonly string[]): Promise<readonly PathConnection[]> {
    const fresh = this.findFresh(key);
    if (fresh) return fresh;
    try {
      return await this.loadOnce(key, where, params);
    } catch (error) {
      const known = this.known.get(key);
      if (known && isUnavailable(error)) return known.connections;
      throw error;
    }
  }

  private findFresh(key: string): readonly PathConnection[] | null {
    const cached = this.known.get(key);
    const isFresh = cached?.change === this.change && this.clock.now().getTime() - cached.at < FRESH_MS;
    return isFresh ? cached.connections : null;
  }

  private async loadMany(provider: string, ids: readonly string[]): Promise<Map<string, readonly PathConnection[]>> {
    if (ids.length === 0) return new Map();
    const { change } = this;
    try {
      const where = 'where n.provider = $1 and n.external_id = any($2::text[]) order by n.id';
      const rows = await this.path.query<PathConnectionRow>(selectConnections(where), [provider, ids]);
      const found = new Map<string, PathConnection[]>(ids.map((id) => [id, []]));
      for (const row of rows) found.get(row.external_id ?? '')?.push(toPathConnection(row, this.open(row)));
      if (change === this.change)
        for (const [id, connections] of found) this.remember(externalKey(provider, id), connections);
      return found;
    } catch (error) {
      const known = ids.map((id) => [id, this.known.get(externalKey(provider, id))?.connections ?? []] as const);
      if (isUnavailable(error) && known.every(([, connections]) => connections.length > 0)) return new Map(known);
      throw error;
    }
  }

  /** A hundred sends that ask at once ask Postgres once. */
  private loadOnce(key: string, where: string, params: readonly string[]): Promise<readonly PathConnection[]> {
    const running = this.loading.get(key);
    if (running) return running;
    const { loading, change } = this;
    const load = this.load(where, params)
      .then((connections) => {
        if (change === this.change) this.remember(key, connections);
        return connections;
      })
      .finally(() => loading.delete(key));
    loading.set(key, load);
    return load;
  }

  /** What nobody has is not remembered: anyone may post numbers we never heard of. */
  private remember(key: string, connections: readonly PathConnection[]): void {
    if (connections.length > 0)
      this.known.set(key, { connections, at: this.clock.now().getTime(), change: this.change });
    else this.known.delete(key);
  }

  private async load(where: string, params: readonly unknown[]): Promise<readonly PathConnection[]> {
    const rows = await this.path.query<PathConnectionRow>(selectConnections(where), params);
    return rows.map((row) => toPathConnection(row, this.open(row)));
  }

  private tell(
    { tenantId, botId, connectionId, provider }: PathConnection,
    { was, health }: HealthChange,
    reason: string | null,
  ) {
    const connection = { connectionId, provider, was, health, reason };
    if (health === 'auth_lost')
      this.logger.error(connection, 'a connection lost its authorisation: somebody must renew it');
    else if (health === 'degraded') this.logger.warn(connection, 'a connection is not well');
    else if (was !== 'unknown') this.logger.log(connection, 'a connection is well again');
    this.live.publish(tenantId, 'connection.health', { connectionId, botId, provider, health, reason });
  }

  private open(row: PathConnectionRow): ProviderAccount | null {
    try {
      const credentials = JSON.parse(this.secrets.open(row.credentials_key_id, row.credentials)) as Record<
        string,
        string
      >;
      return { connectionId: row.id, credentials };
    } catch (error) {
      const reason = error instanceof SyntaxError ? 'not JSON' : String(error);
      this.logger.error({ connectionId: row.id, reason }, 'the credentials of a connection cannot be opened');
      return null;
    }
  }
}

function externalKey(provider: string, externalId: string): string {
  return `external ${provider} ${externalId}`;
}
