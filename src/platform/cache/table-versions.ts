import { LRUCache } from 'lru-cache';
import type { TenantId } from '../tenancy/tenant-id.js';

/** How long an answer is kept. Rows change by the clock too: a hold ends, a pause is over. */
export const ANSWER_LIFE_MS = 5_000;

/**
 * Tells whether what was read from a tenant's tables still holds. Readers ask before they load; writers speak up just
 * before their commit and again after it, and are answered only then. So whoever asks after a write was answered is
 * told another version than any reader from before, and in between nobody is told one.
 */
export interface TableVersions {
  /** @returns one text for the state of all these tables; null while one is being written, or when it is not known */
  read(tenantId: TenantId, tables: readonly string[]): Promise<string | null>;
  /** Right before the commit. */
  begin(tenantId: TenantId, tables: ReadonlySet<string>): Promise<void>;
  /** After the commit, also after one that failed. */
  end(tenantId: TenantId, tables: ReadonlySet<string>): Promise<void>;
}

/** Nest token of the process's `TableVersions`. */
export const TABLE_VERSIONS = Symbol('TABLE_VERSIONS');

/** For a process that cannot hear the others write: it keeps nothing. */
export class NoTableVersions implements TableVersions {
  async read(): Promise<null> {
    return null;
  }

  async begin(): Promise<void> {}

  async end(): Promise<void> {}
}

type State = { version: number; writers: number };

const MAX_STATES = 50_000;

/** For the only process of a database. */
export class OwnTableVersions implements TableVersions {
  private readonly states = new LRUCache<string, State>({ max: MAX_STATES });
  /** Never the same number twice, so that a forgotten table comes back with a new one. */
  private last = 0;

  async read(tenantId: TenantId, tables: readonly string[]): Promise<string | null> {
    let all = '';
    for (const table of tables) {
      const { version, writers } = this.stateOf(`${tenantId} ${table}`);
      if (writers > 0) return null;
      all += `${version} `;
    }
    return all;
  }

  async begin(tenantId: TenantId, tables: ReadonlySet<string>): Promise<void> {
    for (const table of tables) this.stateOf(`${tenantId} ${table}`).writers += 1;
  }

  async end(tenantId: TenantId, tables: ReadonlySet<string>): Promise<void> {
    for (const table of tables) {
      const state = this.stateOf(`${tenantId} ${table}`);
      state.writers = Math.max(0, state.writers - 1);
      state.version = this.last += 1;
    }
  }

  private stateOf(key: string): State {
    let state = this.states.get(key);
    if (!state) {
      state = { version: (this.last += 1), writers: 0 };
      this.states.set(key, state);
    }
    return state;
  }
}
