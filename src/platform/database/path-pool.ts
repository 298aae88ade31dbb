import { Pool, type PoolClient } from 'pg';
import { isDatabaseDown, isRetryable } from './connection-errors.js';
import { PATH_ROLE } from './row-level-security.js';

const ATTEMPTS = 5;

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

export type SqlClient = Pick<PoolClient, 'query'>;

/**
 * Plain SQL for the message path, across tenants, as role `path`: it reaches the path's tables and nothing else, so
 * it cannot read an order or a contact (INV-8).
 */
export class PathPool {
  private readonly pool: Pool;

  /** @param maxIdleMs how long a transaction may stand still between two statements before Postgres ends its connection */
  constructor(
    url: string,
    max = 10,
    readonly maxIdleMs = 5000,
  ) {
    const idle = `idle_in_transaction_session_timeout=${maxIdleMs}`;
    const options = [`role=${PATH_ROLE}`, idle, ...SETTINGS].map((setting) => `-c ${setting}`).join(' ');
    this.pool = new Pool({ connectionString: url, max, options, connectionTimeoutMillis: 5000, keepAlive: true });
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
