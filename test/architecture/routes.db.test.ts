import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PERMISSIONS, ROLES, type Permission } from '../../src/auth/permissions.js';
import { ProviderFactory } from '../../src/providers/provider.factory.js';
import { PROVIDER_NAMES } from '../../src/providers/whatsapp-provider.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { signInAs } from '../support/features.js';
import { routesOf } from '../support/routes.js';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

/** Open to anyone, each for a reason: sign-in, one-time links, probes, and what proves its origin by itself. */
const PUBLIC_ROUTES = [
  'GET /health/live',
  'GET /health/ready',
  'GET /media/:id',
  'GET /metrics',
  'GET /webhooks/official',
  'POST /api/auth/invitations/accept',
  'POST /api/auth/invitations/look',
  'POST /api/auth/login',
  'POST /api/auth/logout',
  'POST /api/auth/password-resets',
  'POST /api/auth/password-resets/finish',
  'POST /api/auth/refresh',
  'POST /api/auth/session',
  'POST /webhooks/evolution/:connectionId',
  'POST /webhooks/evolution/:connectionId/:event',
  'POST /webhooks/official',
  'POST /webhooks/twilio/:connectionId',
];

const NOBODYS_ID = '00000000-0000-4000-8000-000000000000';

/** Signs its caller out, so it comes last. */
const SIGNS_OUT = 'DELETE /api/auth/session';

const routes = () => routesOf(app);

describe('every route', () => {
  it('declares who may use it', () => {
    const all = routes();
    expect(all.length).toBeGreaterThan(40);
    expect(all.filter(({ access }) => access === undefined).map(({ name }) => name)).toEqual([]);
  });

  it('is closed unless it is on the short list of open ones', () => {
    const open = routes().filter(({ access, name }) => access === 'public' && name !== 'GET /api');
    expect(open.map(({ name }) => name).toSorted()).toEqual(PUBLIC_ROUTES);
  });

  it('answers 401 without a token', async () => {
    const closed = routes().filter(({ access }) => access !== 'public');
    for (const { name } of closed) {
      const [verb = '', path = ''] = name.split(' ');
      const answer = await app.call(verb, path.replaceAll(/:\w+/g, NOBODYS_ID));
      expect([name, answer.status, answer.body.code]).toEqual([name, 401, 'not_signed_in']);
    }
  });

  it('answers 403 to every role without its permission, before it looks at the input', async () => {
    const shop = await app.openShop();
    const callers = await Promise.all(
      ROLES.filter((role) => role !== 'owner').map(async (role) => ({ role, as: await signInAs(app, shop, role) })),
    );
    let refused = 0;
    for (const { name, access } of routes()) {
      const [verb = '', path = ''] = name.split(' ');
      const permitted: readonly string[] = PERMISSIONS[access as Permission] ?? ROLES;
      for (const { role, as } of callers.filter(({ role: caller }) => !permitted.includes(caller))) {
        const answer = await as.call(verb, path.replaceAll(/:\w+/g, NOBODYS_ID));
        expect([role, name, answer.status]).toEqual([role, name, 403]);
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(50);
  });

  it('never answers 5xx to an id that is nobody’s, to an empty body or to a hostile one', async () => {
    const shop = await app.openShop();
    const hostile = [undefined, {}, [], { name: "'; drop table tenant; --", id: '\u0000', nested: { a: [[[]]] } }];
    const closed = routes().filter(({ access }) => access !== 'public');
    for (const { name, access } of closed.toSorted((a) => (a.name === SIGNS_OUT ? 1 : 0))) {
      const [verb = '', path = ''] = name.split(' ');
      for (const body of verb === 'GET' ? [undefined] : hostile) {
        const answer = await shop.call(verb, path.replaceAll(/:\w+/g, NOBODYS_ID), body);
        expect([name, access, body, answer.status < 500]).toEqual([name, access, body, true]);
      }
    }
  });
});

describe('every kept answer', () => {
  /** Those of the tables that are not there, or that the message path may write so. */
  async function writtenUnheard(tables: readonly string[], privileges: string): Promise<string[]> {
    const { rows } = await app.owner.query<{ table: string }>(
      `select distinct t as table from unnest($1::text[]) t where to_regclass(t) is null
         or has_table_privilege('dashoffice_path', t, $2)
         or has_any_column_privilege('dashoffice_path', t, replace($2, ', delete', ''))`,
      [tables, privileges],
    );
    return rows.map(({ table }) => table);
  }

  it('comes from tables that only tenant transactions write, so that every write is noticed', async () => {
    const tables = routes().flatMap(({ cached }) => cached?.tables ?? []);
    expect(tables.length).toBeGreaterThan(0);
    expect(await writtenUnheard(tables, 'insert, update, delete')).toEqual([]);
  });

  it('shows of other tables rows that only tenant transactions change', async () => {
    const tables = routes().flatMap(({ cached }) => cached?.knownRows ?? []);
    expect(tables.length).toBeGreaterThan(0);
    expect(await writtenUnheard(tables, 'update, delete')).toEqual([]);
  });
});

describe('every entity', () => {
  it('has the columns its table has, no more and no fewer', async () => {
    for (const { tableName, columns } of app.app.get(DataSource).entityMetadatas) {
      const { rows } = await app.owner.query<{ name: string; nullable: boolean }>(
        `select column_name as name, is_nullable = 'YES' as nullable from information_schema.columns
          where table_schema = 'public' and table_name = $1`,
        [tableName],
      );
      const inTable = rows.map(({ name, nullable }) => `${name}${nullable ? '?' : ''}`).toSorted();
      const inEntity = columns.map((c) => `${c.databaseName}${c.isNullable ? '?' : ''}`).toSorted();
      expect([tableName, inEntity]).toEqual([tableName, inTable]);
    }
  });

  it('says which tenant a row belongs to', () => {
    const without = app.app.get(DataSource).entityMetadatas.filter(({ tableName, columns }) => {
      return tableName !== 'tenant' && !columns.some(({ databaseName }) => databaseName === 'tenant_id');
    });
    expect(without.map(({ tableName }) => tableName)).toEqual([]);
  });
});

describe('every provider strategy', () => {
  it('answers to the name it is listed under', () => {
    const factory = app.app.get(ProviderFactory, { strict: false });
    expect(PROVIDER_NAMES.map((name) => factory.get(name).name)).toEqual([...PROVIDER_NAMES]);
  });
});
