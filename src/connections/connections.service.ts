import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { BotsService } from '../bots/bots.service.js';
import { Clock } from '../platform/clock.js';
import { isStillReferenced, violates } from '../platform/database/constraint-violation.js';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import { InvalidInputError } from '../platform/errors/app-error.js';
import { assertRevision } from '../platform/http/etag.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import {
  ConnectionExistsError,
  ConnectionInUseError,
  ConnectionNotFoundError,
  ConnectionSendingError,
} from './connection.errors.js';
import { ConnectionCredentials } from './connection-credentials.js';
import { Connection } from './connection.entity.js';
import type { ChangeConnection, CreateConnection } from './connections.dto.js';
import { ConnectionDirectory } from './connection-directory.service.js';
import type { ProviderName } from '../providers/whatsapp-provider.js';
import { findTemplateProblems, type TemplateProblem } from './templates/template-states.js';

export type ConnectionView = {
  id: string;
  botId: string;
  provider: string;
  name: string;
  position: number;
  state: 'active' | 'paused';
  health: 'unknown' | 'up' | 'degraded' | 'auth_lost';
  healthReason: string | null;
  healthAt: string | null;
  externalId: string | null;
  number: string | null;
  restrictedUntil: string | null;
  templateProblems: { name: string; language: string; status: string; reason: string | null; noticedAt: string }[];
  lastInAt: string | null;
  lastOutAt: string | null;
  credentialFields: string[];
  revision: number;
  createdAt: string;
  updatedAt: string;
};

const LOCK = { mode: 'pessimistic_write' } as const;

/** A bot's connections as its tenant keeps them; as the message path finds them, see ConnectionDirectory. */
@Injectable()
export class ConnectionsService {
  constructor(
    private readonly db: TenantDatabase,
    private readonly bots: BotsService,
    private readonly credentials: ConnectionCredentials,
    private readonly connections: ConnectionDirectory,
    private readonly clock: Clock,
  ) {}

  /** All of them, in order of preference: a bot has a handful. @throws BotNotFoundError */
  list(tenantId: TenantId, botId: string): Promise<ConnectionView[]> {
    return this.db.transaction(tenantId, async (tx) => {
      await this.bots.getIn(tx, tenantId, botId);
      const rows = await tx.find(Connection, {
        where: { tenantId, botId },
        order: { position: 'ASC', createdAt: 'ASC' },
      });
      const problems = await findTemplateProblems(tx, tenantId, botId);
      return rows.map((row) => this.toView(row, problems));
    });
  }

  /** @throws ConnectionNotFoundError unknown id, another bot's, or another tenant's */
  get(tenantId: TenantId, botId: string, id: string): Promise<ConnectionView> {
    return this.db.transaction(tenantId, (tx) => this.view(tx, tenantId, botId, id));
  }

  /**
   * @throws BotNotFoundError
   * @throws InvalidInputError the credentials are not what the provider needs
   * @throws SimulatorNotAllowedError
   * @throws ConnectionExistsError the tenant has this number of this provider already
   */
  create(tenantId: TenantId, botId: string, { credentials, ...fields }: CreateConnection): Promise<ConnectionView> {
    const sealed = this.credentials.seal(fields.provider, credentials);
    const now = this.clock.now();
    return this.write(tenantId, async (tx) => {
      await this.bots.getIn(tx, tenantId, botId);
      const id = randomUUID();
      await tx.insert(Connection, { id, tenantId, botId, ...fields, ...sealed, createdAt: now, updatedAt: now });
      return this.view(tx, tenantId, botId, id);
    });
  }

  /**
   * New credentials replace all the old ones, and the connection's health begins anew.
   *
   * @param ifMatch the revision the caller read, in quotes; absent means whatever it is now
   * @throws ConnectionNotFoundError RevisionMismatchError, and what `create` throws
   */
  change(
    tenantId: TenantId,
    botId: string,
    id: string,
    { credentials, ...fields }: ChangeConnection,
    ifMatch?: string,
  ): Promise<ConnectionView> {
    return this.write(tenantId, async (tx) => {
      const connection = await load(tx, tenantId, botId, id, 'locked');
      assertRevision(ifMatch, connection.revision);
      const renewed = credentials && {
        ...this.credentials.seal(connection.provider as ProviderName, credentials),
        health: 'unknown' as const,
        healthReason: null,
        healthAt: null,
      };
      const revision = connection.revision + 1;
      await tx.update(Connection, { id, tenantId }, { ...fields, ...renewed, revision, updatedAt: this.clock.now() });
      return this.view(tx, tenantId, botId, id);
    });
  }

