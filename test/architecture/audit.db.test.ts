import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeApi } from '../../src/platform/http/api-docs.js';
import { UNAUDITED } from '../../migrations/unaudited-tables.js';
import { startTestApp, type Shop, type TestApp } from '../support/app.js';
import { routesOf } from '../support/routes.js';

let app: TestApp;
let shop: Shop;
beforeAll(async () => {
  app = await startTestApp();
  shop = await app.openShop();
});
afterAll(() => app.close());

/** Not for reading by their verb, and yet they change nothing. */
const READING_POSTS = ['POST /api/auth/invitations/look', 'POST /api/flows/:id/validate'];
/** It would end the session this test calls with. */
const SIGNS_OUT = ['DELETE /api/auth/session', 'DELETE /api/auth/sessions', 'POST /api/auth/password'];

const isChange = (name: string) => !name.startsWith('GET ');

describe('the audit', () => {
  it('leaves out no route but those known to change nothing', () => {
    const all = routesOf(app).filter(({ name }) => isChange(name));
    expect(all.length).toBeGreaterThan(40);
    const left = all.filter(({ changesNothing }) => changesNothing).map(({ name }) => name);
    expect(left.toSorted()).toEqual(READING_POSTS);
  });

  it('is passed by no route that is no controller’s', () => {
    const served = servedBy(app.app.getHttpAdapter().getInstance().printRoutes({ commonPrefix: false }));
    const changing = served.filter((name) => /^(POST|PUT|PATCH|DELETE) /.test(name));
    expect(changing.length).toBeGreaterThan(40);
    const known = new Set(routesOf(app).map(({ name }) => withoutNames(name)));
    expect(changing.filter((name) => !known.has(withoutNames(name)))).toEqual([]);
  });

  it('has a trigger on every table of a tenant that is not left out by name', async () => {
    const { rows } = await app.owner.query<{ name: string; audited: boolean }>(`
      select c.relname as name, exists (select from pg_trigger t where t.tgrelid = c.oid and t.tgname = 'audit') as audited
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition and c.relname <> 'migrations'`);
    expect(rows.length).toBeGreaterThan(20);
    const wrong = rows.filter(({ name, audited }) => audited === UNAUDITED.has(name)).map(({ name }) => name);
    const writable = await app.owner.query<{ name: string }>(
      `select t as name from unnest($1::text[]) t where has_table_privilege('dashoffice_app', t, 'insert, update, delete')`,
      [wrong],
    );
    expect(writable.rows).toEqual([]);
  });

  it('has an entry for every change that succeeds, on whatever route', async () => {
    const examples = examplesOf(app);
    const ids = await someIds();
    const silent: string[] = [];
    const succeeded = new Set<string>();
    const changes = routesOf(app).filter(
      ({ name, access, changesNothing }) => isChange(name) && access !== 'public' && !changesNothing,
    );
    for (const { name } of changes.filter((route) => !SIGNS_OUT.includes(route.name))) {
      const [verb = '', path = ''] = name.split(' ');
      const target = path.replaceAll(
        /:\w+/g,
        () => ids.find(([prefix]) => path.startsWith(prefix))?.[1] ?? randomUUID(),
      );
      for (const body of [examples.get(name), {}]) {
        if (verb === 'DELETE' && body !== undefined && Object.keys(body).length > 0) continue;
        const { status, headers } = await shop.call(verb, target, body);
        if (status >= 300) continue;
        succeeded.add(name);
        const { rows } = await app.owner.query('select 1 from audit_entry where tenant_id = $1 and request_id = $2', [
          shop.tenantId,
          headers.get('x-request-id'),
        ]);
        if (rows.length === 0) silent.push(name);
      }
    }
    expect(silent).toEqual([]);
    expect([...succeeded]).toEqual(
      expect.arrayContaining(['POST /api/bots', 'PATCH /api/bots/:id', 'POST /api/invitations', 'PATCH /api/tenant']),
    );
    expect(succeeded.size).toBeGreaterThan(10);
  });
});

/** Each verb and path of Fastify's tree of routes: a line's depth says whose end it is. */
function servedBy(tree: string): string[] {
  const parents: string[] = [];
  return tree.split('\n').flatMap((line) => {
    const [, indent = '', part = '', verbs] = /^(.*?)[└├]── (\S*)(?: \(([A-Z, ]+)\))?/.exec(line) ?? [];
    const depth = indent.length / 4;
    const path = (depth > 0 ? (parents[depth - 1] ?? '') : '') + part;
    parents[depth] = path;
    return verbs?.split(', ').map((verb) => `${verb} ${path}`) ?? [];
  });
}

function withoutNames(route: string): string {
  return route.replaceAll(/:[\w|:]+/g, ':');
}

async function someIds(): Promise<[string, string][]> {
  const bot = await shop.call('POST', '/api/bots', { name: 'Auditada', locale: 'es' });
  const user = { email: 'auditada@tienda.test', name: 'A', password: 'una frase larga', role: 'viewer' };
  const made = await shop.call('POST', '/api/users', user);
  return [
    ['/api/bots/:', bot.body.id],
    ['/api/users/:', made.body.id],
  ];
}

/** The example of each operation's body, from the API document. */
function examplesOf({ app: nest }: TestApp): ReadonlyMap<string, object | undefined> {
  const { paths, components } = JSON.parse(JSON.stringify(describeApi(nest))) as Document;
  const found = new Map<string, object | undefined>();
  for (const [path, operations] of Object.entries(paths)) {
    for (const [verb, { requestBody }] of Object.entries(operations)) {
      const ref = requestBody?.content?.['application/json']?.schema?.$ref?.split('/').at(-1) ?? '';
      const name = `${verb.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`;
      found.set(name, components.schemas[ref]?.example);
    }
  }
  return found;
}

type Document = {
  readonly paths: Record<
    string,
    Record<string, { requestBody?: { content?: Record<string, { schema?: { $ref?: string } }> } }>
  >;
  readonly components: { readonly schemas: Record<string, { example?: object } | undefined> };
};
