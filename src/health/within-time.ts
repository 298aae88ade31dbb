import { setTimeout as delay } from 'node:timers/promises';

/** Whoever probes gives up after a few seconds: by then it must have received what is wrong. */
const TIMEOUT_MS = 1500;

/** @throws Error no answer of Postgres in time; the query goes on to its own deadline */
export async function withinTime<T>(query: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const tooLate = delay(TIMEOUT_MS, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`no answer within ${TIMEOUT_MS} ms`);
  });
  tooLate.catch(() => undefined);
  try {
    return await Promise.race([query, tooLate]);
  } finally {
    timer.abort();
  }
}
