import pg from 'pg';
import { DataSource, type EntityManager, type QueryRunner } from 'typeorm';
import type { TableVersions } from '../cache/table-versions.js';
import { writtenTables } from '../cache/written-tables.js';
import type { LiveEvents } from '../live-events.js';
import { asTenantId, type TenantId } from '../tenancy/tenant-id.js';
import { waitingFor } from './after-commit.js';
import { findChange } from './change.js';
import { isRetryable } from './connection-errors.js';
import { PunctualClient } from './punctual-client.js';

const ATTEMPTS = 5;

/** Nobody holds a connection for longer, whatever somebody else has locked. */
export const APP_LIMITS = ['statement_timeout=10s', 'lock_timeout=5s'];
/** Longer than the limits above: a server that runs has spoken by then. */
export const APP_DEADLINE_MS = 15_000;
const ANSWER_MARGIN_MS = 5000;

/**
 * The only door to a tenant's rows: a transaction that has told Postgres who it is for. Row-level security shows it
 * that tenant's rows and no others; a query outside such a transaction sees none (INV-8).
 */
export class TenantDatabase {
  constructor(
    private readonly source: DataSource,
    private readonly versions: TableVersions,
    private readonly live: LiveEvents,
  ) {}

  /**
   * Commits what `work` did, or nothing of it. On a deadlock or serialization failure the whole of `work` runs again,
   * so nothing external may happen in it.
   *
   * @param limitMs for work that takes longer than a request may: how long a statement, or a wait for a lock, may take
   */
  async transaction<T>(tenantId: TenantId, work: (tx: EntityManager) => Promise<T>, limitMs?: number): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const runner = this.source.createQueryRunner();
      try {
        if (limitMs === undefined) return await this.run(runner, openingOf(tenantId), tenantId, work);
        const opening = `${openingOf(tenantId)}; ${raiseLimits(limitMs)}`;
        return await withDeadline(runner, limitMs + ANSWER_MARGIN_MS, () => this.run(runner, opening, tenantId, work));
      } catch (error) {
        if (attempt >= ATTEMPTS || !isRetryable(error)) throw error;
      } finally {
        await runner.release();
      }
    }
  }

  private async run<T>(
    runner: QueryRunner,
    opening: string,
    tenantId: TenantId,
    work: (tx: EntityManager) => Promise<T>,
  ): Promise<T> {
    const change = findChange(tenantId);
    await runner.query(opening);
    // TypeORM must know, or `save` would open and commit a transaction of its own inside this one.
    Object.assign(runner, { isTransactionActive: true });
    try {
      const written = noteWrites(runner);
      const result = await work(runner.manager);
      const isWritten = written.size > 0;
      if (change && isWritten) await change.beforeCommit(runner.manager);
      await this.commit(runner, tenantId, written);
      if (change && isWritten) change.isNoted = true;
      for (const { tenantId: of, type, data } of waitingFor(runner)) this.live.publish(of, type, data);
      return result;
    } catch (error) {
      // The first error is the one to tell; when the connection is gone the server has rolled back by itself.
      await runner.query('rollback').catch(() => undefined);
      throw error;
    } finally {
      Object.assign(runner, { isTransactionActive: false });
    }
  }

  /** Whoever keeps answers hears of the write before it is visible, and again before this resolves. */
  private async commit(runner: QueryRunner, tenantId: TenantId, written: ReadonlySet<string>): Promise<void> {
    if (written.size === 0) return void (await runner.query('commit'));
    await this.versions.begin(tenantId, written);
    try {
      await runner.query('commit');
    } finally {
      await this.versions.end(tenantId, written);
    }
  }
}

/** One round trip. The id is checked to be a UUID because a setting cannot be a bind parameter here. */
function openingOf(tenantId: TenantId): string {
  const change = findChange(tenantId);
  const opening = `begin; set local app.tenant_id = '${asTenantId(tenantId)}'`;
  return change ? `${opening}; set local app.change = ${pg.escapeLiteral(change.describe())}` : opening;
}

function raiseLimits(limitMs: number): string {
  return `set local statement_timeout = ${Math.trunc(limitMs)}; set local lock_timeout = ${Math.trunc(limitMs)}`;
}

async function withDeadline<T>(runner: QueryRunner, deadlineMs: number, work: () => Promise<T>): Promise<T> {
  const client: unknown = await runner.connect();
  if (!(client instanceof PunctualClient)) return work();
  const usual = client.deadlineMs;
  client.deadlineMs = deadlineMs;
  try {
    return await work();
  } finally {
    client.deadlineMs = usual;
  }
}

/** The set grows with every statement that runs from here on. */
function noteWrites(runner: QueryRunner): ReadonlySet<string> {
  const written = new Set<string>();
  const query = runner.query.bind(runner) as (sql: string, ...rest: unknown[]) => unknown;
  Object.assign(runner, {
    query: (sql: string, ...rest: unknown[]) => {
      for (const table of writtenTables(sql)) written.add(table);
      return query(sql, ...rest);
    },
  });
  return written;
}
