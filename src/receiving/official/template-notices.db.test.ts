import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestApp } from '../../../test/support/app.js';
import { MESSAGING, startFeatures } from '../../../test/support/features.js';
import { type GraphDouble, startGraphDouble } from '../../../test/support/graph-double.js';
import { openOfficialLine, postAsMeta, type OfficialLine } from '../../../test/support/official-lines.js';
import { AuthModule } from '../../auth/auth.module.js';
import { WebhooksModule } from '../../webhooks/webhooks.module.js';

let app: TestApp;
let graph: GraphDouble;

beforeAll(async () => {
  graph = await startGraphDouble({ accessTokens: ['token'], latencyMs: 1 });
  app = await startFeatures([AuthModule, ...MESSAGING, WebhooksModule], { META_GRAPH_URL: graph.url });
});
afterAll(async () => {
  await app.close();
  await graph.stop();
});

const NAMED = { message_template_id: 77, message_template_name: 'seguimos_aqui', message_template_language: 'es_MX' };

function notice(wabaId: string, field: string, value: object): object {
  const change = { field, value: { ...NAMED, ...value } };
  return { object: 'whatsapp_business_account', entry: [{ id: wabaId, changes: [change] }] };
}
const status = (wabaId: string, event: string, reason = 'NONE') =>
  notice(wabaId, 'message_template_status_update', { event, reason });

/** A line whose bot says the template where free text may not go. */
async function openLine(secret: string, wabaId: string): Promise<OfficialLine> {
  const line = await openOfficialLine(app, secret, undefined, undefined, wabaId);
  const windowTemplate = { name: 'seguimos_aqui', language: 'es_MX' };
  await line.shop.call('PATCH', `/api/bots/${line.botId}`, { windowTemplate });
  await line.shop.call('POST', '/api/webhooks', { url: 'https://example.com/hook', types: ['connection.template'] });
  return line;
}

async function problemsOf({ shop, botId, connectionId }: OfficialLine): Promise<unknown[]> {
  return (await shop.call('GET', `/api/bots/${botId}/connections/${connectionId}`)).body.templateProblems;
}

async function eventsOf({ connectionId }: OfficialLine): Promise<unknown[]> {
  const { rows } = await app.owner.query<{ body: object }>(
    `select body from outgoing_event where type = 'connection.template' and body ->> 'connectionId' = $1 order by seq`,
    [connectionId],
  );
  return rows.map(({ body }) => body);
}

const LISTED = { name: 'seguimos_aqui', language: 'es_MX', status: 'APPROVED', category: 'UTILITY', components: [] };

describe('a template that the bot uses', () => {
  test('paused and approved again is visible on the connection, and each is an event once', async () => {
    const line = await openLine('paused-secret', 'waba-paused');
    const paused = status('waba-paused', 'PAUSED', 'LOW_QUALITY');
    for (const time of [1, 2]) expect((await postAsMeta(app, paused, line.appSecret)).status, String(time)).toBe(200);
    const template = { name: 'seguimos_aqui', language: 'es_MX' };
    const problem = { ...template, status: 'PAUSED', reason: 'LOW_QUALITY', noticedAt: expect.any(String) };
    expect(await problemsOf(line)).toEqual([problem]);
    const { body: list } = await line.shop.call('GET', `/api/bots/${line.botId}/connections`);
    expect(list.items).toMatchObject([{ templateProblems: [problem] }]);
    await postAsMeta(app, status('waba-paused', 'APPROVED'), line.appSecret);
    expect(await problemsOf(line)).toEqual([]);
    const event = { ...template, connectionId: line.connectionId, botId: line.botId };
    expect(await eventsOf(line)).toEqual([
      { ...event, status: 'PAUSED', reason: 'LOW_QUALITY' },
      { ...event, status: 'APPROVED', reason: null },
    ]);
  });

  test('in its flow, rejected, is an event too; one that no bot uses is none', async () => {
    const line = await openOfficialLine(app, 'flow-secret', undefined, undefined, 'waba-flow');
    await line.shop.call('POST', '/api/webhooks', { url: 'https://example.com/hook', types: ['connection.template'] });
    await postAsMeta(app, status('waba-flow', 'REJECTED'), line.appSecret);
    expect(await eventsOf(line)).toEqual([]);
    expect(await problemsOf(line)).toEqual([]);
    await postAsMeta(app, status('waba-flow', 'APPROVED'), line.appSecret);
    const steps = [
      { id: 'hola', type: 'message', template: { name: 'seguimos_aqui' }, next: 'fin' },
      { id: 'fin', type: 'end' },
    ];
    const draft = { dsl: 1, flow: 'saludo', locales: ['es'], start: 'hola', steps };
    const flow = await line.shop.call('POST', '/api/flows', { key: 'saludo', title: 'Saludo', draft });
    const version = await line.shop.call('POST', `/api/flows/${flow.body.id}/publish`, {});
    const used = await line.shop.call('POST', `/api/bots/${line.botId}/activate`, { versionId: version.body.id });
    expect(used.body).toMatchObject({ activeVersionId: expect.any(String) });
    await postAsMeta(app, status('waba-flow', 'REJECTED', 'PROMOTIONAL'), line.appSecret);
    expect(await problemsOf(line)).toMatchObject([{ status: 'REJECTED', reason: 'PROMOTIONAL' }]);
    expect(await eventsOf(line)).toMatchObject([{ status: 'REJECTED' }]);
  });
});

