import type { Answer, Shop, TestApp } from '../support/app.js';
import { until } from '../support/until.js';

/** What stands in a path for its `{…}`, by the path up to there with `*` for every parameter. */
export type Rows = Record<string, string>;
type Making = { readonly app: TestApp; readonly shop: Shop; readonly rows: Rows };
type Maker = (making: Making) => Promise<string>;

const flow = (key: string) => ({
  key,
  title: 'Saludo',
  draft: {
    dsl: 1,
    flow: key,
    locales: ['es'],
    start: 'hola',
    steps: [
      { id: 'hola', type: 'message', text: 'Hola', next: 'fin' },
      { id: 'fin', type: 'end', outcome: 'answered' },
    ],
  },
});

let made = 0;
const fresh = (stem: string) => `${stem}-${(made += 1)}`;

const newContact = () => ({ phone: `+52155${10_000_000 + (made += 1)}` });
const newProduct = () => ({ sku: fresh('P'), name: { es: fresh('P') }, priceMinor: 1000, currency: 'MXN' });

/** Makes a row for every parameter of every path, parents first. */
const MAKERS: Record<string, Maker> = {
  '/api/api-keys/*': posting('/api/api-keys', () => ({ name: 'ERP', permissions: ['bots:read'] })),
  '/api/invitations/*': posting('/api/invitations', () => ({
    email: `${fresh('i')}@t.test`,
    name: 'I',
    role: 'viewer',
  })),
  '/api/auth/sessions/*': async ({ app, shop }) => {
    done(await signIn(app, shop.email, shop.password));
    const { body } = await shop.call('GET', '/api/auth/sessions');
    return body.items.find(({ isCurrent }: { isCurrent: boolean }) => !isCurrent).id;
  },
  '/api/users/*': posting('/api/users', () => ({
    email: `${fresh('u')}@t.test`,
    name: 'U',
    password: 'una frase larga',
    role: 'viewer',
  })),
  '/api/users/*/sessions/*': async ({ app, shop, rows }) => {
    const path = `/api/users/${rows['/api/users/*']}`;
    const { body: user } = await shop.call('GET', path);
    done(await signIn(app, user.email, 'una frase larga'));
    return (await shop.call('GET', `${path}/sessions`)).body.items[0].id;
  },
  '/api/media/*': ({ app, shop }) => upload(app, shop),
  '/media/*': async ({ rows }) => rows['/api/media/*'] ?? '',
  '/api/flows/*': posting('/api/flows', () => flow(fresh('f'))),
  '/api/flows/*/versions/*': async ({ shop, rows }) => {
    const published = done(await shop.call('POST', `/api/flows/${rows['/api/flows/*']}/publish`, {}));
    rows['versionId'] = published.id;
    return String(published.number);
  },
  '/api/bots/*': posting('/api/bots', () => ({ name: fresh('Bot') })),
  '/api/bots/*/connections/*': ({ shop, rows }) => connect(shop, rows, 'simulator', {}),
  '/api/bots/*/connections/*/session': ({ shop, rows }) => connect(shop, rows, 'baileys', {}),
  '/webhooks/twilio/*': ({ shop, rows }) =>
    connect(shop, rows, 'twilio', {
      accountSid: `AC${'0'.repeat(32)}`,
      authToken: '0'.repeat(32),
      from: '+5215550001',
    }),
  '/webhooks/evolution/*': ({ shop, rows }) =>
    connect(shop, rows, 'evolution', { baseUrl: 'http://127.0.0.1:9', apiKey: 'k', instanceName: fresh('e') }),
  '/webhooks/evolution/*/*': async () => 'messages-upsert',
  '/api/contacts/*': posting('/api/contacts', newContact),
  '/api/contacts/*/notes/*': posting('/api/contacts/*/notes', () => ({ text: 'Nota' })),
  '/api/contact-fields/*': posting('/api/contact-fields', () => ({
    key: fresh('c').replace('-', '_'),
    label: { es: 'C' },
    type: 'text',
  })),
  '/api/product-categories/*': posting('/api/product-categories', () => ({ name: { es: fresh('C') } })),
  '/api/products/*': posting('/api/products', ({ '/api/product-categories/*': categoryId }) => ({
    ...newProduct(),
    optionNames: [{ es: 'Talla' }],
    categoryId,
  })),
  '/api/products/*/variants/*': posting('/api/products/*/variants', () => ({
    sku: fresh('V'),
    optionValues: [{ es: fresh('Talla') }],
    initialStock: 1000,
  })),
  '/api/products/imports/*': async ({ app, shop }) => {
    const response = await fetch(`${app.url}/api/products/imports?dryRun=true`, {
      method: 'POST',
      headers: { authorization: shop.authorization, 'content-type': 'text/csv' },
      body: `sku,name_es,price,currency\n${fresh('CSV')},Taza,10.00,MXN\n`,
    });
    return ((await response.json()) as { id: string }).id;
  },
  '/api/sellers/*': posting('/api/sellers', () => ({ name: fresh('V'), phone: `+52155${20_000_000 + (made += 1)}` })),
  '/api/orders/*': async ({ shop }) => {
    const product = { ...newProduct(), initialStock: 10 };
    const { id: productId } = done(await shop.call('POST', '/api/products', product));
    const { id: contactId } = done(await shop.call('POST', '/api/contacts', newContact()));
    return done(await shop.call('POST', '/api/orders', { contactId, lines: [{ productId, quantity: 1 }] })).id;
  },
  '/api/orders/*/notes/*': posting('/api/orders/*/notes', () => ({ text: 'Nota' })),
  '/api/order-messages/*': async () => 'confirmed',
  '/api/conversations/*': async ({ shop, rows }) => {
    const path = `/api/bots/${rows['/api/bots/*']}`;
    await connect(shop, rows, 'simulator', {});
    done(await shop.call('POST', `${path}/simulator/messages`, { from: '+5215512345678', text: 'hola' }));
    const find = async () =>
      (await shop.call('GET', `/api/conversations?botId=${rows['/api/bots/*']}`)).body.items[0]?.id;
    return until('a conversation', find);
  },
  '/api/webhooks/*': posting('/api/webhooks', () => ({ url: 'https://127.0.0.1:9/', types: ['contact.changed'] })),
  '/api/webhooks/*/deliveries/*': async ({ app, shop, rows }) => {
    const { rows: events } = await app.owner.query<{ id: string }>(
      `insert into outgoing_event (tenant_id, type, body, fanned_at)
       values ($1, 'contact.changed', '{}', now()) returning id`,
      [shop.tenantId],
    );
    const { rows: deliveries } = await app.owner.query<{ id: string }>(
      `insert into webhook_delivery (tenant_id, endpoint_id, event_id, state) values ($1, $2, $3, 'dead') returning id`,
      [shop.tenantId, rows['/api/webhooks/*'], events[0]?.id],
    );
    return deliveries[0]?.id ?? '';
  },
};

