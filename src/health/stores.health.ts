import { statfs } from 'node:fs/promises';
import { Inject, Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { ENV, type Env } from '../platform/config/env.js';
import { PathPool } from '../platform/database/path-pool.js';
import { RedisClients } from '../platform/redis.js';
import { withinTime } from './within-time.js';

const LOW_DISK_MIB = 100;
const FULL_DISK_MIB = 32;

/** Where things are kept: Postgres, the disk, and Redis where there is one. */
@Injectable()
export class StoresHealth {
  constructor(
    @Inject(ENV) private readonly env: Env,
    private readonly indicators: HealthIndicatorService,
    private readonly path: PathPool,
    private readonly redisClients: RedisClients,
  ) {}

  checkAll(): Promise<HealthIndicatorResult[]> {
    return Promise.all([this.postgres(), this.disk(), ...(this.redisClients.commands ? [this.redis()] : [])]);
  }

  private async postgres(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check('postgres');
    try {
      await withinTime(this.path.proveWritable());
      return indicator.up();
    } catch (error) {
      return indicator.down(messageOf(error));
    }
  }

  /** Where files and the spool lie, and the embedded Postgres, which writes its log 16 MiB at a time. */
  private async disk(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check('disk');
    try {
      const { bavail, bsize } = await statfs(this.env.dataDir);
      const freeMiB = Math.floor((bavail * bsize) / 2 ** 20);
      if (freeMiB >= LOW_DISK_MIB) return indicator.up();
      const detail = `${freeMiB} MiB free in DATA_DIR`;
      const isFull = freeMiB < FULL_DISK_MIB && this.env.databaseUrl === undefined;
      return isFull ? indicator.down(detail) : indicator.degraded(detail);
    } catch (error) {
      return indicator.degraded(messageOf(error));
    }
  }

  /** Redis holds nothing that matters (INV-10): without it we are slower, not broken. */
  private async redis(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check('redis');
    try {
      await this.redisClients.ping();
      return indicator.up();
    } catch (error) {
      return indicator.degraded(messageOf(error));
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}
