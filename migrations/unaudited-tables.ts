/**
 * Tables whose rows are not somebody's change: messages, counters, what follows from a row that is audited itself, and
 * what is a history of its own. A request that writes nothing else is audited as a whole.
 */
export const UNAUDITED: ReadonlySet<string> = new Set([
  'inbox',
  'seen',
  'outbox',
  'failed_send',
  'suspect',
  'log_event',
  'message_log',
  'group_message',
  'idempotency_key',
  'refresh_token',
  'audit_entry',
  'order_counter',
  'order_event',
  'seller_notice_outcome',
  'stock_level',
  'stock_hold',
  'cart_line',
  'linked_device',
  'linked_key',
  'linked_sent',
  'linked_placeholder',
  'linked_session',
  'identity_link',
  'product_import_row',
  'product_import_problem',
  'outgoing_event',
  'webhook_delivery',
  'template_state',
]);
