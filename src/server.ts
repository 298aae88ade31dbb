import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { AppModule } from './app.module.js';
import { FirstOwnerService } from './auth/first-owner.service.js';
import { DemoService } from './demo/demo.service.js';
import { readEnv, type Env } from './platform/config/env.js';
import { makeDataDir } from './platform/config/make-data-dir.js';
import { loadSecrets } from './platform/config/secrets.js';
import { proveEncryptionKey } from './platform/crypto/encryption-canary.js';
import { SecretBox } from './platform/crypto/secret-box.js';
import { migrateUp } from './platform/database/migrate.js';
import { waitForPostgres } from './platform/database/wait-for-postgres.js';
import { OwnerDatabase } from './platform/database/owner-database.js';
import { Drain } from './platform/drain.js';
import { lockDataDir } from './platform/embedded/data-dir-lock.js';
import { startEmbeddedPostgres } from './platform/embedded/embedded-postgres.js';
import { serveApiDocs } from './platform/http/api-docs.js';
import { explainListen } from './platform/http/explain-listen.js';
import { createApp } from './platform/http/create-app.js';
import { JobsService } from './platform/jobs/jobs.service.js';
import { createLogger } from './platform/logging/logger.js';
import { SEALED_COLUMNS } from './sealed-columns.js';
import { partsOf, ROLES, routesOf } from './roles.js';
import { EarlyWebhooks, type EarlyRequest } from './receiving/early-webhooks.js';

const STOP_TIMEOUT_MS = 25_000;

export type Server = { readonly url: string; stop(): Promise<void> };

/**
 * Opens a process: configuration, Postgres, schema, features, port; undone in reverse order.
 *
 * @param signal ends a start that waits for Postgres
 */
export async function startServer(
  variables: Readonly<Record<string, string | undefined>>,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<Server> {
  const env = readEnv(variables, ROLES);
  const logger = createLogger(env.logLevel);
  const undo: (() => Promise<void> | void)[] = [];
  const stop = async () => {
    for (const step of undo.toReversed()) await step();
  };
  try {
    const dataDir = await makeDataDir(env.dataDir);
    const lock = await lockDataDir(dataDir);
    undo.push(() => lock.release());
    const secrets = await loadSecrets(env);
    const box = new SecretBox(secrets);
    const early = new EarlyWebhooks(env, box);
    undo.push(() => early.close());
    await early.adopt();
    const databaseUrl = env.databaseUrl ?? (await openEmbedded(dataDir, say, undo));
    await waitForPostgres(databaseUrl, say, { signal, onWait: () => early.listen() });
    await migrateUp(databaseUrl);
    await proveEncryptionKey(new OwnerDatabase(databaseUrl), box, SEALED_COLUMNS);
    const module = await AppModule.forRoot({ env, secrets, databaseUrl });
    const app = await createApp(module, logger, env, routesOf(env.role));
    undo.push(() => closeWithin(app, STOP_TIMEOUT_MS, logger));
    serveApiDocs(app);
    await app.init();
    await makeFirstOwner(app, env, say);
    await takeEarly(early, app, signal);
    await explainListen(env, () => app.listen(env.port, env.host));
    const url = `http://${env.host}:${new URL(await app.getUrl()).port}`;
    greet(say, env, url);
    if (env.mongodbUrl) logger.warn('MONGODB_URL is set; this version keeps the message log in Postgres');
    void app
      .get(JobsService, { strict: false })
      .start((error) => logger.warn({ err: error }, 'a background job failed'))
      .catch((error: unknown) => logger.error({ err: error }, 'background jobs did not start'));
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function openEmbedded(
  dataDir: string,
  say: (line: string) => void,
  undo: (() => Promise<void> | void)[],
): Promise<string> {
  const postgres = await startEmbeddedPostgres({ dataDir, onProgress: say });
  undo.push(() => postgres.stop());
  return postgres.url;
}

async function closeWithin(app: NestFastifyApplication, timeoutMs: number, logger: Logger): Promise<void> {
  app.get(Drain, { strict: false }).begin();
  const timer = setTimeout(() => {
    logger.error('the drain took too long; what was in hand is taken up again at the next start');
    process.exit(1);
  }, timeoutMs);
  await app.close();
  clearTimeout(timer);
}

/** Before the port opens, so that nobody meets a shop half furnished, and said at once: a password is told only here. */
async function makeFirstOwner(app: NestFastifyApplication, env: Env, say: (line: string) => void): Promise<void> {
  const owner = env.databaseUrl
    ? await app.get(FirstOwnerService, { strict: false }).ensure()
    : await app.get(DemoService, { strict: false }).seedIfEmpty();
  if (!owner) return;
  say(`\n  Sign in as          ${owner.email}`);
  if (owner.password) say(`  Password            ${owner.password}   (shown once)`);
}

/** What came while Postgres was away goes before what comes to the open port (INV-3). */
async function takeEarly(early: EarlyWebhooks, app: NestFastifyApplication, signal: AbortSignal): Promise<void> {
  const fastify = app.getHttpAdapter().getInstance();
  const send = async (request: EarlyRequest) => {
    const { statusCode, headers } = await fastify.inject({ method: 'POST', ...request });
    if (statusCode < 500) return 'taken';
    return headers['retry-after'] === undefined ? 'failed' : 'later';
  };
  await early.replay(send, signal);
  await early.close();
  await early.replay(send, signal);
}

function greet(say: (line: string) => void, env: Env, url: string): void {
  say(`\nDashOffice is open at ${url}  (role ${env.role})`);
  const { paths } = partsOf(env.role);
  if (!paths || paths.includes('api')) say(`  API documentation   ${url}/api/docs`);
  if (env.databaseUrl) return;
  say('  Talk to the bot     npm run chat   (in another terminal)');
  say('  Stop                Ctrl-C\n');
}
