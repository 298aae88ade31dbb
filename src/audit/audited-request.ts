import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import type { Change } from '../platform/database/change.js';

export type RequestFacts = {
  readonly author: Change['author'];
  readonly requestId: string;
  /** The operation as the API document names it, such as `Orders.move`. */
  readonly action: string;
  readonly subjectType: string;
  readonly subjectId: string | null;
};

/**
 * A change request from its route to its answer. Its rows of the audit are written by the triggers of the tables it
 * changes (migration 1764000000015); one that changes no such table is noted as a whole, in its own transaction too.
 */
export class AuditedRequest implements Change {
  author: Change['author'];
  isNoted = false;
  private readonly id = randomUUID();

  constructor(private readonly facts: RequestFacts) {
    this.author = facts.author;
  }

  describe(): string {
    const { requestId, action } = this.facts;
    return JSON.stringify({ id: this.id, requestId, action, actor: this.author?.actor });
  }

  async beforeCommit(tx: EntityManager): Promise<void> {
    if (!this.isNoted) await this.note(tx);
  }

  /** Leaves it alone when a trigger has been faster. */
  async note(tx: EntityManager): Promise<void> {
    if (!this.author) return;
    const { tenantId, actor } = this.author;
    const { requestId, action, subjectType, subjectId } = this.facts;
    await tx.query(
      `insert into audit_entry (tenant_id, change_id, request_id, actor, action, subject_type, subject_id, kind)
       select $1, $2, $3, $4, $5, $6, $7, 'requested'
        where not exists (select from audit_entry where tenant_id = $1 and change_id = $2)`,
      [tenantId, this.id, requestId, actor, action, subjectType, subjectId],
    );
  }
}
