/**
 * SQL for the message path, which logs in the statement that makes it true: `select` gives tenant, bot, kind, moment and
 * body (event-log.service.ts), in this order.
 */
export function logEvents(select: string): string {
  return `insert into log_event (tenant_id, bot_id, kind, at, body) ${select}`;
}
