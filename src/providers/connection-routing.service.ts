import { Injectable } from '@nestjs/common';
import { ShortCache } from '../platform/cache/short-cache.js';
import { PathPool } from '../platform/database/path-pool.js';
import { ConnectionNotFoundError } from './connection.errors.js';
import { ConnectionCredentials } from './connections/connection-credentials.js';

/** A line as the message path uses it, with its credentials opened: never to be logged or shown. */
export type RoutedConnection = {
  readonly id: string;
  readonly tenantId: string;
  readonly botId: string;
  readonly provider: string;
  readonly externalId: string | null;
  readonly state: 'active' | 'paused';
  readonly credentials: Readonly<Record<string, string>>;
};

type Row = Omit<RoutedConnection, 'credentials'> & { credentials: Buffer; keyId: string };

const LIFE_MS = 5000;
const MAX_ENTRIES = 10_000;
const SELECT = `select id, tenant_id "tenantId", bot_id "botId", provider, external_id "externalId", state,
  credentials, credentials_key_id "keyId" from connection`;

/**
 * Whose line is this? Across tenants, as role `path`: a webhook names a number and no tenant. Answers are at most 5 s
 * old; at once in the process that changed a connection.
 */
@Injectable()
export class ConnectionRouting {
  private readonly byExternalId = new ShortCache<RoutedConnection[]>(LIFE_MS, MAX_ENTRIES);
  private readonly byId = new ShortCache<RoutedConnection>(LIFE_MS, MAX_ENTRIES);

  constructor(
    private readonly path: PathPool,
    private readonly credentials: ConnectionCredentials,
  ) {}

  /** Paused ones too, because they receive. Two tenants may claim one number: the signature tells whose it is. */
  findByExternalId(provider: string, externalId: string): Promise<RoutedConnection[]> {
    return this.byExternalId.get(`${provider} ${externalId}`, async () => {
      const rows = await this.path.query<Row>(`${SELECT} where provider = $1 and external_id = $2 order by id`, [
        provider,
        externalId,
      ]);
      return rows.map((row) => this.open(row));
    });
  }

  /** @throws ConnectionNotFoundError deleted since */
  getAccount(connectionId: string): Promise<RoutedConnection> {
    return this.byId.get(connectionId, async () => {
      const rows = await this.path.query<Row>(`${SELECT} where id = $1`, [connectionId]);
      const row = rows[0];
      if (!row) throw new ConnectionNotFoundError(connectionId);
      return this.open(row);
    });
  }

  /** Every line of a provider, uncached: for what names no line, such as Meta's verification of the webhook address. */
  async listByProvider(provider: string): Promise<RoutedConnection[]> {
    const rows = await this.path.query<Row>(`${SELECT} where provider = $1 order by id`, [provider]);
    return rows.map((row) => this.open(row));
  }

  forget(): void {
    this.byExternalId.clear();
    this.byId.clear();
  }

  private open({ credentials, keyId, ...row }: Row): RoutedConnection {
    return { ...row, credentials: this.credentials.open(keyId, credentials) };
  }
}
