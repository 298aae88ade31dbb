import { Injectable } from '@nestjs/common';
import { IsNull } from 'typeorm';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { ConnectionNotFoundError } from './connection.errors.js';
import { ConnectionDirectory, type PathConnection } from './connection-directory.service.js';
import { ProviderFactory } from '../providers/provider.factory.js';
import type { AccountCheck } from '../providers/whatsapp-provider.js';
import { Connection } from './connection.entity.js';

const CHECK_TIMEOUT_MS = 10_000;

/** Whether a connection's account works, asked of its provider now; nobody receives anything. */
@Injectable()
export class ConnectionChecks {
  constructor(
    private readonly db: TenantDatabase,
    private readonly connections: ConnectionDirectory,
    private readonly factory: ProviderFactory,
  ) {}

  /**
   * What the answer proves becomes the connection's health; a number the provider tells is kept where none was entered.
   *
   * @throws ConnectionNotFoundError unknown id, another bot's, or another tenant's
   */
  async check(tenantId: TenantId, botId: string, id: string): Promise<AccountCheck> {
    this.connections.forget();
    const connection = await this.connections.find(id);
    if (connection?.tenantId !== tenantId || connection.botId !== botId) throw new ConnectionNotFoundError(id);
    const checked = await this.ask(connection);
    if (checked.ok) {
      await this.connections.report(connection, 'up', null);
      if (checked.number) await this.keepNumber(tenantId, id, checked.number);
    } else if (checked.class === 'auth') {
      await this.connections.report(connection, 'auth_lost', `${checked.code}: ${checked.reason}`);
    } else if (checked.class === 'failover') {
      await this.connections.report(connection, 'degraded', `${checked.code}: ${checked.reason}`);
    }
    return checked;
  }

  private async ask({ provider, account }: PathConnection): Promise<AccountCheck> {
    if (!account) {
      const reason = 'The credentials were sealed with a key this process does not have: enter them again';
      return { ok: false, class: 'auth', code: 'CREDENTIALS_UNREADABLE', reason };
    }
    return this.factory.get(provider).check(account, AbortSignal.timeout(CHECK_TIMEOUT_MS));
  }

  private async keepNumber(tenantId: TenantId, id: string, number: string): Promise<void> {
    await this.db.transaction(tenantId, (tx) => tx.update(Connection, { id, tenantId, number: IsNull() }, { number }));
    this.connections.forget();
  }
}
