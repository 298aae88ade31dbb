import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Shop, TestApp } from '../../test/support/app.js';
import { addEndpoint } from '../../test/support/endpoints.js';
import { signInAs, startFeatures } from '../../test/support/features.js';
import { AuthModule } from '../auth/auth.module.js';
import { ContactsModule } from './contacts.module.js';
import { MAX_FIELDS } from './fields/contact-fields.service.js';

let app: TestApp;
let shop: Shop;
let other: Shop;
let path: string;
beforeAll(async () => {
  app = await startFeatures([AuthModule, ContactsModule]);
});
beforeEach(async () => {
  shop = await app.openShop();
  other = await app.openShop();
  path = `/api/contacts/${(await shop.call('POST', '/api/contacts', { phone: '+525512345678', name: 'Marta' })).body.id}`;
});
afterAll(() => app.close());

const fieldsOf = ({ body }: { body: { errors?: { field: string }[] } }) =>
  (body.errors ?? []).map(({ field }) => field);
const define = (key: string, type: string, more: object = {}) =>
  shop.call('POST', '/api/contact-fields', { key, type, label: { es: key }, ...more });

describe('notes about a contact', () => {
  it('are written, paged newest first, and deleted', async () => {
    const texts: string[] = [];
    for (const text of ['uno', 'dos', 'tres']) await shop.call('POST', `${path}/notes`, { text });
    const first = (await shop.call('GET', `${path}/notes?limit=2`)).body;
    const rest = (await shop.call('GET', `${path}/notes?limit=2&cursor=${first.nextCursor}`)).body;
    for (const { text } of [...first.items, ...rest.items]) texts.push(text);
    expect([texts, rest.nextCursor]).toEqual([['tres', 'dos', 'uno'], null]);
    expect(first.items[0].author).toMatch(/^user:/);
    const note = `${path}/notes/${first.items[0].id}`;
    expect((await shop.call('DELETE', note)).status).toBe(204);
    expect((await shop.call('DELETE', note)).body.code).toBe('contact_note_not_found');
    expect(fieldsOf(await shop.call('POST', `${path}/notes`, { text: '' }))).toEqual(['text']);
    const forged = Buffer.from('["now()","x"]').toString('base64url');
    expect(fieldsOf(await shop.call('GET', `${path}/notes?cursor=${forged}`))).toEqual(['cursor']);
  });

  it('INV-8: are nobody else’s to read or write', async () => {
    const viewer = await signInAs(app, shop, 'viewer');
    for (const [method, url, body] of [
      ['GET', `${path}/notes`],
      ['POST', `${path}/notes`, { text: 'x' }],
      ['DELETE', `${path}/notes/${randomUUID()}`],
    ] as const) {
      expect((await other.call(method, url, body)).body.code).toBe('contact_not_found');
      expect((await viewer.call(method, url, body)).status).toBe(method === 'GET' ? 200 : 403);
      expect((await app.call(method, url, body)).status).toBe(401);
    }
  });
});

