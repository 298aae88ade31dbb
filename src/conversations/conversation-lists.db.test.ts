import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Shop, TestApp } from '../../test/support/app.js';
import type { TestDatabase } from '../../test/support/database.js';
import { addEndpoint } from '../../test/support/endpoints.js';
import { startFeatures } from '../../test/support/features.js';
import { makeEvent, openPathShop, type Shop as PathShop } from '../../test/support/message-path.js';
import { AuthModule } from '../auth/auth.module.js';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import { WebhooksModule } from '../webhooks/webhooks.module.js';
import { ConversationsModule } from './conversations.module.js';
import { IngestService } from './inbox/ingest.service.js';
import { NotifyService } from './notify.service.js';
import { Suspects } from './turns/suspects.js';
import { TurnBatch } from './turns/turn-batch.js';

/** No loops run: the test runs the turns, and the bot has nothing to say. */
let app: TestApp;
let shop: Shop;
let line: PathShop;
let people = 0;
beforeAll(async () => {
  app = await startFeatures([AuthModule, ConversationsModule, WebhooksModule], { ROLE: 'api' });
});
beforeEach(async () => {
  shop = await app.openShop();
  line = await openPathShop({ owner: app.owner, makeTenant: async () => shop.tenantId } as TestDatabase);
  await app.owner.query('update bot set active_version_id = null where id = $1', [line.botId]);
});
afterAll(() => app.close());

async function runTurns(): Promise<void> {
  const worker = app.app.get(Suspects, { strict: false }).workerName(0);
  while ((await app.app.get(TurnBatch, { strict: false }).run(worker)).claimed > 0);
}
async function write(from: string, ...texts: string[]): Promise<string> {
  for (const text of texts)
    await app.app.get(IngestService, { strict: false }).ingest([makeEvent(line, { from, text })]);
  await runTurns();
  const { rows } = await app.owner.query<{ id: string }>(
    'select id from conversation where tenant_id = $1 and address = $2',
    [shop.tenantId, from],
  );
  return rows[0]?.id ?? '';
}
const newPerson = () => `52155${String((people += 1)).padStart(8, '0')}`;
async function say(id: string, ...texts: string[]): Promise<void> {
  for (const text of texts) await shop.call('POST', `/api/conversations/${id}/messages`, { text });
  await runTurns();
}
const handOver = (id: string) => shop.call('POST', `/api/conversations/${id}/hand-over`);
const ids = async (query: string) =>
  (await shop.call('GET', `/api/conversations?${query}`)).body.items.map(({ id }: { id: string }) => id);
const eventsOf = async (type: string) =>
  (
    await app.owner.query<{ body: Record<string, unknown> }>(
      'select body from outgoing_event where tenant_id = $1 and type = $2 order by seq',
      [shop.tenantId, type],
    )
  ).rows.map(({ body }) => body);

describe('conversations that wait for a person', () => {
  it('come first, the longest waiting on top, page by page', async () => {
    const [ana, beto, carla, dora] = [newPerson(), newPerson(), newPerson(), newPerson()];
    const answered = await write(ana, 'hola');
    const first = await write(beto, 'hola');
    const second = await write(carla, 'hola');
    const withBot = await write(dora, 'hola');
    for (const id of [answered, first, second]) await handOver(id);
    await say(answered, 'Voy');
    expect(await ids('order=waiting')).toEqual([first, second, withBot, answered]);
    expect(await ids('unanswered=true')).toEqual([second, first]);
    expect(await ids('unanswered=false')).toEqual([withBot, answered]);
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const more: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : '';
      const { body } = await shop.call('GET', `/api/conversations?order=waiting&limit=1${more}`);
      seen.push(...body.items.map(({ id }: { id: string }) => id));
      cursor = body.nextCursor;
    }
    expect(seen).toEqual([first, second, withBot, answered]);
    await write(ana, '¿sigue ahí?');
    expect((await shop.call('GET', `/api/conversations/${answered}`)).body.isUnanswered).toBe(true);
    expect((await ids('order=waiting')).slice(0, 3)).toEqual([first, second, answered]);
  });

  it('wait on when all that was sent is a notice', async () => {
    const id = await write(newPerson(), 'hola');
    await handOver(id);
    const { tenantId } = shop;
    const notice = { conversationId: id, text: 'Tu pedido va en camino', key: `order:${id}:shipped` };
    await app.app
      .get(TenantDatabase, { strict: false })
      .transaction(tenantId, (tx) => app.app.get(NotifyService, { strict: false }).tell(tx, tenantId, notice));
    await runTurns();
    const { body } = await shop.call('GET', `/api/conversations/${id}/messages`);
    expect(body.items[0]).toMatchObject({ author: 'notice', text: 'Tu pedido va en camino' });
    expect(await ids('unanswered=true')).toEqual([id]);
  });

  it('are found by contact, and a cursor of one order is none of the other', async () => {
    const id = await write(newPerson(), 'hola');
    await write(newPerson(), 'hola');
    const { contactId } = (await shop.call('GET', `/api/conversations/${id}`)).body;
    expect(await ids(`contactId=${contactId}`)).toEqual([id]);
    const { nextCursor } = (await shop.call('GET', '/api/conversations?limit=1')).body;
    const wrong = await shop.call('GET', `/api/conversations?order=waiting&cursor=${nextCursor}`);
    expect([wrong.status, wrong.body.errors[0].field]).toEqual([400, 'cursor']);
    expect((await shop.call('GET', '/api/conversations?order=loud')).body.errors[0].field).toBe('order');
  });
});

