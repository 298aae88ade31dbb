import { Pool, type PoolClient } from 'pg';
import { isDatabaseDown, isRetryable, ReadOnlyError } from './connection-errors.js';
import { PUNCTUAL, type PunctualConfig } from './punctual-client.js';
import { PATH_ROLE } from './row-level-security.js';
import { ServerPulse } from './server-pulse.js';

const ATTEMPTS = 5;
const MAX_CONNECTIONS = 10;
/** Longer than the `statement_timeout` below: a server that runs has spoken by then. */
export const PATH_DEADLINE_MS = 6000;
const MAX_IDLE_MS = 5000;

/** A frozen host gives its rows back in seconds, a killed process at once (docs/architecture.md, The message path). */
const SETTINGS = [
  'statement_timeout=5s',
  'lock_timeout=2s',
  'client_connection_check_interval=2s',
  'tcp_user_timeout=10s',
  // Every statement here is a few index probes. A plan cached while a table was empty must not scan it when it is full.
  'enable_seqscan=off',
  'enable_hashjoin=off',
  'enable_mergejoin=off',
  'enable_bitmapscan=off',
  'jit=off',
];

type PathPoolOptions = Partial<Pick<PunctualConfig, 'pulse' | 'deadlineMs'>> & { readonly maxIdleMs?: number };

export type SqlClient = Pick<PoolClient, 'query'>;

/**
 * Plain SQL for the message path, across tenants, as role `path`: it reaches the path's tables and nothing else, so
 * it cannot read what the tenants alone may see (INV-8).
 */
export class PathPool {
  private readonly pool: Pool;

  /** How long a transaction may stand still between two statements before Postgres ends its connection. */
  readonly maxIdleMs: number;

  constructor(
    url: string,
    { pulse = new ServerPulse(url), deadlineMs = PATH_DEADLINE_MS, maxIdleMs = MAX_IDLE_MS }: PathPoolOptions = {},
  ) {
    this.maxIdleMs = maxIdleMs;
    const idle = `idle_in_transaction_session_timeout=${maxIdleMs}`;
    const options = [`role=${PATH_ROLE}`, idle, ...SETTINGS].map((setting) => `-c ${setting}`).join(' ');
    const connectionTimeoutMillis = Math.min(deadlineMs, 5000);
    const punctual = { Client: PUNCTUAL, pulse, deadlineMs };
    const pool = { connectionString: url, max: MAX_CONNECTIONS, options, connectionTimeoutMillis, keepAlive: true };
    this.pool = new Pool({ ...pool, ...punctual });
    // An idle connection that dies is replaced on next use; without a listener it would end the process.
    this.pool.on('error', () => undefined);
  }

  /** A statement with a name is planned once per connection. */
  async query<R>(sql: string | { name: string; text: string }, params: readonly unknown[] = []): Promise<R[]> {
    const statement = typeof sql === 'string' ? { text: sql } : sql;
    const result = await this.pool.query({ ...statement, values: [...params] });
    return result.rows as R[];
  }

  /** Runs the whole of `work` again on a deadlock or serialization failure; nothing external may happen in it. */
  async transaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.once(work);
      } catch (error) {
        if (attempt >= ATTEMPTS || !isRetryable(error)) throw error;
      }
    }
  }

  /** @throws ReadOnlyError it is a standby, or set read-only; or whatever keeps it from answering */
  async proveWritable(): Promise<void> {
    const [row] = await this.query<{ ok: boolean }>(
      `select not pg_is_in_recovery() and current_setting('transaction_read_only') = 'off' as ok`,
    );
    if (!row?.ok) throw new ReadOnlyError();
  }

  isDown(error: unknown): boolean {
    return isDatabaseDown(error);
  }

  /** Connections waiting for a free client: a pool that is too small shows here first. */
  get waiting(): number {
    return this.pool.waitingCount;
  }

  async close(): Promise<void> {
    await this.pool.end();
  }

  private async once<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    let broken: Error | undefined;
    // A connection lost between two statements is reported by the next one; the event needs a listener all the same.
    const onError = (error: Error) => (broken = error);
    client.on('error', onError);
    try {
      await client.query('begin');
      const result = await work(client);
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback').catch((failure: Error) => (broken = failure));
      throw error;
    } finally {
      client.off('error', onError);
      client.release(broken);
    }
  }
}
