import 'reflect-metadata';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Pool } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../../test/support/postgres.js';
import { AuthService } from '../auth/auth.service.js';
import { ContactsModule } from '../contacts/contacts.module.js';
import { OrdersModule } from '../orders/orders.module.js';
import { readEnv } from '../platform/config/env.js';
import { ROLES } from '../roles.js';
import { DatabaseModule } from '../platform/database/database.module.js';
import { PlatformModule } from '../platform/platform.module.js';
import { DemoModule } from './demo.module.js';
import { DemoService } from './demo.service.js';
import { readDemoSignIn, writeDemoSignIn } from './demo-sign-in.js';
import { DemoShop } from './demo-shop.js';

const SECRETS = { jwtSecret: 'a'.repeat(48), encryptionKey: Buffer.alloc(32, 7).toString('base64') };

describe('DemoService', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let owner: Pool;
  let dataDir: string;
  let open: INestApplicationContext[] = [];

  beforeEach(async () => {
    database = await createTestDatabase();
    owner = new Pool({ connectionString: database.url, max: 2 });
    dataDir = await mkdtemp(join(tmpdir(), 'demo-'));
  });
  afterEach(async () => {
    for (const app of open) await app.close();
    open = [];
    await owner.end();
    await database.drop();
    await rm(dataDir, { recursive: true });
  });

  /** One start of the process. */
  async function start(variables: Record<string, string> = {}): Promise<INestApplicationContext> {
    const env = readEnv({ NODE_ENV: 'test', DATA_DIR: dataDir, ...variables }, ROLES);
    const features = [ContactsModule, OrdersModule, DemoModule];
    class Features {}
    const module = {
      module: Features,
      imports: [PlatformModule.forRoot(env, SECRETS), DatabaseModule.forRoot(database.url), ...features],
    };
    const app = await NestFactory.createApplicationContext(module, { logger: false });
    open.push(app);
    return app;
  }
  const seed = async (variables?: Record<string, string>) => (await start(variables)).get(DemoService).seedIfEmpty();
  const count = async (sql: string) => {
    const { rows } = await owner.query<{ n: number }>(`select count(*)::int as n from ${sql}`);
    return rows[0]?.n;
  };

  const isWholeShop = async () => {
    expect(await count('tenant')).toBe(1);
    expect(await count('app_user')).toBe(2);
    expect(await count('product p join stock_level l on l.product_id = p.id where l.on_hand > 0')).toBe(12);
    expect(await count(`product where name ?& array['es', 'en', 'pt']`)).toBe(12);
    expect(await count(`stock_movement where reason = 'initial'`)).toBe(12);
    expect(await count('seller where is_active')).toBe(3);
    expect(await count('flow')).toBe(1);
    expect(await count('bot b join flow_version v on v.id = b.active_version_id')).toBe(1);
    expect(await count(`connection c join bot b on b.id = c.bot_id where c.provider = 'simulator'`)).toBe(1);
    expect(await count('flow_version')).toBe(1);
  };

  it('a spoiled sign-in file stops no start', async () => {
    await seed();
    const path = join(dataDir, 'demo-sign-in.json');
    for (const spoiled of ['', '{"url":"http', '[]']) {
      await writeFile(path, spoiled);
      expect(await seed()).toBeNull();
      expect(await readFile(path, 'utf8')).toBe(spoiled);
    }
  });

  it('opens a whole shop on an empty database and makes a password once', async () => {
    const seeded = await seed();
    expect(seeded?.email).toBe('admin@demo.local');
    expect(seeded?.password).toMatch(/^[A-Za-z0-9_-]{16}$/);
    await isWholeShop();
    const { rows } = await owner.query('select name, locale, currency from tenant');
    expect(rows).toEqual([{ name: 'Café Tostado', locale: 'es', currency: 'MXN' }]);
    expect(await seed()).toBeNull();
    await isWholeShop();
  });

  it('publishes its flow without one problem', async () => {
    await seed();
    const { rows } = await owner.query<{ report: { problems: unknown[] } }>('select report from flow_version');
    expect(rows[0]?.report.problems).toEqual([]);
  });

  it('lets the owner sign in with the password of the environment, and shows or keeps it nowhere', async () => {
    const app = await start({ ADMIN_EMAIL: 'Ana@Tostado.test', ADMIN_PASSWORD: 'clave de Ana' });
    expect(await app.get(DemoService).seedIfEmpty()).toEqual({ email: 'ana@tostado.test', password: null });
    const auth = app.get(AuthService, { strict: false });
    expect(await auth.login({ email: 'ana@tostado.test', password: 'clave de Ana' })).toHaveProperty('accessToken');
    expect(JSON.stringify(await readDemoSignIn(dataDir))).not.toContain('clave de Ana');
  });

  it('leaves the terminal chat a sign-in of its own that only the owner of the process can read', async () => {
    const app = await start({ PORT: '4777' });
    const seeded = await app.get(DemoService).seedIfEmpty();
    const kept = await readDemoSignIn(dataDir);
    expect(kept).toMatchObject({ url: 'http://127.0.0.1:4777', email: 'chat@demo.local', isComplete: true });
    expect(kept?.botId).toBe((await owner.query<{ id: string }>('select id from bot')).rows[0]?.id);
    expect(JSON.stringify(kept)).not.toContain(seeded?.password);
    expect((await stat(join(dataDir, 'demo-sign-in.json'))).mode & 0o777).toBe(0o600);
    const auth = app.get(AuthService, { strict: false });
    const { email = '', password = '' } = kept ?? {};
    expect(await auth.login({ email, password })).toHaveProperty('accessToken');
  });

  it('tells the chat when the next start listens elsewhere', async () => {
    await seed({ HOST: '0.0.0.0' });
    expect((await readDemoSignIn(dataDir))?.url).toBe('http://127.0.0.1:4009');
    await seed({ HOST: '::1', PORT: '4778' });
    expect((await readDemoSignIn(dataDir))?.url).toBe('http://[::1]:4778');
  });

  it('finishes at the next start what was killed half-way, and still shows the password then', async () => {
    const app = await start();
    const shop = app.get(DemoShop);
    const killed = new Error('killed');
    const furnish = shop.furnish.bind(shop);
    shop.furnish = async (tenantId, chat) => {
      await furnish(tenantId, chat);
      throw killed;
    };
    await expect(app.get(DemoService).seedIfEmpty()).rejects.toBe(killed);
    await owner.query(`update bot set active_version_id = null`);
    await owner.query('delete from connection');
    await owner.query(`delete from seller where name like 'R%'`);
    const resumed = await start();
    const seeded = await resumed.get(DemoService).seedIfEmpty();
    await isWholeShop();
    const auth = resumed.get(AuthService, { strict: false });
    const signIn = { email: seeded?.email ?? '', password: seeded?.password ?? '' };
    expect(await auth.login(signIn)).toHaveProperty('accessToken');
    expect(await seed()).toBeNull();
  });

  it('starts over when it was killed before there was a tenant', async () => {
    const lost = { url: 'x', email: 'chat@demo.local', password: 'x', botId: null, isComplete: false };
    await writeDemoSignIn(dataDir, { ...lost, ownerEmail: 'x@x.test', ownerPassword: 'x' });
    expect((await seed())?.email).toBe('admin@demo.local');
    await isWholeShop();
  });

  it('touches no database that has a tenant of somebody else', async () => {
    await owner.query(`insert into tenant (id, name, currency) values (gen_random_uuid(), 'Otra', 'BRL')`);
    expect(await seed()).toBeNull();
    expect(await count('product')).toBe(0);
    expect(await readDemoSignIn(dataDir)).toBeNull();
  });
});
