import { resolve } from 'node:path';
import type { Env } from '../platform/config/env.js';
import { DataDirInUseError } from '../platform/embedded/data-dir-lock.js';
import { findEmbeddedPostgresUrl, startEmbeddedPostgres } from '../platform/embedded/embedded-postgres.js';

/** DATABASE_URL; else the embedded Postgres, the running one where a server has it open. */
export async function openOwnersDatabase(
  env: Env,
  onProgress: (line: string) => void,
): Promise<{ url: string; close(): Promise<void> }> {
  if (env.databaseUrl) return { url: env.databaseUrl, close: async () => undefined };
  const dataDir = resolve(env.dataDir);
  try {
    const postgres = await startEmbeddedPostgres({ dataDir, onProgress });
    return { url: postgres.url, close: () => postgres.stop() };
  } catch (error) {
    const url = error instanceof DataDirInUseError ? await findEmbeddedPostgresUrl(dataDir) : undefined;
    if (url === undefined) throw error;
    return { url, close: async () => undefined };
  }
}