describe('a shop’s own fields', () => {
  it('hold values of their type, are kept unless given, and cleared by null', async () => {
    await define('city', 'text', { position: 2 });
    await define('visits', 'number', { position: 1 });
    await define('vip', 'boolean');
    await define('birthday', 'date');
    await define('size', 'choice', { options: ['S', 'M'] });
    const listed = (await shop.call('GET', '/api/contact-fields')).body.items.map(({ key }: { key: string }) => key);
    expect(listed).toEqual(['birthday', 'size', 'vip', 'visits', 'city']);
    const fields = { city: 'Puebla', visits: 3, vip: true, birthday: '1990-02-28', size: 'M' };
    expect((await shop.call('PATCH', path, { fields })).body).toMatchObject({ fields, revision: 2 });
    expect((await shop.call('PATCH', path, { fields: { visits: 4, vip: null } })).body.fields).toEqual({
      city: 'Puebla',
      visits: 4,
      birthday: '1990-02-28',
      size: 'M',
    });
    expect((await shop.call('GET', '/api/contacts?field=city:Puebla')).body.items).toHaveLength(1);
    expect((await shop.call('GET', '/api/contacts?field=city:Lima')).body.items).toEqual([]);
    expect(fieldsOf(await shop.call('GET', '/api/contacts?field=city'))).toEqual(['field']);
    const made = await shop.call('POST', '/api/contacts', { phone: '+525599999999', fields: { size: 'S' } });
    expect(made.body.fields).toEqual({ size: 'S' });
  });

  it('refuse each value that is not of its type, and keys nobody defined', async () => {
    await define('visits', 'number');
    await define('birthday', 'date');
    await define('size', 'choice', { options: ['S', 'M'] });
    const bad = await shop.call('PATCH', path, {
      fields: { visits: '3', birthday: '1990-02-30', size: 'XL', shoe: 42 },
    });
    expect([bad.status, fieldsOf(bad)]).toEqual([
      400,
      ['fields.visits', 'fields.birthday', 'fields.size', 'fields.shoe'],
    ]);
    expect((await shop.call('GET', path)).body).toMatchObject({ fields: {}, revision: 1 });
  });

  it('are defined, renamed and deleted with their values', async () => {
    const made = await define('size', 'choice', { options: ['S'] });
    expect(made.status).toBe(201);
    const url = `/api/contact-fields/${made.body.id}`;
    expect(
      (await shop.call('PATCH', url, { label: { es: 'Talla', en: 'Size' }, options: ['S', 'M'] })).body,
    ).toMatchObject({
      key: 'size',
      label: { es: 'Talla', en: 'Size' },
      options: ['S', 'M'],
    });
    await shop.call('PATCH', path, { fields: { size: 'M' } });
    expect((await shop.call('DELETE', url)).status).toBe(204);
    expect((await shop.call('GET', path)).body.fields).toEqual({});
    expect((await shop.call('DELETE', url)).body.code).toBe('contact_field_not_found');
    expect((await shop.call('PATCH', url, { position: 1 })).status).toBe(404);
  });

  it('have one meaning per key, options only for choices, and a limit', async () => {
    await define('size', 'text');
    const again = await define('size', 'number');
    expect([again.status, again.body.code, fieldsOf(again)]).toEqual([409, 'contact_field_exists', ['key']]);
    expect(fieldsOf(await define('colour', 'choice'))).toEqual(['options']);
    expect(fieldsOf(await define('colour', 'text', { options: ['x'] }))).toEqual(['options']);
    expect(fieldsOf(await define('__proto__', 'text'))).toEqual(['key']);
    await app.owner.query(
      `insert into contact_field (id, tenant_id, key, label, type) select gen_random_uuid(), $1, 'f' || n, '{"es": "x"}', 'text'
         from generate_series(2, $2::int) n`,
      [shop.tenantId, MAX_FIELDS],
    );
    expect((await define('last', 'text')).body.code).toBe('too_many_contact_fields');
  });

  it('INV-8: are of one shop, and defined by managers', async () => {
    const { id } = (await define('size', 'text')).body;
    expect((await other.call('GET', '/api/contact-fields')).body.items).toEqual([]);
    expect((await other.call('PATCH', `/api/contact-fields/${id}`, { position: 1 })).status).toBe(404);
    expect((await other.call('DELETE', `/api/contact-fields/${id}`)).status).toBe(404);
    const seller = await signInAs(app, shop, 'seller');
    expect((await seller.call('GET', '/api/contact-fields')).status).toBe(200);
    expect((await seller.call('DELETE', `/api/contact-fields/${id}`)).status).toBe(403);
    expect((await app.call('GET', '/api/contact-fields')).status).toBe(401);
  });
});

describe('tags', () => {
  it('are counted, the most frequent first, in one’s own shop', async () => {
    await shop.call('PATCH', path, { tags: ['vip', 'feria'] });
    await shop.call('POST', '/api/contacts', { phone: '+525500000001', tags: ['vip'] });
    await other.call('POST', '/api/contacts', { phone: '+525500000001', tags: ['secreto'] });
    expect((await shop.call('GET', '/api/contacts/tags')).body).toEqual({
      items: [
        { tag: 'vip', contacts: 2 },
        { tag: 'feria', contacts: 1 },
      ],
    });
    expect((await app.call('GET', '/api/contacts/tags')).status).toBe(401);
  });
});

describe('integrators', () => {
  it('are told of a contact that was made and changed', async () => {
    await addEndpoint(app.owner, shop.tenantId);
    const made = await shop.call('POST', '/api/contacts', { phone: '+525500000001', name: 'Luz' });
    path = `/api/contacts/${made.body.id}`;
    await shop.call('PATCH', path, { name: 'Marta Ruiz' });
    const { rows } = await app.owner.query(
      `select body from outgoing_event where tenant_id = $1 and type = 'contact.changed' order by seq`,
      [shop.tenantId],
    );
    const contactId = path.split('/').at(-1);
    expect(rows.map(({ body }) => body)).toEqual([
      { contactId, revision: 1 },
      { contactId, revision: 2 },
    ]);
  });
});

describe('what is none', () => {
  it.each([
    ['DELETE', '/api/contact-fields/x', 'id'],
    ['PATCH', '/api/contact-fields/x', 'id'],
    ['DELETE', `/api/contacts/${randomUUID()}/notes/x`, 'noteId'],
  ])('%s %s is refused', async (method, at, field) => {
    const answer = await shop.call(method, at, method === 'PATCH' ? {} : undefined);
    expect([answer.status, answer.body.code, fieldsOf(answer)]).toEqual([400, 'invalid_input', [field]]);
  });
});