/** One row of this shop for every parameter of every path. */
export async function makeRows(app: TestApp, shop: Shop): Promise<Rows> {
  const rows: Rows = {};
  for (const key of Object.keys(MAKERS)) await remake({ app, shop, rows }, key);
  return rows;
}

/** A new row in the place of the one that was there. */
export async function remake(making: Making, key: string): Promise<void> {
  const make = MAKERS[key];
  if (!make) throw new Error(`test/answers/rows.ts has no row for ${key}`);
  making.rows[key] = await make(making);
}

/** The keys of a path's parameters, in order: `/api/bots/{id}/connections/{x}` has two. */
export function keysOf(path: string): string[] {
  const parts = path.split('/').map((part) => (part.startsWith('{') ? '*' : part));
  return parts.flatMap((part, at) => (part === '*' ? [parts.slice(0, at + 1).join('/')] : []));
}

/** The path with `values` in the places of its parameters. */
export function fill(path: string, values: readonly string[]): string {
  let at = 0;
  return path.replaceAll(/\{\w+\}/g, () => values[at++] ?? '');
}

/** From an address of its own where the app believes its proxy: too many sign-ins from one are refused. */
export function signIn(app: TestApp, email: string, password: string): Promise<Answer> {
  made += 1;
  const headers = { 'x-forwarded-for': `198.51.${made % 256}.${made >> 8}` };
  return app.call('POST', '/api/auth/login', { email, password }, headers);
}

function posting(path: string, body: (rows: Rows) => unknown): Maker {
  return async ({ shop, rows }) => {
    const at = path.replaceAll('*', '{x}');
    const url = fill(
      at,
      keysOf(at).map((key) => rows[key] ?? ''),
    );
    const first = await shop.call('POST', url, body(rows));
    if (first.status !== 409) return done(first).id;
    await makeRoom(shop, url);
    return done(await shop.call('POST', url, body(rows))).id;
  };
}

/** Of some things a tenant may have only so many. */
async function makeRoom(shop: Shop, url: string): Promise<void> {
  const { body } = await shop.call('GET', url);
  for (const { id } of body.items) await shop.call('DELETE', `${url}/${id}`);
}

async function connect(shop: Shop, rows: Rows, provider: string, credentials: object): Promise<string> {
  const body = { provider, name: fresh(provider), credentials };
  return done(await shop.call('POST', `/api/bots/${rows['/api/bots/*']}/connections`, body)).id;
}

async function upload(app: TestApp, shop: Shop): Promise<string> {
  const form = new FormData();
  form.append('file', new Blob(['hola'], { type: 'text/plain' }), 'hola.txt');
  const headers = { authorization: shop.authorization };
  const response = await fetch(`${app.url}/api/media`, { method: 'POST', headers, body: form });
  return ((await response.json()) as { id: string }).id;
}

function done({ status, body }: Answer): Answer['body'] {
  if (status >= 300) throw new Error(`Answered ${status}: ${JSON.stringify(body)}`);
  return body;
}
