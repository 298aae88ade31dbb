import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Shop, TestApp } from '../../test/support/app.js';
import { startFeatures } from '../../test/support/features.js';
import { makeEvent, openPathShop, type Shop as PathShop } from '../../test/support/message-path.js';
import type { TestDatabase } from '../../test/support/database.js';
import { AuthModule } from '../auth/auth.module.js';
import { ConversationsModule } from './conversations.module.js';
import { IngestService } from './inbox/ingest.service.js';
import { Suspects } from './turns/suspects.js';
import { TurnBatch } from './turns/turn-batch.js';

/** No loops run: the test runs the turns, and the bot has nothing to say. */
describe('conversations over HTTP', () => {
  let app: TestApp;
  let shop: Shop;
  let line: PathShop;
  let people = 0;

  beforeAll(async () => {
    app = await startFeatures([AuthModule, ConversationsModule], { ROLE: 'api' });
    [shop, line] = await open();
  });
  afterAll(() => app.close());

  async function open(): Promise<[Shop, PathShop]> {
    const opened = await app.openShop();
    const made = await openPathShop({ owner: app.owner, makeTenant: async () => opened.tenantId } as TestDatabase);
    await app.owner.query('update bot set active_version_id = null where id = $1', [made.botId]);
    return [opened, made];
  }
  async function write(...texts: string[]): Promise<string> {
    const from = `52155${String((people += 1)).padStart(8, '0')}`;
    const ingest = app.app.get(IngestService, { strict: false });
    for (const text of texts) await ingest.ingest([makeEvent(line, { from, text })]);
    await runTurns();
    const { rows } = await app.owner.query<{ id: string }>('select id from conversation where address = $1', [from]);
    return rows[0]?.id ?? '';
  }
  async function park(id: string): Promise<void> {
    await app.owner.query(
      `update conversation set mode = 'human', parked_reason = 'roto', fails = 5, state = '{"x": 1}', handoff = $2
        where id = $1`,
      [id, { team: null, note: null, by: 'parked', at: '2026-01-02T03:04:05.678901+00:00' }],
    );
  }
  async function runTurns(): Promise<void> {
    const batch = app.app.get(TurnBatch, { strict: false });
    const worker = app.app.get(Suspects, { strict: false }).workerName(0);
    while ((await batch.run(worker)).claimed > 0);
  }

  it('lists conversations, the last to be written in first, page by page and by what they are', async () => {
    const [first, second, third] = [await write('a'), await write('b'), await write('c')];
    await park(second);
    const page = await shop.call('GET', '/api/conversations?limit=2');
    expect(page.status).toBe(200);
    expect(page.body.items.map(({ id }: { id: string }) => id)).toEqual([third, second]);
    const rest = await shop.call('GET', `/api/conversations?limit=2&cursor=${page.body.nextCursor}`);
    expect(rest.body).toMatchObject({ items: [{ id: first, profileName: 'Ana', mode: 'bot' }], nextCursor: null });
    const ids = async (query: string) =>
      (await shop.call('GET', `/api/conversations?${query}`)).body.items.map(({ id }: { id: string }) => id);
    expect(await ids('parked=true')).toEqual([second]);
    expect(await ids('mode=human')).toEqual([second]);
    expect(await ids(`botId=${line.botId}&parked=false`)).toEqual([third, first]);
    expect(await ids(`botId=${randomUUID()}`)).toEqual([]);
  });

  it('names the part of a question that is wrong', async () => {
    expect((await shop.call('GET', '/api/conversations?mode=robot')).body).toMatchObject({ code: 'invalid_input' });
    const cursor = Buffer.from('["x","y"]').toString('base64url');
    expect((await shop.call('GET', `/api/conversations?cursor=${cursor}`)).body).toMatchObject({
      status: 400,
      errors: [{ field: 'cursor' }],
    });
  });

  it('shows both sides of a conversation, with how far each message got', async () => {
    const id = await write('hola', '¿hay café?');
    await shop.call('POST', `/api/conversations/${id}/messages`, { text: 'Sí, claro' });
    await runTurns();
    await app.owner.query(`update outbox set status = 'sent', delivery = 'read' where conversation_id = $1`, [id]);
    const page = await shop.call('GET', `/api/conversations/${id}/messages?limit=2`);
    expect(page.body.items).toMatchObject([
      { direction: 'out', author: 'person', text: 'Sí, claro', delivery: 'read' },
      { direction: 'in', author: 'customer', text: '¿hay café?', delivery: null, isLate: false },
    ]);
    const rest = await shop.call('GET', `/api/conversations/${id}/messages?limit=2&cursor=${page.body.nextCursor}`);
    expect(rest.body).toMatchObject({ items: [{ text: 'hola' }], nextCursor: null });
  });

  it('sends a person’s words once under one key', async () => {
    const id = await write('hola');
    const send = (text: string) =>
      shop.call('POST', `/api/conversations/${id}/messages`, { text }, { 'idempotency-key': 'k-1' });
    const first = await send('Voy');
    expect(first).toMatchObject({ status: 202, body: { id: expect.any(String) } });
    expect((await send('Voy')).body).toEqual(first.body);
    expect((await send('Otra cosa')).status).toBe(422);
    await runTurns();
    const { rows } = await app.owner.query('select body, lane from outbox where conversation_id = $1', [id]);
    expect(rows).toEqual([{ body: { kind: 'text', text: 'Voy' }, lane: 0 }]);
  });

  it('refuses words that are none, or too many', async () => {
    const id = await write('hola');
    for (const text of ['  ', 'x'.repeat(4097)])
      expect((await shop.call('POST', `/api/conversations/${id}/messages`, { text })).body).toMatchObject({
        status: 400,
        errors: [{ field: 'text' }],
      });
  });

  it('sends a person’s file, reaction and quote', async () => {
    const id = await write('hola');
    const form = new FormData();
    form.append('file', new Blob(['%PDF-1.7\n'], { type: 'application/pdf' }), 'menu.pdf');
    const headers = { authorization: shop.authorization };
    const upload = await fetch(`${app.url}/api/media`, { method: 'POST', headers, body: form });
    const { id: mediaId } = (await upload.json()) as { id: string };
    const said = [
      { kind: 'media', media: 'document', mediaId, caption: 'El menú' },
      { kind: 'reaction', aboutId: 'wamid.1', emoji: '👍' },
      { kind: 'text', text: 'Sí', quotes: 'wamid.1' },
    ];
    const say = (body: object) => shop.call('POST', `/api/conversations/${id}/messages`, body);
    for (const content of said) expect((await say({ content })).status).toBe(202);
    await runTurns();
    const { rows } = await app.owner.query('select body from outbox where conversation_id = $1 order by id', [id]);
    expect(rows.map(({ body }) => body)).toEqual(said);
  });

  it('refuses a file that is not there, or another tenant’s, or not fetched yet', async () => {
    const id = await write('hola');
    const [theirs] = await open();
    const fileOf = async ({ tenantId }: Shop, state: string) => {
      const { rows } = await app.owner.query<{ id: string }>(
        `insert into media (tenant_id, origin, state, mime_type, size_bytes, sha256, stored_at)
         values ($1, 'upload', $2, 'image/png', 1, 'x', now()) returning id`,
        [tenantId, state],
      );
      return rows[0]?.id;
    };
    const say = async (mediaId: unknown) => {
      const content = { kind: 'media', media: 'image', mediaId };
      const { status, body } = await shop.call('POST', `/api/conversations/${id}/messages`, { content });
      return [status, body.code];
    };
    expect(await say(randomUUID())).toEqual([404, 'media_not_found']);
    expect(await say(await fileOf(theirs, 'stored'))).toEqual([404, 'media_not_found']);
    expect(await say(await fileOf(shop, 'failed'))).toEqual([404, 'media_not_stored']);
  });

  it('refuses neither words nor anything else, or both', async () => {
    const id = await write('hola');
    for (const body of [{}, { text: 'hola', content: { kind: 'text', text: 'hola' } }])
      expect((await shop.call('POST', `/api/conversations/${id}/messages`, body)).body).toMatchObject({
        status: 400,
        errors: [{ field: 'text' }],
      });
  });

  it('hands a conversation to a person and back to where the flow was', async () => {
    const id = await write('hola');
    const over = await shop.call('POST', `/api/conversations/${id}/hand-over`);
    const handoff = { team: null, note: null, by: 'person', at: expect.any(String) };
    expect(over).toMatchObject({ status: 200, body: { mode: 'human', handoff } });
    const again = await shop.call('POST', `/api/conversations/${id}/hand-over`);
    expect(again.body.handoff).toEqual(over.body.handoff);
    const { rows } = await app.owner.query(
      `select body from log_event where kind = 'handoff' and body ->> 'conversationId' = $1`,
      [id],
    );
    expect(rows).toEqual([{ body: { conversationId: id, by: 'person', team: null } }]);
    expect((await shop.call('POST', `/api/conversations/${id}/hand-back`)).body).toMatchObject({
      mode: 'bot',
      handoff: null,
    });
    const inbox = await app.owner.query(
      `select body, done_at from inbox where conversation_id = $1 and kind = 'event' order by seq`,
      [id],
    );
    expect(inbox.rows).toEqual([{ body: { name: 'resume' }, done_at: null }]);
    await runTurns();
  });

  it('begins anew when a parked conversation is handed back', async () => {
    const id = await write('hola');
    await park(id);
    expect((await shop.call('GET', `/api/conversations/${id}`)).body).toMatchObject({
      isParked: true,
      parkedReason: 'roto',
      handoff: { team: null, note: null, by: 'parked', at: '2026-01-02T03:04:05.678Z' },
    });
    await shop.call('POST', `/api/conversations/${id}/hand-back`);
    const { rows } = await app.owner.query('select mode, parked_reason, fails, state from conversation where id = $1', [
      id,
    ]);
    expect(rows).toEqual([{ mode: 'bot', parked_reason: null, fails: 0, state: null }]);
  });

  it('INV-8: another tenant’s conversation looks like none', async () => {
    const id = await write('hola');
    await shop.call('POST', `/api/conversations/${id}/hand-over`);
    const [theirs] = await open();
    expect((await theirs.call('GET', '/api/conversations')).body.items).toEqual([]);
    expect((await theirs.call('GET', '/api/conversations?mode=human')).body.items).toEqual([]);
    for (const [method, path, body] of [
      ['GET', ''],
      ['GET', '/messages'],
      ['POST', '/messages', { text: 'hola' }],
      ['POST', '/hand-over'],
      ['POST', '/hand-back'],
    ] as const)
      expect((await theirs.call(method, `/api/conversations/${id}${path}`, body)).body).toMatchObject({
        status: 404,
        code: 'conversation_not_found',
      });
  });
});