  /**
   * @param ids every connection of the bot, the most preferred first
   * @throws BotNotFoundError
   * @throws InvalidInputError not each of them once
   */
  order(tenantId: TenantId, botId: string, ids: readonly string[]): Promise<ConnectionView[]> {
    return this.write(tenantId, async (tx) => {
      await this.bots.getIn(tx, tenantId, botId);
      const rows = await tx.find(Connection, { where: { tenantId, botId }, order: { id: 'ASC' }, lock: LOCK });
      const wanted = ids.map((id) => rows.find((row) => row.id === id));
      if (ids.length !== rows.length || new Set(wanted).size !== rows.length || wanted.includes(undefined)) {
        throw new InvalidInputError([{ field: 'ids', message: 'must name every connection of the bot once' }]);
      }
      const now = this.clock.now();
      for (const [position, row] of wanted.entries()) {
        if (!row || row.position === position) continue;
        const revision = row.revision + 1;
        await tx.update(Connection, { id: row.id, tenantId }, { position, revision, updatedAt: now });
        Object.assign(row, { position, revision, updatedAt: now });
      }
      const problems = await findTemplateProblems(tx, tenantId, botId);
      return wanted.filter((row) => row !== undefined).map((row) => this.toView(row, problems));
    });
  }

  /**
   * @throws ConnectionInUseError conversations came by it
   * @throws ConnectionSendingError messages are still to go by it
   */
  delete(tenantId: TenantId, botId: string, id: string, ifMatch?: string): Promise<void> {
    return this.write(tenantId, async (tx) => {
      const { revision } = await load(tx, tenantId, botId, id, 'locked');
      assertRevision(ifMatch, revision);
      const [open]: { count: number }[] = await tx.query(
        `select count(*)::int as count from outbox
          where tenant_id = $1 and connection_id = $2 and status in ('pending', 'sending', 'unknown')`,
        [tenantId, id],
      );
      if (open && open.count > 0) throw new ConnectionSendingError(open.count);
      await tx.delete(Connection, { id, tenantId });
    });
  }

  private async write<T>(tenantId: TenantId, work: (tx: EntityManager) => Promise<T>): Promise<T> {
    try {
      return await this.db.transaction(tenantId, work);
    } catch (error) {
      if (violates(error, 'connection_tenant_id_provider_external_id_key'))
        throw new ConnectionExistsError({ cause: error });
      if (isStillReferenced(error)) throw new ConnectionInUseError({ cause: error });
      throw error;
    } finally {
      this.connections.forget();
    }
  }

  private async view(tx: EntityManager, tenantId: TenantId, botId: string, id: string): Promise<ConnectionView> {
    const row = await load(tx, tenantId, botId, id);
    return this.toView(row, await findTemplateProblems(tx, tenantId, botId));
  }

  private toView(row: Connection, problems: readonly TemplateProblem[]): ConnectionView {
    return {
      id: row.id,
      botId: row.botId,
      provider: row.provider,
      name: row.name,
      position: row.position,
      state: row.state,
      health: row.health,
      healthReason: row.healthReason,
      healthAt: row.healthAt?.toISOString() ?? null,
      externalId: row.externalId,
      number: row.number,
      restrictedUntil: row.restrictedUntil?.toISOString() ?? null,
      templateProblems: problems
        .filter(({ connectionId }) => connectionId === row.id)
        .map(({ name, language, status, reason, noticedAt }) => {
          return { name, language, status, reason, noticedAt: noticedAt.toISOString() };
        }),
      lastInAt: row.lastInAt?.toISOString() ?? null,
      lastOutAt: row.lastOutAt?.toISOString() ?? null,
      credentialFields: Object.keys(this.credentials.open(row.credentialsKeyId, row.credentials)),
      revision: row.revision,
      createdAt: row.createdAt.toISOString(),
      updatedAt: row.updatedAt.toISOString(),
    };
  }
}

async function load(
  tx: EntityManager,
  tenantId: TenantId,
  botId: string,
  id: string,
  mode?: 'locked',
): Promise<Connection> {
  const lock = mode && LOCK;
  const connection = await tx.findOne(Connection, { where: { id, tenantId, botId }, lock });
  if (!connection) throw new ConnectionNotFoundError(id);
  return connection;
}
