import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Shop, TestApp } from '../../../test/support/app.js';
import { signInAs, startFeatures } from '../../../test/support/features.js';
import { type GraphDouble, startGraphDouble } from '../../../test/support/graph-double.js';
import { AuthModule } from '../../auth/auth.module.js';
import { DevicesModule } from '../../devices/devices.module.js';
import { ConnectionsModule } from '../connections.module.js';

let app: TestApp;
let graph: GraphDouble;
let shop: Shop;
let botId: string;

beforeAll(async () => {
  graph = await startGraphDouble({ accessTokens: ['good-token'], latencyMs: 1 });
  const variables = { META_GRAPH_URL: graph.url, SIMULATOR_ALLOWED: 'true' };
  app = await startFeatures([AuthModule, ConnectionsModule, DevicesModule], variables);
  shop = await app.openShop();
  botId = (await shop.call('POST', '/api/bots', { name: 'Aurora' })).body.id;
});
afterAll(async () => {
  await app.close();
  await graph.stop();
});

let numbers = 0;
async function connect(given: object = {}, provider = 'official'): Promise<string> {
  numbers += 1;
  const credentials =
    provider === 'official'
      ? { phoneNumberId: `400${numbers}`, accessToken: 'good-token', appSecret: 's', verifyToken: 'v', ...given }
      : {};
  const { body, status } = await shop.call('POST', `/api/bots/${botId}/connections`, {
    provider,
    name: 'Ventas',
    credentials,
  });
  expect(status, JSON.stringify(body)).toBe(201);
  return body.id;
}

const pathOf = (id: string) => `/api/bots/${botId}/connections/${id}/templates`;

const BODY = { type: 'BODY', text: 'Hola {{1}}' };
function template(name: string, more: object = {}) {
  return {
    name,
    language: 'es_MX',
    status: 'APPROVED',
    category: 'UTILITY',
    quality_score: { score: 'GREEN' },
    rejected_reason: 'NONE',
    components: [BODY],
    ...more,
  };
}

describe('GET …/templates', () => {
  it('lists name, language, status, category, quality and components, page by page', async () => {
    const bad = { status: 'REJECTED', rejected_reason: 'INVALID_FORMAT', quality_score: { score: 'UNKNOWN' } };
    graph.templates.byAccount.set('waba-1', [template('a'), template('b', bad), template('c')]);
    const id = await connect({ wabaId: 'waba-1' });
    const first = await shop.call('GET', `${pathOf(id)}?limit=2`);
    expect(first.status).toBe(200);
    const shown = { language: 'es_MX', category: 'UTILITY', components: [BODY], noticedAt: null };
    expect(first.body.items).toEqual([
      { ...shown, name: 'a', status: 'APPROVED', quality: 'GREEN', reason: null },
      { ...shown, name: 'b', status: 'REJECTED', quality: null, reason: 'INVALID_FORMAT' },
    ]);
    const cursor = encodeURIComponent(first.body.nextCursor);
    const second = await shop.call('GET', `${pathOf(id)}?limit=2&cursor=${cursor}`);
    expect(second.body).toMatchObject({ items: [{ name: 'c' }], nextCursor: null });
  });

  it('asks the provider once in half a minute', async () => {
    graph.templates.byAccount.set('waba-2', [template('a')]);
    const id = await connect({ wabaId: 'waba-2' });
    const before = graph.templates.asked;
    for (let time = 0; time < 3; time++) expect((await shop.call('GET', pathOf(id))).status).toBe(200);
    expect(graph.templates.asked).toBe(before + 1);
  });

  it('takes at most 50 at once', async () => {
    const refused = await shop.call('GET', `${pathOf(await connect({ wabaId: 'waba-1' }))}?limit=51`);
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ field: 'limit' }] } });
  });

  it('says what is missing: the account, a provider with templates, an answer', async () => {
    const withoutAccount = await shop.call('GET', pathOf(await connect()));
    expect(withoutAccount).toMatchObject({ status: 409, body: { code: 'account_unknown' } });
    const simulated = await shop.call('GET', pathOf(await connect({}, 'simulator')));
    expect(simulated).toMatchObject({ status: 409, body: { code: 'templates_unsupported' } });
    const unknown = await shop.call('GET', pathOf(await connect({ wabaId: 'nobody' })));
    expect(unknown).toMatchObject({ status: 409, body: { code: 'templates_refused' } });
    graph.templates.byAccount.set('waba-3', [template('a')]);
    const badToken = await shop.call('GET', pathOf(await connect({ wabaId: 'waba-3', accessToken: 'withdrawn' })));
    expect(badToken).toMatchObject({ status: 409, body: { code: 'templates_refused' } });
    expect(JSON.stringify(badToken.body)).not.toContain('withdrawn');
  });

  it('refuses an answer that is longer than a page may be', async () => {
    graph.templates.byAccount.set('waba-4', [template('a', { components: [{ text: 'x'.repeat(300_000) }] })]);
    const refused = await shop.call('GET', pathOf(await connect({ wabaId: 'waba-4' })));
    expect(refused).toMatchObject({ status: 502, body: { code: 'templates_unavailable' } });
  });

  it('needs connections:read, and INV-8 the tenant’s own connection', async () => {
    const id = await connect({ wabaId: 'waba-1' });
    const seller = await signInAs(app, shop, 'seller');
    expect((await seller.call('GET', pathOf(id))).status).toBe(403);
    const stranger = await app.openShop();
    expect(await stranger.call('GET', pathOf(id))).toMatchObject({
      status: 404,
      body: { code: 'connection_not_found' },
    });
  });
});
