import type { EntityManager } from 'typeorm';
import { publishAfterCommit } from '../../platform/database/after-commit.js';
import type { LiveEvents } from '../../platform/live-events.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import type { Handoff } from './handoff.js';

/** A conversation that the bot had until now, and what integrators are told of it. */
export type HandedOver = {
  readonly tenantId: TenantId;
  readonly event: { conversationId: string; botId: string; by: Handoff['by']; team: string | null };
};

/** SQL expressions. */
type Deed = {
  readonly tenantId: string;
  readonly conversationId: string;
  /** One of `Handoff['by']`. */
  readonly by: string;
  readonly at?: string;
  readonly team?: string;
  readonly note?: string;
  /** Whether somebody else is called, whoever has it already. */
  readonly isCalled?: string;
  /** Why a person has to look before the flow goes on. */
  readonly parkedFor?: string;
};

const TYPE = 'conversation.handed_over';

/** Select list of `HandedOver`, where `handOver` is called. */
export const HANDED_OVER = `h.tenant_id as "tenantId", h.event`;

/**
 * SQL for a `from`: the one way in which a conversation goes to a person, with its reason, its log event and what
 * integrators are told. One row when the bot had it until now. A statement that changes the conversation's row itself
 * calls it for the rows which that change returns, or it could come first.
 */
export function handOver({ tenantId, conversationId, by, at = 'now()', ...more }: Deed): string {
  const { team = 'null', note = 'null', isCalled = 'false', parkedFor = 'null' } = more;
  return `hand_over(${[tenantId, conversationId, by, at, team, note, isCalled, parkedFor].join(', ')}) h`;
}

/** SQL expressions of a `Handoff` in a jsonb column. */
export function reasonIn(column: string): Pick<Deed, 'by' | 'at' | 'team' | 'note'> {
  const get = (key: keyof Handoff) => `${column} ->> '${key}'`;
  return { by: get('by'), at: `(${get('at')})::timestamptz`, team: get('team'), note: get('note') };
}

/** A person takes the conversation. Nothing happens when one has it already. */
export function takeOver(tx: EntityManager, tenantId: TenantId, conversationId: string, at: Date): Promise<void> {
  const deed = handOver({ tenantId: '$1', conversationId: '$2', by: `'person'`, at: '$3' });
  // The comment is for whoever looks what a statement writes (platform/cache/written-tables.ts).
  return handOverIn(tx, `select ${HANDED_OVER} from ${deed} /* update conversation */`, [tenantId, conversationId, at]);
}

/** Runs a statement that answers `HANDED_OVER` and shows them once the tenant's transaction commits. */
export async function handOverIn(tx: EntityManager, sql: string, params: readonly unknown[]): Promise<void> {
  const handed: HandedOver[] = await tx.query(sql, [...params]);
  for (const { tenantId, event } of handed) publishAfterCommit(tx, { tenantId, type: TYPE, data: event });
}

/** Shows them to whoever looks; for what is committed. */
export function publishHandOvers(live: LiveEvents, handed: readonly HandedOver[]): void {
  for (const { tenantId, event } of handed) live.publish(tenantId, TYPE, event);
}
