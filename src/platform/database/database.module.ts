import { Global, Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { TABLE_VERSIONS, type TableVersions } from '../cache/table-versions.js';
import { LiveEvents } from '../live-events.js';
import { OwnerDatabase } from './owner-database.js';
import { PathPool } from './path-pool.js';
import { APP_ROLE } from './row-level-security.js';
import { TenantDatabase } from './tenant-database.js';

const APP_POOL_SIZE = 10;

/** Opens Postgres three ways: `app` inside one tenant, `path` for the message path, the owner for tenants themselves. */
@Global()
@Module({})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(@Inject(PathPool) private readonly path: PathPool) {}

  static forRoot(url: string): DynamicModule {
    return {
      module: DatabaseModule,
      imports: [
        TypeOrmModule.forRoot({
          type: 'postgres',
          driver: pg,
          url,
          autoLoadEntities: true,
          extra: { max: APP_POOL_SIZE, options: `-c role=${APP_ROLE}`, connectionTimeoutMillis: 5000 },
        }),
      ],
      providers: [
        { provide: PathPool, useFactory: () => new PathPool(url) },
        { provide: OwnerDatabase, useFactory: () => new OwnerDatabase(url) },
        {
          provide: TenantDatabase,
          inject: [DataSource, TABLE_VERSIONS, LiveEvents],
          useFactory: (source: DataSource, versions: TableVersions, live: LiveEvents) =>
            new TenantDatabase(source, versions, live),
        },
      ],
      exports: [PathPool, OwnerDatabase, TenantDatabase],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.path.close();
  }
}
