import { emitEvents } from '../../webhooks/outgoing-events.js';
import type { DeliveryStatus } from '../../providers/whatsapp-provider.js';

/**
 * What integrators are told of a message (`message.status`), so that it does not depend on the order in which a
 * provider tells it (docs/decisions/009): every step up to the one that was reached, each once, in the ladder's order,
 * for who read it has also received it. A failure is told last, once the time in which arrival could still be reported
 * is over.
 */
const STEPS: Partial<Record<DeliveryStatus, number>> = { sent: 1, delivered: 3, read: 4, played: 5 };

/** How long a failure may still turn out to be an arrival, as SQL: providers report the two out of order. */
export const FAILURE_PATIENCE = `interval '60 seconds'`;

/** SQL: the step of a column that holds a delivery status; 0 for what is not on the ladder. */
export function stepOf(column: string): string {
  const cases = Object.entries(STEPS).map(([status, step]) => `when '${status}' then ${step}`);
  return `(case ${column} ${cases.join(' ')} else 0 end)`;
}

/**
 * SQL statement for a `with`: the events of rows that got further. `from` names a relation with the columns of
 * `outbox`, and `told_before`, how far integrators knew. The order is that of the steps. The statement's end must read it.
 */
export function emitSteps(from: string): string {
  const steps = Object.entries(STEPS).map(([status, step]) => `('${status}', ${step})`);
  return emitEvents({
    type: 'message.status',
    tenantId: 'm.tenant_id',
    body: body('m', 's.status'),
    from: `${from} m join (values ${steps.join(', ')}) as s(status, step) on s.step > m.told_before and s.step <= m.told`,
    orderBy: 'm.id, s.step',
  });
}

/** SQL: the body of one event about the outbox row `row`. The same however it came about, so without a time. */
export function body(row: string, status: string): string {
  return `jsonb_build_object('messageId', ${row}.id::text, 'conversationId', ${row}.conversation_id,
    'connectionId', ${row}.connection_id, 'status', ${status})`;
}
