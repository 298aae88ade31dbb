import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Pool } from 'pg';
import type { DynamicModule } from '@nestjs/common';
import { AppModule, type AppOptions } from '../../src/app.module.js';
import { AuthService } from '../../src/auth/auth.service.js';
import { readEnv, type Env } from '../../src/platform/config/env.js';
import { partsOf, ROLES, routesOf } from '../../src/roles.js';
import { serveApiDocs } from '../../src/platform/http/api-docs.js';
import { createApp } from '../../src/platform/http/create-app.js';
import { createLogger } from '../../src/platform/logging/logger.js';
import type { TenantId } from '../../src/platform/tenancy/tenant-id.js';
import { noteAnswers } from '../answers/noted-answers.js';
import { createTestDatabase } from './postgres.js';

export type Answer = { readonly status: number; readonly body: any; readonly headers: Headers }; // oxlint-disable-line typescript/no-explicit-any

export type Shop = {
  readonly tenantId: TenantId;
  readonly email: string;
  readonly password: string;
  /** The header of the owner's calls. */
  readonly authorization: string;
  /** Calls the API as the shop's owner. `path` starts at the root, such as `/api/bots`. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
};

export type TestApp = {
  readonly app: NestFastifyApplication;
  readonly env: Env;
  readonly url: string;
  readonly databaseUrl: string;
  /** As the owner of the database: for counting what is really there. */
  readonly owner: Pool;
  /** Without a token. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** A new tenant with its owner signed in. */
  openShop(overrides?: { currency?: string; locale?: 'es' | 'en' | 'pt' }): Promise<Shop>;
  /** A second server of the same installation: same database, same secrets, a data folder of its own. */
  startAnother(overrides?: Partial<Env>): Promise<Pick<TestApp, 'app' | 'url' | 'call' | 'close'>>;
  close(): Promise<void>;
};

let shops = 0;

/** The whole product on a free port, on a database of its own. */
export async function startTestApp(
  variables: Record<string, string> = {},
  makeModule: (options: AppOptions) => DynamicModule | Promise<DynamicModule> = (options) => AppModule.forRoot(options),
): Promise<TestApp> {
  const database = await createTestDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'dashoffice-app-'));
  const env = readEnv(
    {
      NODE_ENV: 'test',
      PORT: '0',
      DATA_DIR: dataDir,
      DATABASE_URL: database.url,
      LOG_LEVEL: 'error',
      ...variables,
    },
    ROLES,
  );
  const secrets = {
    jwtSecret: randomBytes(48).toString('base64url'),
    encryptionKey: randomBytes(32).toString('base64'),
  };
  const serve = async (served: Env) => {
    const module = await makeModule({ env: served, secrets, databaseUrl: database.url });
    const app = await createApp(module, createLogger(env.logLevel), served, routesOf(served.role));
    serveApiDocs(app);
    noteAnswers(app.getHttpAdapter().getInstance());
    await app.listen(0, '127.0.0.1');
    return { app, url: await app.getUrl() };
  };
  const { app, url } = await serve(env);
  const owner = new Pool({ connectionString: database.url, max: 4 });
  const call = caller(url);
  return {
    app,
    env,
    url,
    databaseUrl: database.url,
    owner,
    call,
    openShop: async ({ currency = 'MXN', locale = 'es' } = {}) => {
      shops += 1;
      const email = `owner${shops}@tienda.test`;
      const password = `clave-larga-${shops}`;
      const made = await app
        .get(AuthService, { strict: false })
        .createTenantWithOwner({ name: `Tienda ${shops}`, locale, currency, owner: { email, name: 'Ana', password } });
      const signIn = await call('POST', '/api/auth/login', { email, password });
      const authorization = `Bearer ${signIn.body.accessToken}`;
      return {
        tenantId: made.tenantId,
        email,
        password,
        authorization,
        call: (method, path, body, headers = {}) => call(method, path, body, { authorization, ...headers }),
      };
    },
    startAnother: async (overrides = {}) => {
      const ownDir = await mkdtemp(join(tmpdir(), 'dashoffice-app-'));
      const loops = new Set(partsOf(overrides.role ?? env.role).loops);
      const other = await serve({ ...env, loops, dataDir: ownDir, ...overrides });
      return {
        ...other,
        call: caller(other.url),
        close: async () => {
          await other.app.close();
          await rm(ownDir, { recursive: true, force: true });
        },
      };
    },
    close: async () => {
      await app.close();
      await owner.end();
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function caller(url: string): TestApp['call'] {
  return async (method, path, body, headers = {}) => {
    const response = await fetch(url + path, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    return { status: response.status, body: isJson && text ? JSON.parse(text) : text, headers: response.headers };
  };
}
