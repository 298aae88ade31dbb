import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type Shop, type TestApp } from '../../test/support/app.js';

const document = {
  dsl: 1,
  flow: 'saludo',
  locales: ['es'],
  start: 'hello',
  steps: [
    { id: 'hello', type: 'message', text: 'Hola', next: 'bye' },
    { id: 'bye', type: 'end' },
  ],
};

describe('flows over HTTP', () => {
  let server: TestApp;
  let ana: Shop;
  let beto: Shop;
  beforeAll(async () => {
    server = await startTestApp();
    ana = await server.openShop();
    beto = await server.openShop();
  });
  afterAll(() => server.close());

  const create = async (key: string, draft: object = { ...document, flow: key }) =>
    (await ana.call('POST', '/api/flows', { key, title: 'Saludo', draft })).body.id as string;

  it('goes from a first draft to a version, telling its revision on the way', async () => {
    const created = await ana.call('POST', '/api/flows', { key: 'saludo', title: 'Saludo', draft: { dsl: 1 } });
    expect(created).toMatchObject({ status: 201, body: { key: 'saludo', draftRevision: 1, isArchived: false } });
    const { id } = created.body;
    const draft = await ana.call('GET', `/api/flows/${id}/draft`);
    expect(draft.headers.get('etag')).toBe('"1"');
    const saved = await ana.call('PUT', `/api/flows/${id}/draft`, { draft: document }, { 'if-match': '"1"' });
    expect(saved).toMatchObject({ status: 200, body: { draftRevision: 2, draft: document } });
    expect(saved.headers.get('etag')).toBe('"2"');
    const late = await ana.call('PUT', `/api/flows/${id}/draft`, { draft: {} }, { 'if-match': '"1"' });
    expect(late).toMatchObject({ status: 412, body: { code: 'revision_mismatch' } });
    expect(await ana.call('POST', `/api/flows/${id}/validate`)).toMatchObject({ status: 200, body: { problems: [] } });
    const published = await ana.call('POST', `/api/flows/${id}/publish`, { note: 'listo' });
    expect(published).toMatchObject({ status: 201, body: { number: 1, note: 'listo' } });
    expect(await ana.call('POST', `/api/flows/${id}/publish`)).toMatchObject({ status: 200, body: published.body });
    const versions = await ana.call('GET', `/api/flows/${id}/versions`);
    expect(versions.body).toEqual({ items: [published.body], nextCursor: null });
    const version = await ana.call('GET', `/api/flows/${id}/versions/1`);
    expect(version.body).toEqual({ ...published.body, document, problems: [] });
  });

  it('answers 422 to what does not validate, listing every problem with its step', async () => {
    const steps = [
      { id: 'hello', type: 'message', text: '{{ quien }}', next: 'nowhere' },
      { id: 'lost', type: 'end' },
    ];
    const id = await create('roto', { ...document, flow: 'roto', steps });
    const refused = await ana.call('POST', `/api/flows/${id}/publish`, {});
    expect(refused).toMatchObject({ status: 422, body: { code: 'flow_invalid', status: 422 } });
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    const found = refused.body.problems.map(({ code, step }: { code: string; step: string }) => `${step} ${code}`);
    expect(found).toEqual(expect.arrayContaining(['hello E102', 'hello E106', 'lost E103']));
    expect((await ana.call('GET', `/api/flows/${id}/versions`)).body.items).toEqual([]);
  });

  it('names the field that is wrong', async () => {
    const refused = await ana.call('POST', '/api/flows', { key: 'Con Espacios', title: 'x', draft: {}, colour: 'red' });
    expect(refused).toMatchObject({ status: 400, body: { code: 'invalid_input' } });
    const fields = refused.body.errors.map(({ field }: { field: string }) => field);
    expect(fields).toContain('key');
    expect(JSON.stringify(refused.body.errors)).toContain('colour');
    const bad = await ana.call('GET', '/api/flows/not-a-uuid');
    expect(bad).toMatchObject({ status: 400, body: { errors: [{ field: 'id' }] } });
  });

  it('renames, archives and lists', async () => {
    const id = await create('archivable');
    const changed = await ana.call('PATCH', `/api/flows/${id}`, { title: 'Antes', isArchived: true });
    expect(changed).toMatchObject({ status: 200, body: { title: 'Antes', isArchived: true } });
    expect((await ana.call('GET', `/api/flows/${id}`)).body).toEqual(changed.body);
    const keys = async (query: string) =>
      (await ana.call('GET', `/api/flows${query}`)).body.items.map(({ key }: { key: string }) => key) as string[];
    expect(await keys('?archived=true')).toEqual(['archivable']);
    expect(await keys('')).not.toContain('archivable');
  });

  it('describes the language and every action it offers', async () => {
    const schema = await ana.call('GET', '/api/dsl/schema');
    expect(schema.body).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $ref: '#/$defs/FlowDocument',
    });
    const { FlowDocument, FlowStep } = schema.body.$defs;
    expect(Object.keys(FlowDocument.properties)).toEqual(expect.arrayContaining(['dsl', 'flow', 'steps']));
    expect(FlowStep.oneOf ?? FlowStep.anyOf).toHaveLength(10);
    const { items } = (await ana.call('GET', '/api/dsl/actions')).body;
    const names = items.map(({ name }: { name: string }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['cart.add', 'cart.clear', 'cart.remove', 'cart.view', 'orders.place', 'products.search']),
    );
    const add = items.find(({ name }: { name: string }) => name === 'cart.add');
    expect(add.errors).toContain('out_of_stock');
    expect(add.input.required).toEqual(['productId']);
  });

  it('INV-8 answers another tenant as if there were nothing', async () => {
    const id = await create('ajeno');
    await ana.call('POST', `/api/flows/${id}/publish`);
    const calls: [string, string, object?][] = [
      ['GET', ''],
      ['PATCH', '', { title: 'mío' }],
      ['GET', '/draft'],
      ['PUT', '/draft', { draft: {} }],
      ['POST', '/validate'],
      ['POST', '/publish'],
      ['GET', '/versions'],
      ['GET', '/versions/1'],
    ];
    for (const [method, path, body] of calls)
      expect((await beto.call(method, `/api/flows/${id}${path}`, body)).status, `${method} ${path}`).toBe(404);
    expect((await beto.call('GET', '/api/flows')).body.items).toEqual([]);
  });

  it('wants a sign-in', async () => {
    expect((await server.call('GET', '/api/flows')).status).toBe(401);
    expect((await server.call('GET', '/api/dsl/schema')).status).toBe(401);
  });
});
