import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Shop, startTestApp, type TestApp } from '../../../test/support/app.js';
import { startGraphDouble, type GraphDouble } from '../../../test/support/graph-double.js';
import { until } from '../../../test/support/until.js';
import type { MessageView } from '../../conversations/conversations.dto.js';

const PNG = Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47]), randomBytes(3000)]);
const FROM = '5215512345678';

let graph: GraphDouble;
let app: TestApp;
let shop: Shop;
let botId: string;
let phoneNumberId: string;
let conversationId: string;

beforeAll(async () => {
  graph = await startGraphDouble({ latencyMs: 1 });
  app = await startTestApp({ META_GRAPH_URL: graph.url, MEDIA_MAX_BYTES: '10000' });
  shop = await app.openShop();
  botId = (await shop.call('POST', '/api/bots', { name: 'Aurora' })).body.id;
  phoneNumberId = '7001';
  const credentials = {
    phoneNumberId,
    accessToken: 'test-access-token',
    appSecret: graph.appSecret,
    verifyToken: 'verify-me',
  };
  await shop.call('POST', `/api/bots/${botId}/connections`, { provider: 'official', name: 'Ventas', credentials });
});
afterAll(async () => {
  await app.close();
  await graph.stop();
});

/** A customer sends a picture that Meta keeps under this id. */
async function sendPicture(mediaId: string, id = `wamid.${randomUUID()}`): Promise<string> {
  const image = { id: mediaId, mime_type: 'image/png', sha256: 'x', caption: 'mi pedido' };
  const message = { from: FROM, id, timestamp: String(Math.floor(Date.now() / 1000)), type: 'image', image };
  const metadata = { display_phone_number: '15550000000', phone_number_id: phoneNumberId };
  const value = { messaging_product: 'whatsapp', metadata, contacts: [], messages: [message] };
  const body = {
    object: 'whatsapp_business_account',
    entry: [{ id: 'waba', changes: [{ field: 'messages', value }] }],
  };
  const { status } = await graph.emitOnce(`${app.url}/webhooks/official`, body);
  expect(status).toBe(200);
  return id;
}

async function transcript(): Promise<MessageView[]> {
  const { body } = await shop.call('GET', `/api/conversations?botId=${botId}`);
  conversationId = body.items[0].id;
  return (await shop.call('GET', `/api/conversations/${conversationId}/messages`)).body.items;
}

const fileOf = (providerMessageId: string, state: string) =>
  until(`the file of ${providerMessageId} to be ${state}`, async () => {
    const message = (await transcript()).find((one) => one.providerMessageId === providerMessageId);
    return message?.file?.state === state ? message.file : null;
  });

describe('a customer’s picture', () => {
  test('is kept, and the transcript links to it', async () => {
    graph.media.files.set('m-1', { mimeType: 'image/png', bytes: PNG });
    const file = await fileOf(await sendPicture('m-1'), 'stored');
    expect(file).toMatchObject({ mimeType: 'image/png', sizeBytes: PNG.length, error: null });
    const answer = await fetch(app.url + file.url);
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(PNG);
    const stranger = await app.openShop();
    expect((await stranger.call('GET', `/api/media/${file.id}`)).status).toBe(404);
  });

  test('that comes twice is fetched once', async () => {
    graph.media.files.set('m-2', { mimeType: 'image/png', bytes: PNG });
    const id = await sendPicture('m-2');
    await fileOf(id, 'stored');
    await sendPicture('m-2', id);
    const { rows } = await app.owner.query('select state, attempts from media where message_key = $1', [id]);
    expect(rows).toEqual([{ state: 'stored', attempts: 1 }]);
  });

  test('that Meta no longer has is told to be lost', async () => {
    const file = await fileOf(await sendPicture('gone'), 'failed');
    expect(file).toMatchObject({ error: expect.stringContaining('100'), sizeBytes: null });
    expect(file).not.toHaveProperty('url');
  });

  test('that is too large is not kept', async () => {
    graph.media.files.set('large', { mimeType: 'image/png', bytes: randomBytes(20_000) });
    expect(await fileOf(await sendPicture('large'), 'failed')).toMatchObject({
      error: expect.stringContaining('larger than 10000 bytes'),
    });
  });

  test('is fetched again when its address has died meanwhile, or nobody could fetch it before', async () => {
    graph.media.files.set('m-3', { mimeType: 'image/png', bytes: PNG });
    graph.media.deadAddresses = 1;
    await fileOf(await sendPicture('m-3'), 'stored');
    graph.media.host = 'https://cdn.whatsapp.net:1';
    const id = await sendPicture('m-3');
    await until('a first attempt that fails', async () => {
      const { rows } = await app.owner.query(
        `select error from media where message_key = $1 and attempts = 1 and error is not null`,
        [id],
      );
      return rows[0];
    });
    graph.media.host = null;
    await app.owner.query('update media set next_at = now() where message_key = $1', [id]);
    expect(await fileOf(id, 'stored')).toMatchObject({ error: null });
  });
});