describe('a transcript', () => {
  it('is paged to the older and to the newer, without a gap or a repeat', async () => {
    const from = newPerson();
    const id = await write(from, '1', '2', '3', '4', '5');
    const path = `/api/conversations/${id}/messages`;
    const texts = ({ items }: { items: { text: string }[] }) => items.map(({ text }) => text);
    const newest = (await shop.call('GET', `${path}?limit=2`)).body;
    expect([texts(newest), newest.hasNewer]).toEqual([['5', '4'], false]);
    const older = (await shop.call('GET', `${path}?limit=2&cursor=${newest.nextCursor}`)).body;
    expect([texts(older), older.hasNewer]).toEqual([['3', '2'], true]);
    const back = (await shop.call('GET', `${path}?limit=1&after=${older.newerCursor}`)).body;
    expect([texts(back), back.hasNewer]).toEqual([['4'], true]);
    expect(texts((await shop.call('GET', `${path}?limit=9&cursor=${back.nextCursor}`)).body)).toEqual(['3', '2', '1']);
    const end = (await shop.call('GET', `${path}?after=${newest.newerCursor}`)).body;
    expect(end).toMatchObject({ items: [], hasNewer: false, newerCursor: newest.newerCursor, nextCursor: null });
    await handOver(id);
    await say(id, '6');
    const since = (await shop.call('GET', `${path}?after=${end.newerCursor}`)).body;
    expect([texts(since), since.hasNewer]).toEqual([['6'], false]);
  });

  it('is empty before anything was said, and refuses two directions at once', async () => {
    const id = await write(newPerson(), 'hola');
    const path = `/api/conversations/${id}/messages`;
    const { newerCursor } = (await shop.call('GET', path)).body;
    const both = await shop.call('GET', `${path}?cursor=${newerCursor}&after=${newerCursor}`);
    expect([both.status, both.body.errors[0].field]).toEqual([400, 'after']);
    const forged = Buffer.from('["x","y"]').toString('base64url');
    expect((await shop.call('GET', `${path}?after=${forged}`)).body.errors[0].field).toBe('after');
    await app.owner.query('delete from inbox where conversation_id = $1', [id]);
    expect((await shop.call('GET', path)).body).toEqual({
      items: [],
      nextCursor: null,
      newerCursor: null,
      hasNewer: false,
    });
  });
});

describe('integrators', () => {
  it('are told once of a message, where one asked for it, and never what opens its file', async () => {
    const from = newPerson();
    await write(from, 'nobody listens');
    expect(await eventsOf('message.received')).toEqual([]);
    const url = 'http://127.0.0.1:9/hook';
    await shop.call('POST', '/api/webhooks', { url, types: ['message.received'] });
    const event = makeEvent(line, { from, text: 'hola' });
    const media = { id: 'm1', mimeType: 'image/png', source: { url: 'https://files/secret-key' } };
    const withFile = { ...event, content: { ...event.content, media } };
    const ingest = app.app.get(IngestService, { strict: false });
    await ingest.ingest([withFile]);
    await ingest.ingest([withFile]);
    const told = await eventsOf('message.received');
    expect(told).toMatchObject([
      { botId: line.botId, connectionId: line.connectionId, isLate: false, content: { text: 'hola' } },
    ]);
    expect(JSON.stringify(told)).not.toContain('secret-key');
    const { body } = await shop.call('GET', `/api/conversations/${String(told[0]?.conversationId)}/messages?limit=1`);
    expect(body.items[0].id).toBe(told[0]?.messageId);
  });

  it('are told once that a person has it', async () => {
    await addEndpoint(app.owner, shop.tenantId);
    const id = await write(newPerson(), 'hola');
    await handOver(id);
    await handOver(id);
    expect(await eventsOf('conversation.handed_over')).toEqual([
      { conversationId: id, botId: line.botId, by: 'person', team: null },
    ]);
  });
});
