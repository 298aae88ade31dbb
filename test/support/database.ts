import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { Pool } from 'pg';
import { DataSource, type EntityTarget, type ObjectLiteral } from 'typeorm';
import { LiveEvents } from '../../src/platform/live-events.js';
import { PathPool } from '../../src/platform/database/path-pool.js';
import { OwnerDatabase } from '../../src/platform/database/owner-database.js';
import { APP_ROLE } from '../../src/platform/database/row-level-security.js';
import { NoTableVersions } from '../../src/platform/cache/table-versions.js';
import { TenantDatabase } from '../../src/platform/database/tenant-database.js';
import { asTenantId, type TenantId } from '../../src/platform/tenancy/tenant-id.js';
import { createTestDatabase } from './postgres.js';

export type TestDatabase = {
  readonly url: string;
  /** As role `app`, inside one tenant. */
  readonly tenants: TenantDatabase;
  /** As role `path`, across tenants. */
  readonly path: PathPool;
  /** What people who look would see, of everything on this database. */
  readonly live: LiveEvents;
  /** As the owner: sees everything; for arranging and for counting what is really there. */
  readonly owner: Pool;
  readonly ownerDatabase: OwnerDatabase;
  makeTenant(overrides?: { currency?: string; locale?: 'es' | 'en' | 'pt' }): Promise<TenantId>;
  close(): Promise<void>;
};

/** A migrated database of this test file's own, opened the three ways the product opens it. */
export async function openTestDatabase(entities: EntityTarget<ObjectLiteral>[] = []): Promise<TestDatabase> {
  const { url, drop } = await createTestDatabase();
  const source = new DataSource({
    type: 'postgres',
    url,
    entities: entities as never[],
    extra: { max: 20, options: `-c role=${APP_ROLE}` },
  });
  await source.initialize();
  const path = new PathPool(url);
  const live = new LiveEvents();
  const owner = new Pool({ connectionString: url, max: 4 });
  return {
    url,
    tenants: new TenantDatabase(source, new NoTableVersions(), live),
    path,
    live,
    owner,
    ownerDatabase: new OwnerDatabase(url),
    makeTenant: async ({ currency = 'MXN', locale = 'es' } = {}) => {
      const id = asTenantId(randomUUID());
      await owner.query('insert into tenant (id, name, locale, currency) values ($1, $2, $3, $4)', [
        id,
        `Tienda ${id.slice(0, 4)}`,
        locale,
        currency,
      ]);
      return id;
    },
    close: async () => {
      await Promise.all([source.destroy(), path.close(), owner.end()]);
      await drop();
    },
  };
}