describe('a file of ours', () => {
  async function upload(bytes: Buffer, type = 'image/png'): Promise<string> {
    const form = new FormData();
    form.set('file', new Blob([new Uint8Array(bytes)], { type }), 'menu.png');
    const { body } = await app.call('POST', '/api/auth/login', { email: shop.email, password: shop.password });
    const headers = { authorization: `Bearer ${body.accessToken}` };
    const answer = await fetch(`${app.url}/api/media`, { method: 'POST', headers, body: form });
    return ((await answer.json()) as { id: string }).id;
  }

  /** As a flow would leave it in the outbox. */
  async function queue(content: object): Promise<string> {
    await transcript();
    const { rows } = await app.owner.query<{ id: string }>(
      `insert into outbox (tenant_id, conversation_id, connection_id, turn, idx, kind, body)
       select tenant_id, id, connection_id, 1000 + (select count(*) from outbox), 0, 'send', $2 from conversation
        where id = $1 returning id::text`,
      [conversationId, JSON.stringify(content)],
    );
    return `out-${rows[0]?.id}`;
  }
  const settled = (id: string) =>
    until(`${id} to be settled`, async () => {
      const message = (await transcript()).find((one) => one.id === id);
      return message && message.delivery !== 'queued' ? message : null;
    });

  test('is uploaded to Meta once and sent twice', async () => {
    const mediaId = await upload(PNG);
    const content = { kind: 'media', media: 'image', mediaId, caption: 'El menú' };
    const [first, second] = [await queue(content), await queue(content)];
    expect(await settled(first)).toMatchObject({ delivery: 'sent', file: { id: mediaId, url: expect.any(String) } });
    expect(await settled(second)).toMatchObject({ delivery: 'sent' });
    expect(graph.media.uploads.map(({ bytes }) => bytes)).toEqual([PNG]);
    const sent = graph.accepted.filter(({ body }) => body.type === 'image').map(({ body }) => body['image']);
    const id = graph.media.uploads[0]?.id;
    expect(sent).toEqual([
      { id, caption: 'El menú' },
      { id, caption: 'El menú' },
    ]);
  });

  test('that the line does not take, or that is gone, is not sent, and why is told', async () => {
    const mediaId = await upload(Buffer.from('hola'), 'text/plain');
    const wrong = await settled(await queue({ kind: 'media', media: 'image', mediaId }));
    expect(wrong).toMatchObject({ delivery: 'failed', error: { code: 'MEDIA_TYPE' } });
    await shop.call('DELETE', `/api/media/${mediaId}`);
    const gone = await settled(await queue({ kind: 'media', media: 'document', mediaId }));
    expect(gone).toMatchObject({ delivery: 'failed', error: { code: 'NO_FILE' }, file: null });
  });

  test('INV-8 of another tenant cannot be sent', async () => {
    const stranger = await app.openShop();
    const { rows } = await app.owner.query(
      `insert into media (id, tenant_id, origin, state, mime_type, size_bytes, sha256, stored_at)
       values ($1, $2, 'upload', 'stored', 'image/png', 5, 'x', now()) returning id`,
      [randomUUID(), stranger.tenantId],
    );
    const message = await settled(await queue({ kind: 'media', media: 'image', mediaId: rows[0].id }));
    expect(message).toMatchObject({ delivery: 'failed', error: { code: 'NO_FILE' }, file: null });
  });
});
