import 'reflect-metadata';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppModule } from '../app.module.js';
import { readEnv } from '../platform/config/env.js';
import { loadSecrets } from '../platform/config/secrets.js';
import { migrateUp } from '../platform/database/migrate.js';
import { startEmbeddedPostgres } from '../platform/embedded/embedded-postgres.js';
import { describeApi } from '../platform/http/api-docs.js';
import { createApp } from '../platform/http/create-app.js';
import { createLogger } from '../platform/logging/logger.js';
import { ROLES, routesOf } from '../roles.js';

/** Writes openapi.json from the routes of the real application, opened for a moment on a throw-away database. */
const dir = await mkdtemp(join(tmpdir(), 'dashoffice-openapi-'));
const postgres = await startEmbeddedPostgres({ dataDir: dir, settings: { fsync: 'off' } });
try {
  await migrateUp(postgres.url);
  const env = readEnv({ NODE_ENV: 'test', DATA_DIR: dir, DATABASE_URL: postgres.url }, ROLES);
  const module = await AppModule.forRoot({ env, secrets: await loadSecrets(env), databaseUrl: postgres.url });
  const app = await createApp(module, createLogger('warn'), env, routesOf(env.role));
  await app.init();
  const document = describeApi(app);
  await app.close();
  await writeFile('openapi.json', `${JSON.stringify(document, null, 2)}\n`);
  process.stdout.write(`Wrote openapi.json: ${Object.keys(document.paths).length} paths\n`);
} finally {
  await postgres.stop();
  await rm(dir, { recursive: true, force: true });
}
