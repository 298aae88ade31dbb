import { timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { loadingCache } from '../../platform/cache/loading-cache.js';
import { Clock } from '../../platform/clock.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import { NotSignedInError } from '../auth.errors.js';
import { type Permission, permissionsOfKey } from '../permissions.js';
import type { Caller } from '../tenant.decorator.js';
import { hashOf, tenantOf } from '../tenant-secret.js';
import { ApiKey } from './api-key.entity.js';

/** For so long another process may still accept a key that was revoked in this one. */
export const KNOWN_FOR_MS = 5000;
const MAX_KNOWN = 10_000;
/** `dok_`, 32 hex digits, `_` and the first six characters of the secret. */
const PREFIX_LENGTH = 43;

export function prefixOf(key: string): string {
  return key.slice(0, PREFIX_LENGTH);
}

export function isApiKey(bearer: string): boolean {
  return bearer.startsWith('dok_');
}

/** Tells who a key is. Asks the database at most once in 5 s per key; expiry is looked at every time. */
@Injectable()
export class ApiKeyVerifier {
  /** By hash, so that no key stays in memory; unknown keys are not kept. */
  private readonly known = loadingCache<ApiKey>(MAX_KNOWN, KNOWN_FOR_MS);

  constructor(
    private readonly db: TenantDatabase,
    private readonly clock: Clock,
  ) {}

  /**
   * Notes the use, at most once a minute.
   *
   * @throws NotSignedInError malformed, unknown, expired or revoked: the caller cannot tell which
   */
  async verify(key: string): Promise<{ caller: Caller; permissions: readonly Permission[] }> {
    const tenantId = tenantOf('dok', key);
    if (!tenantId) throw new NotSignedInError();
    const hash = hashOf(key);
    const row = await this.known.get(hash.toString('hex'), () => this.load(tenantId, prefixOf(key), hash));
    if (!isLive(row, this.clock.now())) throw new NotSignedInError();
    return { caller: { userId: row.id, tenantId, role: null }, permissions: permissionsOfKey(row.permissions) };
  }

  /** A key was revoked: this process asks again. */
  forget(): void {
    this.known.clear();
  }

  private load(tenantId: TenantId, prefix: string, hash: Buffer): Promise<ApiKey> {
    return this.db.transaction(tenantId, async (tx) => {
      const now = this.clock.now();
      const rows = await tx.findBy(ApiKey, { tenantId, prefix });
      const row = rows.find(({ secretHash }) => timingSafeEqual(secretHash, hash));
      if (!row || !isLive(row, now)) throw new NotSignedInError();
      await noteUse(tx, tenantId, row.id, now);
      return row;
    });
  }
}

export function isLive({ revokedAt, expiresAt }: ApiKey, now: Date): boolean {
  return revokedAt === null && (expiresAt === null || expiresAt > now);
}

async function noteUse(tx: EntityManager, tenantId: TenantId, id: string, now: Date): Promise<void> {
  await tx.query(
    `update api_key set last_used_at = $3 where tenant_id = $1 and id = $2
        and (last_used_at is null or last_used_at <= $3::timestamptz - interval '1 minute')`,
    [tenantId, id, now],
  );
}
