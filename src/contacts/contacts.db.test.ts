import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Shop, TestApp } from '../../test/support/app.js';
import { signInAs, startFeatures } from '../../test/support/features.js';
import { AuthModule } from '../auth/auth.module.js';
import { ContactsModule } from './contacts.module.js';

let app: TestApp;
let shop: Shop;
let other: Shop;

beforeAll(async () => {
  app = await startFeatures([AuthModule, ContactsModule]);
  shop = await app.openShop();
  other = await app.openShop();
});
afterAll(() => app.close());

let people = 0;
const newPhone = () => `+57300${String((people += 1)).padStart(7, '0')}`;

async function makeContact(overrides: object = {}, tenant = shop) {
  const { status, body } = await tenant.call('POST', '/api/contacts', { phone: newPhone(), ...overrides });
  expect(status).toBe(201);
  return body as { id: string; phone: string; revision: number };
}

const idsOf = (body: { items: { id: string }[] }) => body.items.map(({ id }) => id);

describe('contacts', () => {
  it('are made, read and changed; null clears', async () => {
    const phone = newPhone();
    const made = await shop.call('POST', '/api/contacts', {
      phone,
      name: ' Marta ',
      locale: 'pt',
      tags: ['VIP', 'vip'],
    });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ phone, name: 'Marta', locale: 'pt', tags: ['vip'], revision: 1 });
    expect(made.body).not.toHaveProperty('tenantId');
    const path = `/api/contacts/${made.body.id}`;
    const changed = await shop.call('PATCH', path, { locale: null, tags: ['mayoreo'] });
    expect(changed.body).toMatchObject({ name: 'Marta', locale: null, tags: ['mayoreo'], revision: 2 });
    expect((await shop.call('GET', path)).body).toEqual(changed.body);
  });

  it('are one person under both spellings of a number', async () => {
    await makeContact({ phone: '+5215512345678' });
    const again = await shop.call('POST', '/api/contacts', { phone: '+525512345678' });
    expect([again.status, again.body.code, again.body.errors[0].field]).toEqual([409, 'contact_exists', 'phone']);
    await makeContact({ phone: '+525512345678' }, other);
  });

  it('give their old number free when they get a new one', async () => {
    const { id, phone } = await makeContact();
    const taken = await makeContact();
    const clash = await shop.call('PATCH', `/api/contacts/${id}`, { phone: taken.phone });
    expect(clash.body.code).toBe('contact_exists');
    expect((await shop.call('GET', `/api/contacts/${id}`)).body.phone).toBe(phone);
    expect((await shop.call('PATCH', `/api/contacts/${id}`, { phone: newPhone() })).status).toBe(200);
    await makeContact({ phone });
  });

  it('keep their other names when the number changes', async () => {
    const { id } = await makeContact();
    const values = async () =>
      (await app.owner.query<{ value: string }>('select value from contact_identity where contact_id = $1', [id])).rows;
    await app.owner.query('insert into contact_identity values ($1, $2, $3)', [shop.tenantId, 'bsuid:MX.a1', id]);
    await shop.call('PATCH', `/api/contacts/${id}`, { phone: '+5491123456789' });
    expect((await values()).map(({ value }) => value).toSorted()).toEqual(['bsuid:MX.a1', 'tel:541123456789']);
  });

  it('are found by part of the name or number, and by tag; wildcards are letters', async () => {
    const marta = await makeContact({ name: 'Marta 100%', tags: ['feria'] });
    const search = async (query: string) => idsOf((await shop.call('GET', `/api/contacts?${query}`)).body);
    expect(await search('search=mARTA%20100%25')).toEqual([marta.id]);
    expect(await search(`search=${marta.phone.slice(-7)}`)).toEqual([marta.id]);
    expect(await search('tag=feria')).toEqual([marta.id]);
    expect(await search('search=M_rta')).toEqual([]);
    expect(await search('tag=nada')).toEqual([]);
  });

  it('are paged newest first, also those the message path made in the same instant', async () => {
    const busy = await app.openShop();
    await app.owner.query(
      `insert into contact (id, tenant_id, name, created_at)
       select gen_random_uuid(), $1, 'c' || n, timestamptz '2026-01-01 00:00:00.000001Z' + (n / 2) * interval '1 microsecond'
       from generate_series(1, 7) n`,
      [busy.tenantId],
    );
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const { body } = await busy.call('GET', `/api/contacts?limit=2${cursor ? `&cursor=${cursor}` : ''}`);
      seen.push(...idsOf(body));
      cursor = body.nextCursor as string | null;
    } while (cursor !== null);
    expect(seen).toHaveLength(7);
    expect(new Set(seen).size).toBe(7);
  });

  it('are refused field by field', async () => {
    const answer = await shop.call('POST', '/api/contacts', { phone: '5512345678', locale: 'fr', tags: ['#!'], x: 1 });
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_input']);
    const fields = answer.body.errors.map(({ field }: { field: string }) => field);
    expect(fields).toEqual(expect.arrayContaining(['phone', 'locale', 'tags.0']));
    expect((await shop.call('GET', '/api/contacts/7')).body.errors[0].field).toBe('id');
    expect((await shop.call('GET', '/api/contacts?limit=1000')).body.errors[0].field).toBe('limit');
  });

  it('are not changed over somebody else’s change', async () => {
    const { id } = await makeContact();
    const path = `/api/contacts/${id}`;
    const etag = (await shop.call('GET', path)).headers.get('etag') ?? '';
    expect(etag).toBe('"1"');
    expect((await shop.call('PATCH', path, { name: 'Uno' }, { 'if-match': etag })).status).toBe(200);
    expect((await shop.call('PATCH', path, { name: 'Dos' }, { 'if-match': etag })).body.code).toBe('revision_mismatch');
  });

  it('of another tenant do not exist (INV-8)', async () => {
    const { id } = await makeContact({ name: 'Secreta' });
    expect((await other.call('GET', `/api/contacts/${id}`)).body.code).toBe('contact_not_found');
    expect((await other.call('PATCH', `/api/contacts/${id}`, { name: 'Mía' })).status).toBe(404);
    expect(idsOf((await other.call('GET', '/api/contacts?search=Secreta')).body)).toEqual([]);
    expect((await shop.call('GET', `/api/contacts/${id}`)).body.name).toBe('Secreta');
  });

  it('are read by every role and written by all but viewers', async () => {
    for (const [role, status] of [
      ['seller', 201],
      ['viewer', 403],
    ] as const) {
      const person = await signInAs(app, shop, role);
      expect((await person.call('GET', '/api/contacts')).status).toBe(200);
      expect((await person.call('POST', '/api/contacts', { phone: newPhone() })).status).toBe(status);
    }
  });
});
