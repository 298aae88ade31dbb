import { Global, Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { TABLE_VERSIONS, type TableVersions } from '../cache/table-versions.js';
import { LiveEvents } from '../live-events.js';
import { OwnerDatabase } from './owner-database.js';
import { PATH_DEADLINE_MS, PathPool } from './path-pool.js';
import { PUNCTUAL } from './punctual-client.js';
import { APP_ROLE } from './row-level-security.js';
import { ServerPulse } from './server-pulse.js';
import { APP_DEADLINE_MS, APP_LIMITS, TenantDatabase } from './tenant-database.js';

const APP_POOL_SIZE = 10;
/** Longer than a wait for a lock, so that one locked table gives its connections back before others give up on theirs. */
const APP_POOL_WAIT_MS = 7000;

/** How long a statement may go unanswered, in milliseconds. */
export type DatabaseDeadlines = { readonly pathMs: number; readonly appMs: number };

/** Opens Postgres three ways: `app` inside one tenant, `path` for the message path, the owner for tenants themselves. */
@Global()
@Module({})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(
    @Inject(PathPool) private readonly path: PathPool,
    @Inject(ServerPulse) private readonly pulse: ServerPulse,
  ) {}

  static forRoot(
    url: string,
    { pathMs, appMs }: DatabaseDeadlines = { pathMs: PATH_DEADLINE_MS, appMs: APP_DEADLINE_MS },
  ): DynamicModule {
    const pulse = new ServerPulse(url);
    return {
      module: DatabaseModule,
      imports: [
        TypeOrmModule.forRoot({
          type: 'postgres',
          driver: pg,
          url,
          autoLoadEntities: true,
          extra: {
            max: APP_POOL_SIZE,
            options: [`role=${APP_ROLE}`, ...APP_LIMITS].map((setting) => `-c ${setting}`).join(' '),
            connectionTimeoutMillis: Math.min(appMs, APP_POOL_WAIT_MS),
            Client: PUNCTUAL,
            pulse,
            deadlineMs: appMs,
          },
        }),
      ],
      providers: [
        { provide: ServerPulse, useValue: pulse },
        { provide: PathPool, useFactory: () => new PathPool(url, { pulse, deadlineMs: pathMs }) },
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
    this.pulse.close();
    await this.path.close();
  }
}
