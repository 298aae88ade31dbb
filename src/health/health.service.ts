import { statfs } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { Redis } from 'ioredis';
import { unwellConnections, type UnwellConnections } from '../connections/health/unwell-connections.js';
import { ENV, type Env } from '../platform/config/env.js';
import { PathPool } from '../platform/database/path-pool.js';
import { Drain } from '../platform/drain.js';
import { ProvidersHealth } from '../providers/providers.health.js';
import type { ReadyView } from './health.dto.js';

const REDIS_TIMEOUT_MS = 1000;
/** Whoever probes gives up after a few seconds: by then it must have heard what is wrong. */
const POSTGRES_TIMEOUT_MS = 1500;
const LOW_DISK_MIB = 100;
const FULL_DISK_MIB = 32;

/** Up, degraded or down, one line per dependency and per provider. Only what loses work takes us out of rotation. */
@Injectable()
export class HealthService {
  constructor(
    @Inject(ENV) private readonly env: Env,
    private readonly indicators: HealthIndicatorService,
    private readonly path: PathPool,
    private readonly providers: ProvidersHealth,
    private readonly drain: Drain,
  ) {}

  async ready(): Promise<ReadyView> {
    const results = await Promise.all([
      this.postgres(),
      this.disk(),
      ...(this.env.redisUrl ? [this.redis(this.env.redisUrl)] : []),
      this.providersByName(),
    ]);
    const checks = results.flat().flatMap(toChecks);
    if (this.drain.isDraining) checks.unshift({ name: 'process', status: 'down', detail: 'stopping' });
    const worst = checks.some(({ status }) => status === 'down')
      ? 'down'
      : checks.some(({ status }) => status === 'degraded')
        ? 'degraded'
        : 'up';
    return { status: worst, checks };
  }

  private async providersByName(): Promise<HealthIndicatorResult[]> {
    // Without Postgres its own line says so.
    const unwell = await withinTime(unwellConnections(this.path)).catch(() => []);
    return this.providers.checkAll((name) => {
      const found = unwell.find(({ provider }) => provider === name);
      return found ? troubleOf(found) : null;
    });
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
  private async redis(url: string): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check('redis');
    const client = new Redis(url, { lazyConnect: true, connectTimeout: REDIS_TIMEOUT_MS, maxRetriesPerRequest: 0 });
    client.on('error', () => undefined); // the awaited call below reports the same failure
    try {
      await client.connect();
      await client.ping();
      return indicator.up();
    } catch (error) {
      return indicator.degraded(messageOf(error));
    } finally {
      client.disconnect();
    }
  }
}

/** @throws Error no answer of Postgres in time; the query goes on to its own deadline */
async function withinTime<T>(query: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const tooLate = delay(POSTGRES_TIMEOUT_MS, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`no answer within ${POSTGRES_TIMEOUT_MS} ms`);
  });
  tooLate.catch(() => undefined);
  try {
    return await Promise.race([query, tooLate]);
  } finally {
    timer.abort();
  }
}

function toChecks(result: HealthIndicatorResult): ReadyView['checks'] {
  return Object.entries(result).map(([name, { status, message }]) => ({
    name,
    status: status === 'up' || status === 'degraded' ? status : 'down',
    detail: typeof message === 'string' ? message : null,
  }));
}

function troubleOf({ active, degraded, lost }: UnwellConnections): string {
  return `of ${active} active connections ${degraded} fail and ${lost} lost their authorisation`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}
