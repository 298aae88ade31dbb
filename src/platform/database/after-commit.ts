import type { EntityManager, QueryRunner } from 'typeorm';
import type { LiveEvent } from '../live-events.js';

const waiting = new WeakMap<QueryRunner, LiveEvent[]>();

/** Shows it to whoever looks, when and if the tenant's transaction commits. */
export function publishAfterCommit({ queryRunner }: EntityManager, event: LiveEvent): void {
  if (!queryRunner) throw new TypeError('Only a transaction of TenantDatabase commits');
  waiting.set(queryRunner, [...(waiting.get(queryRunner) ?? []), event]);
}

/** What waits for the commit of this transaction. */
export function waitingFor(runner: QueryRunner): readonly LiveEvent[] {
  return waiting.get(runner) ?? [];
}

/**
 * Undoes what `work` wrote, and leaves unsaid what waits for the commit since, when it throws; the transaction itself
 * may go on.
 */
export async function inSavepoint<T>(tx: EntityManager, work: () => Promise<T>): Promise<T> {
  const runner = tx.queryRunner;
  const before = runner && waitingFor(runner);
  await tx.query('savepoint work');
  try {
    return await work();
  } catch (error) {
    // When the connection is gone the first error is the one to tell.
    await tx.query('rollback to savepoint work').catch(() => undefined);
    if (runner && before) waiting.set(runner, [...before]);
    throw error;
  }
}
