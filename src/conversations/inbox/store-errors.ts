import { ConversationMovedError, UnroutableEventError } from './ingest-event.js';

function sqlState(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Whether the same event would be refused again: a value that does not fit (class 22), or a row that is gone (23). */
export function isRefusal(error: unknown): boolean {
  return error instanceof UnroutableEventError || /^2[23]/.test(sqlState(error));
}

/** Whether it says something of the moment, not of the work: locks (55P03, class 40), resources (class 53) or a store that is read-only (25006). */
export function isOfTheMoment(error: unknown): boolean {
  return /^(?:55P03|40|53|25006)/.test(sqlState(error));
}

/** Whether a contact or conversation of it was merged away meanwhile: its row is gone (23503), or was before its lock. */
export function isOfAMerge(error: unknown): boolean {
  return error instanceof ConversationMovedError || sqlState(error) === '23503';
}
