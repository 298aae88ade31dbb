import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import type { TenantDatabase } from '../database/tenant-database.js';
import type { TenantId } from '../tenancy/tenant-id.js';
import { IdempotencyInProgressError, IdempotencyKeyReusedError } from './idempotency.errors.js';

/**
 * After this a request is taken for dead and may be run again. One that is merely slow does no harm: every route that
 * takes a key guards its work by it too, see `@RequestKey()`.
 */
const ABANDONED_AFTER_S = 5;
const KEPT_FOR = '24 hours';
const PURGE_BATCH = 100;

/** `answer` is the JSON text of the first answer. */
export type FirstAnswer = { readonly answer: string; readonly etag: string | null };
type Row = { fingerprint: string; answer: string | null; etag: string | null; age_s: number };

/** Who asked what under which key, and what was answered. */
export class IdempotencyKeys {
  constructor(private readonly db: TenantDatabase) {}

  /**
   * @returns the first answer when there is one, else the attempt to finish with `keep` or `forget`
   * @throws IdempotencyKeyReusedError the key belongs to another request
   * @throws IdempotencyInProgressError the first request has not been answered yet
   */
  begin(tenantId: TenantId, key: string, fingerprint: string): Promise<FirstAnswer | { readonly attempt: string }> {
    return this.db.transaction(tenantId, async (tx) => {
      const attempt = randomUUID();
      await purge(tx, tenantId);
      const inserted: unknown[] = await tx.query(
        `insert into idempotency_key (tenant_id, key, fingerprint, attempt) values ($1, $2, $3, $4)
         on conflict do nothing returning 1`,
        [tenantId, key, fingerprint, attempt],
      );
      if (inserted.length > 0) return { attempt };
      const [row]: Row[] = await tx.query(
        `select fingerprint, answer::text as answer, etag, extract(epoch from now() - started_at)::float8 as age_s
         from idempotency_key where tenant_id = $1 and key = $2 for update`,
        [tenantId, key],
      );
      // Forgotten between the two statements: the first request has just failed.
      if (!row) throw new IdempotencyInProgressError(1);
      if (row.fingerprint !== fingerprint) throw new IdempotencyKeyReusedError();
      if (row.answer !== null) return { answer: row.answer, etag: row.etag };
      const leftS = Math.ceil(ABANDONED_AFTER_S - row.age_s);
      if (leftS > 0) throw new IdempotencyInProgressError(leftS);
      await tx.query('update idempotency_key set attempt = $3, started_at = now() where tenant_id = $1 and key = $2', [
        tenantId,
        key,
        attempt,
      ]);
      return { attempt };
    });
  }

  /** Does nothing when the attempt was taken over in the meantime. */
  async keep(tenantId: TenantId, attempt: string, { answer, etag }: FirstAnswer): Promise<void> {
    await this.db.transaction(tenantId, (tx) =>
      tx.query(
        `update idempotency_key set answer = $3, etag = $4, answered_at = now() where tenant_id = $1 and attempt = $2`,
        [tenantId, attempt, answer, etag],
      ),
    );
  }

  /** The request failed and changed nothing: the key is free again. */
  async forget(tenantId: TenantId, attempt: string): Promise<void> {
    await this.db.transaction(tenantId, (tx) =>
      tx.query('delete from idempotency_key where tenant_id = $1 and attempt = $2', [tenantId, attempt]),
    );
  }
}

async function purge(tx: EntityManager, tenantId: TenantId): Promise<void> {
  await tx.query(
    `delete from idempotency_key where (tenant_id, key) in (
       select tenant_id, key from idempotency_key where tenant_id = $1 and started_at < now() - $2::interval
       order by started_at limit $3 for update skip locked)`,
    [tenantId, KEPT_FOR, PURGE_BATCH],
  );
}