describe('the list of templates', () => {
  test('shows a notice at once, though the list itself is seconds old', async () => {
    const line = await openLine('list-secret', 'waba-list');
    graph.templates.byAccount.set('waba-list', [LISTED]);
    const list = async () =>
      (await line.shop.call('GET', `/api/bots/${line.botId}/connections/${line.connectionId}/templates`)).body.items;
    expect(await list()).toMatchObject([{ status: 'APPROVED', quality: null, noticedAt: null }]);
    await postAsMeta(app, status('waba-list', 'PAUSED'), line.appSecret);
    const quality = { previous_quality_score: 'GREEN', new_quality_score: 'RED' };
    await postAsMeta(app, notice('waba-list', 'message_template_quality_update', quality), line.appSecret);
    const category = { previous_category: 'UTILITY', new_category: 'MARKETING' };
    await postAsMeta(app, notice('waba-list', 'template_category_update', category), line.appSecret);
    expect(await list()).toMatchObject([
      { status: 'PAUSED', quality: 'RED', category: 'MARKETING', noticedAt: expect.any(String) },
    ]);
  });

  test('takes the place of what was told before it', async () => {
    const line = await openLine('before-secret', 'waba-before');
    await postAsMeta(app, status('waba-before', 'APPROVED'), line.appSecret);
    const quality = { previous_quality_score: 'GREEN', new_quality_score: 'RED' };
    await postAsMeta(app, notice('waba-before', 'message_template_quality_update', quality), line.appSecret);
    graph.templates.byAccount.set('waba-before', [{ ...LISTED, quality_score: { score: 'GREEN' } }]);
    const list = async () =>
      (await line.shop.call('GET', `/api/bots/${line.botId}/connections/${line.connectionId}/templates`)).body.items;
    expect(await list()).toMatchObject([{ quality: 'GREEN' }]);
    const category = { previous_category: 'UTILITY', new_category: 'MARKETING' };
    await postAsMeta(app, notice('waba-before', 'template_category_update', category), line.appSecret);
    expect(await list()).toMatchObject([{ quality: 'GREEN', category: 'MARKETING' }]);
  });

  test('ends a problem whose end was not told', async () => {
    const line = await openLine('missed-secret', 'waba-missed');
    await postAsMeta(app, status('waba-missed', 'PAUSED'), line.appSecret);
    expect(await problemsOf(line)).toHaveLength(1);
    graph.templates.byAccount.set('waba-missed', [LISTED]);
    await line.shop.call('GET', `/api/bots/${line.botId}/connections/${line.connectionId}/templates`);
    expect(await problemsOf(line)).toEqual([]);
  });
});

describe('a notice about an account', () => {
  test('INV-8 reaches the tenants that prove it is theirs, and no other that names the account', async () => {
    const line = await openLine('real-secret', 'waba-shared');
    const liar = await openLine('liar-secret', 'waba-shared');
    expect((await postAsMeta(app, status('waba-shared', 'PAUSED'), line.appSecret)).status).toBe(200);
    expect(await problemsOf(line)).toHaveLength(1);
    expect(await problemsOf(liar)).toEqual([]);
    expect(await eventsOf(liar)).toEqual([]);
  });

  test('that is forged changes nothing', async () => {
    const line = await openLine('own-secret', 'waba-forged');
    await postAsMeta(app, status('waba-forged', 'PAUSED'), 'a secret of nobody');
    expect(await problemsOf(line)).toEqual([]);
  });

  test('reaches a connection from before accounts were kept, once its templates were listed', async () => {
    const line = await openLine('old-secret', 'waba-old');
    await app.owner.query('update connection set account_id = null where id = $1', [line.connectionId]);
    graph.templates.byAccount.set('waba-old', [LISTED]);
    await line.shop.call('GET', `/api/bots/${line.botId}/connections/${line.connectionId}/templates`);
    await postAsMeta(app, status('waba-old', 'DISABLED'), line.appSecret);
    expect(await problemsOf(line)).toMatchObject([{ status: 'DISABLED' }]);
  });
});
