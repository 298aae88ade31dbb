import { QueryRunnerAlreadyReleasedError, QueryRunnerProviderAlreadyReleasedError } from 'typeorm';

const LOST_BETWEEN_STATEMENTS = [QueryRunnerAlreadyReleasedError, QueryRunnerProviderAlreadyReleasedError];
const NETWORK_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH']);

/**
 * Whether the error says that Postgres cannot be reached, rather than that a statement was wrong. SQLSTATE class 08
 * (connection), 57P01–57P03 (shutting down, crash, starting up), 53300 (no connection left), and the network's own.
 */
export function isDatabaseDown(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (NETWORK_CODES.has(code) || code.startsWith('08') || /^57P0[1-3]$/.test(code) || code === '53300') return true;
  if (LOST_BETWEEN_STATEMENTS.some((kind) => error instanceof kind)) return true;
  if (error instanceof AggregateError && error.errors.some((inner) => isDatabaseDown(inner))) return true;
  return /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/.test(
    error.message,
  );
}

/**
 * Whether the store cannot take this now, though it can be reached: SQLSTATE class 53 (out of disk, memory or temporary
 * files), 25006 (read-only, such as after a failover), 57014 and 55P03 (a statement or a wait for a lock took too long);
 * and the file system's full, over its quota or read-only.
 */
export function isStorageUnavailable(error: unknown): boolean {
  if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) return false;
  return /^(?:53...|25006|57014|55P03|ENOSPC|EDQUOT|EROFS)$/.test(error.code);
}

export class ReadOnlyError extends Error {
  override readonly name = 'ReadOnlyError';
  readonly code = '25006';

  constructor() {
    super('Postgres is read-only');
  }
}

/** Whether what cannot be stored now may be later, as it is. */
export function isUnavailable(error: unknown): boolean {
  return isDatabaseDown(error) || isStorageUnavailable(error);
}

/**
 * Whether Postgres ended the transaction because it took too long: idle (25P03) or in all (25P04), or a statement that was
 * cancelled (57014). The connection may be gone with it, but Postgres is not.
 */
export function isTooSlow(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return code === '25P03' || code === '25P04' || code === '57014';
}

/** Deadlock and serialization failure: the whole transaction may simply run again. */
export function isRetryable(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return code === '40P01' || code === '40001';
}
