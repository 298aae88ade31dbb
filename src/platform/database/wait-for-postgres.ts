import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { isDatabaseDown } from './connection-errors.js';

const TRY_TIMEOUT_MS = 2000;
const RETRY_MS = 500;
const SAY_EVERY_MS = 30_000;

/**
 * Resolves when Postgres takes the owner's statements.
 *
 * @param onWait once, before the first wait
 * @throws Error Postgres answers, and refuses: the name of the variable to look at, and what it said
 * @throws the signal's reason
 */
export async function waitForPostgres(
  url: string,
  say: (line: string) => void,
  { signal, onWait }: { readonly signal: AbortSignal; onWait(): Promise<void> },
): Promise<void> {
  for (let sayAtMs = 0; ;) {
    const trouble = await findTrouble(url);
    if (!trouble) return;
    if (!isDatabaseDown(trouble) && !/timeout/i.test(trouble.message))
      throw new Error(`DATABASE_URL: Postgres refuses: ${trouble.message}`, { cause: trouble });
    if (performance.now() >= sayAtMs) {
      if (sayAtMs === 0) await onWait();
      say(`Waiting for Postgres (DATABASE_URL): ${trouble.message || 'it cannot be reached'}`);
      sayAtMs = performance.now() + SAY_EVERY_MS;
    }
    await delay(RETRY_MS, undefined, { signal });
  }
}

async function findTrouble(url: string): Promise<Error | null> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: TRY_TIMEOUT_MS,
    query_timeout: TRY_TIMEOUT_MS,
  });
  // The awaited calls below report the same failure.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
    return null;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  } finally {
    void client.end();
  }
}
