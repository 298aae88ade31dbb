import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Shop, TestApp } from '../../test/support/app.js';
import { MESSAGING, startFeatures } from '../../test/support/features.js';
import { AuthModule } from '../auth/auth.module.js';
import { ProvidersHealth } from '../providers/providers.health.js';

let app: TestApp;
let shop: Shop;
let botId: string;

beforeAll(async () => {
  const variables = { SIMULATOR_ALLOWED: 'true', META_GRAPH_URL: 'http://127.0.0.1:1' };
  app = await startFeatures([AuthModule, ...MESSAGING], variables);
  shop = await app.openShop();
  botId = (await shop.call('POST', '/api/bots', { name: 'Aurora', locale: 'es' })).body.id;
});
afterAll(() => app.close());

describe('the old service contract', () => {
  test('a bot without connections is disconnected and cannot send', async () => {
    expect((await shop.call('GET', `/status?bot_id=${botId}`)).body).toEqual({
      bot_id: botId,
      status: 'disconnected',
      connections: [],
    });
    const sent = await shop.call('POST', '/send', { bot_id: botId, to: '+525511111111', message: 'Hola' });
    expect(sent).toMatchObject({ status: 409, body: { code: 'no_connection' } });
  });

  test('/status tells the health of every connection and of the bot', async () => {
    const connection = { provider: 'simulator', name: 'Simulador', credentials: {} };
    await shop.call('POST', `/api/bots/${botId}/connections`, connection);
    const status = async () => (await shop.call('GET', `/status?bot_id=${botId}`)).body;
    expect(await status()).toMatchObject({ status: 'connected', connections: [{ provider: 'simulator' }] });
    await app.owner.query(`update connection set health = 'degraded' where bot_id = $1`, [botId]);
    expect(await status()).toMatchObject({ status: 'degraded' });
    await app.owner.query(`update connection set health = 'auth_lost', health_reason = '190' where bot_id = $1`, [
      botId,
    ]);
    expect(await status()).toMatchObject({
      status: 'disconnected',
      connections: [{ health: 'auth_lost', health_reason: '190' }],
    });
  });

  test('/qr has nothing to show', async () => {
    const answer = await shop.call('GET', `/qr?bot_id=${botId}`);
    expect(answer).toMatchObject({ status: 409, body: { code: 'no_linked_device' } });
  });

  test('INV-8 another tenant’s bot is no bot', async () => {
    const stranger = await app.openShop();
    const sent = await stranger.call('POST', '/send', { bot_id: botId, to: '+525511111111', message: 'Hola' });
    expect(sent.status).toBe(404);
    expect((await stranger.call('GET', `/status?bot_id=${botId}`)).status).toBe(404);
    expect((await stranger.call('GET', `/qr?bot_id=${botId}`)).status).toBe(404);
    expect((await app.call('GET', `/status?bot_id=${botId}`)).status).toBe(401);
  });

  test('/send queues the text in that person’s conversation', async () => {
    await app.owner.query(`update connection set health = 'up' where bot_id = $1`, [botId]);
    const sent = await shop.call('POST', '/send', { bot_id: botId, to: '525511111111', message: 'Hola' });
    expect(sent).toMatchObject({ status: 202, body: { status: 'queued' } });
    const { rows } = await app.owner.query(
      `select i.kind, i.body, v.phone from inbox i join conversation v on v.id = i.conversation_id
        where v.bot_id = $1`,
      [botId],
    );
    expect(rows).toMatchObject([{ kind: 'notice', body: { kind: 'text', text: 'Hola' }, phone: '+525511111111' }]);
  });

  describe('/send with an Idempotency-Key', () => {
    const to = '+525511110001';
    const ask = (key: string, message: string) =>
      shop.call('POST', '/send', { bot_id: botId, to, message }, { 'idempotency-key': key });
    const queued = async () => {
      const { rows } = await app.owner.query(
        `select i.body->>'text' as text from inbox i join conversation v on v.id = i.conversation_id
          where v.bot_id = $1 and v.phone = $2 order by i.seq`,
        [botId, to],
      );
      return rows.map(({ text }: { text: string }) => text);
    };

    test('sends once, and answers the same again', async () => {
      const key = randomUUID();
      const first = await ask(key, 'Una vez');
      const second = await ask(key, 'Una vez');
      expect([second.status, second.body, second.headers.get('idempotency-replayed')]).toEqual([
        202,
        first.body,
        'true',
      ]);
      expect(await queued()).toEqual(['Una vez']);
      expect(await ask(key, 'Otra')).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
    });

    test('sends once when the answer was lost before it was kept, and says when to ask again until then', async () => {
      const key = randomUUID();
      const first = await ask(key, 'Perdida');
      await app.owner.query('update idempotency_key set answer = null, started_at = now() where key = $1', [key]);
      const early = await ask(key, 'Perdida');
      expect([early.status, early.body.code]).toEqual([409, 'idempotency_in_progress']);
      expect(Number(early.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(Number(early.headers.get('retry-after'))).toBeLessThanOrEqual(5);
      await app.owner.query(`update idempotency_key set started_at = now() - interval '6 seconds' where key = $1`, [
        key,
      ]);
      expect((await ask(key, 'Perdida')).body).toEqual(first.body);
      expect(await queued()).toEqual(['Una vez', 'Perdida']);
    });
  });

  test('input that is wrong names its field', async () => {
    const bad = await shop.call('POST', '/send', { bot_id: 'x', to: '+525511111111', message: '' });
    const fields = bad.body.errors.map(({ field }: { field: string }) => field);
    expect([bad.status, fields.toSorted()]).toEqual([400, ['bot_id', 'message']]);
    expect((await shop.call('GET', `/status?bot_id=${randomUUID()}`)).status).toBe(404);
  });
});

test('a provider that cannot be reached is degraded, never down', async () => {
  const health = app.app.get(ProvidersHealth, { strict: false });
  const checks = Object.assign({}, ...(await health.checkAll(() => null)));
  expect(checks['provider-simulator']).toMatchObject({ status: 'up' });
  expect(checks['provider-official']).toMatchObject({ status: 'degraded' });
});

describe('what /send could never deliver is refused at once', () => {
  let officialBot: string;

  beforeAll(async () => {
    officialBot = (await shop.call('POST', '/api/bots', { name: 'Ventas', locale: 'es' })).body.id;
    const credentials = { phoneNumberId: '106540352242922', accessToken: 'a', appSecret: 's', verifyToken: 'v' };
    await shop.call('POST', `/api/bots/${officialBot}/connections`, { provider: 'official', name: 'V', credentials });
  });

  const send = (to: string, said: object) => shop.call('POST', '/send', { bot_id: officialBot, to, ...said });

  test('free text to whom has not written for a day, unless the bot has a template for it', async () => {
    const refused = await send('+525511112222', { message: 'Hola' });
    expect(refused).toMatchObject({ status: 422, body: { code: 'window_closed' } });
    const template = { kind: 'template', name: 'oferta', language: 'es' };
    expect((await send('+525511112222', { content: template })).status).toBe(202);
    const full = { ...template, header: { type: 'image', url: 'https://example.com/a.jpg' } };
    expect((await send('+525511112222', { content: full })).status).toBe(202);
    const lost = { ...template, header: { type: 'image', mediaId: randomUUID() } };
    expect(await send('+525511112222', { content: lost })).toMatchObject({
      status: 422,
      body: { code: 'media_not_found' },
    });
    const windowTemplate = { name: 'seguimos_aqui', language: 'es', params: ['{text}'] };
    await shop.call('PATCH', `/api/bots/${officialBot}`, { windowTemplate });
    await app.owner.query(`update connection set health = 'unknown' where bot_id = $1`, [officialBot]);
    await expect
      .poll(async () => (await send('+525511112222', { message: 'Hola' })).status, { timeout: 15_000 })
      .toBe(202);
    await app.owner.query(`update conversation set last_in_at = now() where bot_id = $1`, [officialBot]);
    expect((await send('+525511112222', { message: 'Hola' })).status).toBe(202);
  });

  test('a number nobody has', async () => {
    for (const to of ['+999112233445566', '+5255111']) {
      const refused = await send(to, { message: 'Hola' });
      expect(refused).toMatchObject({ status: 422, body: { code: 'bad_number' } });
    }
    expect((await send('+5215511112222', { message: 'Hola' })).body.code).not.toBe('bad_number');
  });

  test('a file that is not there', async () => {
    await app.owner.query(`update conversation set last_in_at = now() where bot_id = $1`, [officialBot]);
    const picture = (mediaId: string) => ({ content: { kind: 'media', media: 'image', mediaId } });
    const missing = await send('+525511112222', picture(randomUUID()));
    expect(missing).toMatchObject({ status: 422, body: { code: 'media_not_found' } });
  });

  test('a file that is larger than the provider takes', async () => {
    await app.owner.query(`update conversation set last_in_at = now() where bot_id = $1`, [officialBot]);
    const upload = async (mimeType: string, sizeBytes: number) => {
      const { rows } = await app.owner.query<{ id: string }>(
        `insert into media (tenant_id, origin, state, mime_type, size_bytes, sha256, stored_at)
         values ($1, 'upload', 'stored', $2, $3, 'x', now()) returning id`,
        [shop.tenantId, mimeType, sizeBytes],
      );
      return rows[0]?.id;
    };
    const sendFile = async (sizeBytes: number) => {
      const content = { kind: 'media', media: 'image', mediaId: await upload('image/png', sizeBytes) };
      const { status, body } = await send('+525511112222', { content });
      return [status, body.code ?? body.status];
    };
    // Meta: an image of 5 MB at most.
    expect(await sendFile(5 * 1024 * 1024)).toEqual([202, 'queued']);
    expect(await sendFile(5 * 1024 * 1024 + 1)).toEqual([413, 'media_too_large']);
  });

  test('a bot that is none', async () => {
    const refused = await shop.call('POST', '/send', { bot_id: randomUUID(), to: '+525511111111', message: 'Hola' });
    expect([refused.status, refused.body.code]).toEqual([404, 'bot_not_found']);
  });

  test('neither a text nor anything else, or both', async () => {
    for (const said of [{}, { message: 'Hola', content: { kind: 'text', text: 'Hola' } }]) {
      expect(await send('+525511112222', said)).toMatchObject({ status: 400, body: { code: 'invalid_input' } });
    }
  });
});
