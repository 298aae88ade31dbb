import { AsyncLocalStorage } from 'node:async_hooks';
import type { EntityManager } from 'typeorm';
import type { TenantId } from '../tenancy/tenant-id.js';

/**
 * A request that may change something. What the transactions of its tenant write meanwhile is told to Postgres as its
 * author's doing, and the triggers of the audited tables write that down.
 */
export interface Change {
  /** Nobody until the caller is known; nobody again once the request is answered. */
  author: { readonly tenantId: TenantId; readonly actor: string } | null;
  /** A transaction of it has committed. */
  isNoted: boolean;
  /** JSON for the setting `app.change`. */
  describe(): string;
  /** Inside a transaction of it that has written, as its last statement. */
  beforeCommit(tx: EntityManager): Promise<void>;
}

const changes = new AsyncLocalStorage<Change>();

export function duringChange<T>(change: Change, work: () => T): T {
  return changes.run(change, work);
}

/** For bookkeeping that is nobody's doing. */
export function outsideChanges<T>(work: () => T): T {
  return changes.exit(work);
}

/** Whoever a public route has found out to be calling, such as by a password or a one-time link. */
export function nameAuthor(tenantId: TenantId, actor: string): void {
  const change = changes.getStore();
  if (change) change.author = { tenantId, actor };
}

/** Null when nobody is to be named for what is done to this tenant. */
export function findChange(tenantId: TenantId): Change | null {
  const change = changes.getStore();
  return change?.author?.tenantId === tenantId ? change : null;
}
