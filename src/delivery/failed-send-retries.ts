import { Injectable } from '@nestjs/common';
import { ConnectionDirectory } from '../connections/connection-directory.service.js';
import { ConnectionMetrics } from '../connections/health/connection.metrics.js';
import { PathPool } from '../platform/database/path-pool.js';
import { Wake } from '../platform/wake.js';
import type { RejectionClass, SendOutcome } from '../providers/whatsapp-provider.js';
import { CLAIMED_SEND, type ClaimedSend, type SendError } from './outbox/claimed-send.js';
import { toJson } from './outbox/outbox.queries.js';
import { ProviderCalls } from './provider-calls.js';
import { findOther } from './route.js';
import { askFor, type SendQuestion } from './send-question.js';
import { restrictionOf, settle, type Settlement } from './settlement.js';

const MAX_ROWS = 200;

/** Of these classes another connection, another content or another time may do better. */
const CLASSES: readonly RejectionClass[] = ['retry', 'rate', 'failover', 'template', 'auth'];

/** SQL: whether a failure after acceptance may go again. */
export function mayGoAgain(row: string): string {
  return `(${row}.delivery is not distinct from 'failed' and ${row}.status = 'failed'
    and ${row}.error ->> 'class' in ('${CLASSES.join("', '")}'))`;
}

type FailedSend = ClaimedSend & {
  readonly error: SendError & { readonly class: RejectionClass };
  /** It left as the bot's template. */
  readonly isSubstitute: boolean;
  /** Connections that reported it as failed before. */
  readonly failedOn: readonly string[];
};
type Again = { readonly failed: FailedSend; readonly settlement: Extract<Settlement, { to: 'pending' }> };

/** One that failed before it, of the same conversation, is decided first, so that they go again in order (INV-3). */
const FIND_DUE = `
  select ${CLAIMED_SEND}, c.error, c.sent_as is not null as "isSubstitute",
    array(select s.connection_id from failed_send s where s.outbox_id = c.id) as "failedOn"
  from outbox c left join conversation v on v.id = c.conversation_id
  where c.tell_failure_at <= now() and ${mayGoAgain('c')}
    and not exists (select from outbox p where p.conversation_id = c.conversation_id and p.id < c.id
      and p.tell_failure_at is not null and p.delivery = 'failed')
  order by c.tell_failure_at limit ${MAX_ROWS}`;

/** A row whose arrival was reported meanwhile has no failure to tell any more, and is left alone. */
const GO_AGAIN = `
  with a as (
    select * from unnest($1::bigint[], $2::int[], $3::uuid[], $4::float8[], $5::jsonb[])
      as a(id, attempt, connection_id, delay_ms, error)
  ), failed as (
    select o.id, o.attempt, o.tenant_id, o.connection_id, o.provider_message_id
    from outbox o join a on a.id = o.id and a.attempt = o.attempt
    where ${mayGoAgain('o')} and o.tell_failure_at is not null
    order by o.id for update of o
  ), noted as (
    insert into failed_send (outbox_id, attempt, tenant_id, connection_id, provider_message_id)
    select id, attempt, tenant_id, connection_id, provider_message_id from failed on conflict do nothing
  )
  update outbox o set
    status = 'pending',
    next_at = now() + a.delay_ms * interval '1 ms',
    connection_id = coalesce(a.connection_id, o.connection_id),
    provider_message_id = null,
    delivery = null,
    delivery_at = null,
    sent_as = null,
    error = a.error,
    tell_failure_at = null,
    unconfirmed_since = null
  from failed f join a on a.id = f.id
  where o.id = f.id
  returning o.id::text as id`;

/**
 * What a provider accepted and then reported as failed goes again where that may help, as a refusal does (settlement.ts).
 * The report is a proof that it did not arrive, once the time for the contrary is over (docs/decisions/030).
 */
@Injectable()
export class FailedSendRetries {
  constructor(
    private readonly path: PathPool,
    private readonly connections: ConnectionDirectory,
    private readonly calls: ProviderCalls,
    private readonly metrics: ConnectionMetrics,
    private readonly wake: Wake,
  ) {}

  /** @returns ids of those that nothing can carry */
  async retryDue(): Promise<readonly string[]> {
    const due = await this.path.query<FailedSend>(FIND_DUE);
    const again: Again[] = [];
    const final: string[] = [];
    for (const failed of due) {
      const settlement = await this.decide(failed);
      if (settlement.to === 'pending') again.push({ failed, settlement });
      else final.push(failed.id);
    }
    if (again.length > 0) await this.goAgain(again);
    return final;
  }

  private async decide(failed: FailedSend): Promise<Settlement> {
    const { class: errorClass, code, reason, rule } = failed.error;
    const outcome = { outcome: 'rejected', ...rule, class: errorClass, code, reason } as const;
    const asked = await askFor(failed, this.connections, this.calls);
    if ('code' in asked) return { to: 'failed', error: asked };
    await this.report(asked, outcome);
    const { own, question } = asked;
    const untried = question.connections.filter(({ connectionId }) => !failed.failedOn.includes(connectionId));
    const restrictedUntil = new Date(question.nowMs + restrictionOf(outcome));
    const other = findOther(
      { ...question, connections: untried },
      restrictionOf(outcome) > 0 ? { ...own, restrictedUntil } : own,
    );
    const settlement = settle(outcome, {
      attempt: failed.attempt,
      otherConnectionId: other?.connectionId ?? null,
      // Without a template, the route finds a connection that has no window.
      mayTemplate:
        !failed.isSubstitute &&
        question.content.kind !== 'template' &&
        (own.bot.windowTemplate !== null || other !== null),
      jitter: Math.random(),
    });
    if (settlement.to === 'pending' && settlement.connectionId) {
      this.metrics.failovers.inc({ provider: own.provider, connection: own.connectionId, reason: errorClass });
    }
    return settlement;
  }

  /** What the failure says about the connection itself. */
  private async report({ own }: SendQuestion, outcome: Extract<SendOutcome, { outcome: 'rejected' }>): Promise<void> {
    if (outcome.class === 'auth') {
      await this.connections.report(own, 'auth_lost', `${outcome.code}: ${outcome.reason}`);
    }
    const restrictedMs = restrictionOf(outcome);
    if (restrictedMs > 0) await this.connections.restrict(own, restrictedMs);
  }

  private async goAgain(again: readonly Again[]): Promise<void> {
    await this.path.query(GO_AGAIN, [
      again.map(({ failed }) => failed.id),
      again.map(({ failed }) => failed.attempt),
      again.map(({ settlement }) => settlement.connectionId ?? null),
      again.map(({ settlement }) => settlement.delayMs),
      again.map(({ settlement }) => toJson(settlement.error)),
    ]);
    this.wake.signal('outbox');
  }
}
