import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { IsNull } from 'typeorm';
import { Clock } from '../../platform/clock.js';
import { sortedPage, type SortColumn } from '../../platform/http/sorted-page.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import type { Page } from '../../platform/http/page.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import { type KeyMeView, toMeTenant } from '../auth.dto.js';
import { ApiKeyNotFoundError, NotSignedInError, PermissionNotYoursError } from '../auth.errors.js';
import { KEY_PERMISSIONS, type KeyPermission, permissionsOf, permissionsOfKey } from '../permissions.js';
import type { Caller } from '../tenant.decorator.js';
import { hashOf, makeSecret } from '../tenant-secret.js';
import { TenantsService } from '../tenants.service.js';
import { ApiKey } from './api-key.entity.js';
import { ApiKeyVerifier, isLive, prefixOf } from './api-key-verifier.js';
import { type ApiKeyView, type CreateApiKey, type NewApiKey, toApiKeyView, type ListApiKeys } from './api-keys.dto.js';

const DAY_MS = 24 * 3_600_000;

const SORTS: Readonly<Record<string, SortColumn>> = {
  createdAt: { sql: 'k.created_at', type: 'timestamptz' },
  name: { sql: 'lower(k.name)', type: 'text' },
};

@Injectable()
export class ApiKeysService {
  constructor(
    private readonly db: TenantDatabase,
    private readonly verifier: ApiKeyVerifier,
    private readonly tenants: TenantsService,
    private readonly clock: Clock,
  ) {}

  /** Revoked and expired ones too: what they did refers to them. */
  list(tenantId: TenantId, page: ListApiKeys): Promise<Page<ApiKeyView>> {
    return this.db.transaction(tenantId, async (tx) => {
      const query = tx.createQueryBuilder(ApiKey, 'k').where({ tenantId });
      const { items, nextCursor } = await sortedPage(query, page, SORTS);
      return { items: items.map(toApiKeyView), nextCursor };
    });
  }

  /**
   * The only time the key is told.
   *
   * @throws PermissionNotYoursError the caller may not do that
   */
  async create(caller: Caller, { name, permissions, expiresInDays }: CreateApiKey): Promise<NewApiKey> {
    assertOwn(caller, permissions);
    const { tenantId } = caller;
    const now = this.clock.now();
    const key = makeSecret('dok', tenantId);
    const row: ApiKey = {
      id: randomUUID(),
      tenantId,
      name,
      prefix: prefixOf(key),
      secretHash: hashOf(key),
      permissions: KEY_PERMISSIONS.filter((permission) => permissions.includes(permission)),
      expiresAt: new Date(now.getTime() + expiresInDays * DAY_MS),
      revokedAt: null,
      lastUsedAt: null,
      createdBy: caller.userId,
      createdAt: now,
    };
    await this.db.transaction(tenantId, (tx) => tx.insert(ApiKey, row));
    return { ...toApiKeyView(row), key };
  }

  /**
   * At once in this process, within 5 s in every other. Revoking again changes nothing.
   *
   * @throws ApiKeyNotFoundError unknown id, or another tenant's
   */
  async revoke(tenantId: TenantId, id: string): Promise<void> {
    await this.db.transaction(tenantId, async (tx) => {
      const revokedAt = this.clock.now();
      const { affected } = await tx.update(ApiKey, { id, tenantId, revokedAt: IsNull() }, { revokedAt });
      if (affected === 0 && !(await tx.existsBy(ApiKey, { id, tenantId }))) throw new ApiKeyNotFoundError(id);
    });
    this.verifier.forget();
  }

  /** @throws NotSignedInError revoked in another process a moment ago */
  me({ tenantId, userId }: Caller): Promise<KeyMeView> {
    return this.db.transaction(tenantId, async (tx) => {
      const key = await tx.findOneBy(ApiKey, { id: userId, tenantId });
      if (!key || !isLive(key, this.clock.now())) throw new NotSignedInError();
      return {
        kind: 'key',
        id: key.id,
        name: key.name,
        permissions: permissionsOfKey(key.permissions),
        expiresAt: key.expiresAt?.toISOString() ?? null,
        tenant: toMeTenant(await this.tenants.getIn(tx, tenantId)),
      };
    });
  }
}

function assertOwn({ role }: Caller, permissions: readonly KeyPermission[]): void {
  const own: readonly string[] = role === null ? [] : permissionsOf(role);
  const missing = permissions.filter((permission) => !own.includes(permission));
  if (missing.length > 0) throw new PermissionNotYoursError(missing);
}
