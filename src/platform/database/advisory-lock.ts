import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { PathPool } from './path-pool.js';

/**
 * Runs `work` if no other process is at the same job right now; answers whether it ran. The lock lives as long as the
 * transaction `work` is given, so a killed process frees it.
 */
export function withAdvisoryLock(
  pool: PathPool,
  name: string,
  work: (client: pg.PoolClient) => Promise<unknown>,
): Promise<boolean> {
  const key = createHash('sha256').update(name).digest().readBigInt64BE().toString();
  return pool.transaction(async (client) => {
    const { rows } = await client.query<{ ok: boolean }>('select pg_try_advisory_xact_lock($1) as ok', [key]);
    if (!rows[0]?.ok) return false;
    await work(client);
    return true;
  });
}
