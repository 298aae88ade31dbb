import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../../test/support/app.js';
import { startEvolutionDouble, type EvolutionDouble } from '../../../test/support/evolution-double.js';
import { statusUpdate, textUpsert, upsert } from '../../../test/support/evolution-double-bodies.js';
import { connectEvolution, webhookTo, type EvolutionLine } from '../../../test/support/evolution-line.js';

const SECRET = 'webhook-secret-of-this-line';

let evolution: EvolutionDouble;
let app: TestApp;
let mine: EvolutionLine;
let theirs: EvolutionLine;

beforeAll(async () => {
  evolution = await startEvolutionDouble();
  app = await startTestApp();
  mine = await connectEvolution(app, evolution, 'mine', SECRET);
  theirs = await connectEvolution(app, evolution, 'theirs', 'the-secret-of-the-other-line');
});
afterAll(async () => {
  await app.close();
  await evolution.stop();
});

/** What one attempt with these headers is answered. */
function post(
  connection: Pick<EvolutionLine, 'id'>,
  body: unknown,
  headers: Record<string, string> = { 'x-webhook-secret': SECRET },
) {
  return app.call('POST', `/webhooks/evolution/${connection.id}`, body, headers);
}

const envelope = (event: string, data: unknown, instance = 'mine') => ({ event, instance, data });

async function inbox(messageId: string) {
  const { rows } = await app.owner.query(
    `select i.tenant_id, i.body, i.connection_id, c.address, c.phone, c.profile_name,
       (select array_agg(value order by value) from contact_identity where contact_id = c.contact_id) as identities
     from inbox i join conversation c on c.id = i.conversation_id where i.dedupe_key = $1`,
    [messageId],
  );
  return rows;
}

async function conversationOf(phone: string): Promise<string> {
  const { rows } = await app.owner.query<{ id: string }>('select id from conversation where phone = $1', [phone]);
  return rows[0]?.id ?? '';
}

async function countAll(): Promise<unknown> {
  const { rows } = await app.owner.query(
    `select (select count(*)::int from inbox) inbox, (select count(*)::int from conversation) conversations,
       (select count(*)::int from contact) contacts, (select count(*)::int from seen) seen`,
  );
  return rows[0];
}

describe('a message', () => {
  it('INV-1: is stored when it is acknowledged, for its own line and tenant', async () => {
    const key = { remoteJid: '87654321@lid', remoteJidAlt: '5215512345678:3@s.whatsapp.net' };
    expect(await evolution.emit('mine', 'messages.upsert', textUpsert('hola', { id: 'A1', key }))).toEqual([200]);
    expect(await inbox('A1')).toEqual([
      {
        tenant_id: mine.shop.tenantId,
        connection_id: mine.id,
        address: '5215512345678@s.whatsapp.net',
        phone: '+5215512345678',
        profile_name: 'Ana',
        identities: ['lid:87654321', 'tel:525512345678'],
        body: { type: 'text', text: 'hola' },
      },
    ]);
  });

  it('INV-2: counts once however often it comes, also in two requests at a time', async () => {
    const data = textUpsert('otra vez', { id: 'A2' });
    const emit = () => evolution.emit('mine', 'messages.upsert', data);
    expect(await Promise.all([emit(), emit(), emit()])).toEqual([[200], [200], [200]]);
    expect(await emit()).toEqual([200]);
    expect(await inbox('A2')).toHaveLength(1);
  });

  it('INV-2: of the same id on another line is another message', async () => {
    await evolution.emit('theirs', 'messages.upsert', textUpsert('hola', { id: 'A2' }));
    const tenants = (await inbox('A2')).map(({ tenant_id: tenant }) => tenant);
    expect(new Set(tenants)).toEqual(new Set([mine.shop.tenantId, theirs.shop.tenantId]));
    expect(tenants).toHaveLength(2);
  });

  it('INV-2: that could not be decrypted gives way to its content', async () => {
    await evolution.emit('mine', 'messages.upsert', upsert(undefined, { id: 'A3' }));
    await evolution.emit('mine', 'messages.upsert', textUpsert('ahora sí', { id: 'A3' }));
    expect((await inbox('A3')).map(({ body }) => body.text)).toEqual(['[unsupported]', 'ahora sí']);
  });

  it('of somebody known by the hidden id alone finds the person when the number shows up', async () => {
    await evolution.emit('mine', 'messages.upsert', textUpsert('hola', { id: 'A4', key: { remoteJid: '4444@lid' } }));
    const key = { remoteJid: '5215544444444@s.whatsapp.net', remoteJidAlt: '4444@lid' };
    await evolution.emit('mine', 'messages.upsert', textUpsert('soy yo', { id: 'A5', key }));
    const [[first], [second]] = await Promise.all([inbox('A4'), inbox('A5')]);
    expect(first.identities).toEqual(['lid:4444', 'tel:525544444444']);
    expect(second.identities).toEqual(first.identities);
  });

  it('may come by a path of its own event', async () => {
    const path = `/webhooks/evolution/${mine.id}/messages-upsert`;
    const body = envelope('messages.upsert', textUpsert('hola', { id: 'A6' }));
    expect((await app.call('POST', path, body, { 'x-webhook-secret': SECRET })).status).toBe(200);
    expect(await inbox('A6')).toHaveLength(1);
  });

  it('sent from the shop’s own phone is ours in the transcript, once, and a person has the conversation', async () => {
    const key = { remoteJid: '5215533333333@s.whatsapp.net' };
    const messageTimestamp = Math.floor(Date.now() / 1000);
    await evolution.emit('mine', 'messages.upsert', textUpsert('hola', { id: 'O1', messageTimestamp, key }));
    const own = textUpsert('ya te atiendo', { id: 'O2', messageTimestamp, key: { ...key, fromMe: true } });
    for (const _ of [1, 2]) expect(await evolution.emit('mine', 'messages.upsert', own)).toEqual([200]);
    const id = await conversationOf('+5215533333333');
    const { items } = (await mine.shop.call('GET', '/api/conversations?mode=human')).body;
    expect(items).toContainEqual(expect.objectContaining({ id, handoff: expect.objectContaining({ by: 'echo' }) }));
    const { body } = await mine.shop.call('GET', `/api/conversations/${id}/messages`);
    expect(body.items).toMatchObject([
      { direction: 'out', author: 'person', text: 'ya te atiendo', delivery: 'sent' },
      { direction: 'in', author: 'customer', text: 'hola' },
    ]);
    await evolution.emit('mine', 'messages.update', { ...statusUpdate('O2', 'READ'), fromMe: true });
    const after = await mine.shop.call('GET', `/api/conversations/${id}/messages?limit=1`);
    expect(after.body.items).toMatchObject([{ delivery: 'read' }]);
  });

  it('sent by another program through Evolution is ours in the transcript, with its file', async () => {
    const key = { remoteJid: '5215533330001@s.whatsapp.net' };
    const messageTimestamp = Math.floor(Date.now() / 1000);
    await evolution.emit('mine', 'messages.upsert', textUpsert('hola', { id: 'S1', messageTimestamp, key }));
    const imageMessage = { mimetype: 'image/jpeg', caption: 'el menú', fileLength: 3 };
    const said = upsert({ imageMessage }, { id: 'S2', messageTimestamp, key: { ...key, fromMe: true } });
    for (const _ of [1, 2]) expect(await evolution.emit('mine', 'send.message', said)).toEqual([200]);
    const id = await conversationOf('+5215533330001');
    const { body } = await mine.shop.call('GET', `/api/conversations/${id}/messages?limit=1`);
    expect(body.items).toMatchObject([
      { direction: 'out', author: 'person', providerMessageId: 'S2', file: { mimeType: 'image/jpeg' } },
    ]);
    expect((await mine.shop.call('GET', `/api/conversations/${id}`)).body).toMatchObject({ handoff: { by: 'echo' } });
  });

  it('INV-2 sent by us through Evolution is not told a second time, nor before we know its id', async () => {
    const key = { remoteJid: '5215533330002@s.whatsapp.net' };
    const messageTimestamp = Math.floor(Date.now() / 1000);
    await evolution.emit('mine', 'messages.upsert', textUpsert('hola', { id: 'T1', messageTimestamp, key }));
    const id = await conversationOf('+5215533330002');
    const { rows } = await app.owner.query<{ id: string }>(
      `insert into outbox (tenant_id, conversation_id, connection_id, turn, idx, kind, body, status, attempt, lease_until)
       values ($1, $2, $3, 900, 0, 'send', '{"kind": "text", "text": "voy"}', 'sending', 1, now() + interval '1 hour')
       returning id`,
      [mine.shop.tenantId, id, mine.id],
    );
    const said = (own: string) => textUpsert('voy', { id: own, key: { ...key, fromMe: true } });
    expect(await evolution.emit('mine', 'send.message', said('T2'))).toEqual([200]);
    await app.owner.query(`update outbox set status = 'sent', provider_message_id = 'T2' where id = $1`, [rows[0]?.id]);
    expect(await evolution.emit('mine', 'send.message', said('T2'))).toEqual([200]);
    const { body } = await mine.shop.call('GET', `/api/conversations/${id}/messages`);
    expect(body.items.map(({ text }: { text: string }) => text).toSorted()).toEqual(['hola', 'voy']);
    expect((await mine.shop.call('GET', `/api/conversations/${id}`)).body.mode).toBe('bot');
  });

  it('in a group makes nobody a customer and is kept to be read, once', async () => {
    const before = await countAll();
    const key = { remoteJid: '120363000000000001@g.us', participant: '5215512340000@s.whatsapp.net' };
    for (const _ of [1, 2]) await evolution.emit('mine', 'messages.upsert', textUpsert('hola', { id: 'G1', key }));
    expect(await countAll()).toEqual(before);
    const { rows } = await app.owner.query(
      'select group_id, author_phone, author_name, body from group_message where connection_id = $1',
      [mine.id],
    );
    expect(rows).toEqual([
      {
        group_id: '120363000000000001',
        author_phone: '+5215512340000',
        author_name: 'Ana',
        body: { type: 'text', text: 'hola' },
      },
    ]);
  });

  it('on the status page is acknowledged and not kept', async () => {
    const before = await countAll();
    const key = { remoteJid: 'status@broadcast' };
    expect(await evolution.emit('mine', 'messages.upsert', textUpsert('hola', { key }))).toEqual([200]);
    expect(await countAll()).toEqual(before);
  });

  it('of another instance that was given this address is acknowledged and dropped', async () => {
    const before = await countAll();
    const { status } = await post(mine, envelope('messages.upsert', textUpsert('hola'), 'somebody-else'));
    expect([status, await countAll()]).toEqual([200, before]);
  });
});

describe('proof of origin', () => {
  it('may be a token, also one that ran out while its event was repeated', async () => {
    evolution.setWebhook('mine', webhookTo(app, mine.id, { jwt_key: SECRET }));
    const emit = (id: string, minutesAgo: number) => {
      const data = textUpsert('hola', { id });
      return evolution.emit('mine', 'messages.upsert', data, new Date(Date.now() - minutesAgo * 60_000));
    };
    expect([await emit('T1', 0), await emit('T2', 25), await emit('T3', 120)]).toEqual([[200], [200], [401]]);
    expect([await inbox('T1'), await inbox('T2'), await inbox('T3')].map((rows) => rows.length)).toEqual([1, 1, 0]);
    evolution.setWebhook('mine', webhookTo(app, mine.id, { 'x-webhook-secret': SECRET }));
  });

  it.each<[string, Record<string, string>]>([
    ['none', {}],
    ['a wrong secret', { 'x-webhook-secret': 'wrong' }],
    ['the secret of another tenant’s line', { 'x-webhook-secret': 'the-secret-of-the-other-line' }],
    ['the API key', { apikey: 'global-key' }],
    ['a token that is none', { authorization: 'Bearer a.b.c' }],
  ])('INV-8: %s stores nothing', async (_, headers) => {
    const before = await countAll();
    const response = await post(mine, envelope('messages.upsert', textUpsert('hola')), headers);
    expect([response.status, response.body.code, await countAll()]).toEqual([401, 'bad_webhook_signature', before]);
  });

  it('cannot be given to a line without a secret, which says so', async () => {
    const open = await connectEvolution(app, evolution, 'open');
    const before = await countAll();
    const response = await post(open, envelope('messages.upsert', textUpsert('hola'), 'open'), {
      'x-webhook-secret': '',
    });
    expect([response.status, response.body.detail]).toEqual([401, expect.stringContaining('no webhookSecret')]);
    expect(await countAll()).toEqual(before);
  });

  it.each([randomUUID(), 'nobody', '%00', "'; drop table inbox; --"])('is no question for "%s"', async (id) => {
    const response = await post({ id: encodeURIComponent(id) }, envelope('messages.upsert', textUpsert('hola')));
    expect([response.status, response.body.code]).toEqual([404, 'connection_not_found']);
  });

  it('of a line of another provider is no line of Evolution', async () => {
    const input = { provider: 'simulator', name: 'S', credentials: {} };
    const { body } = await mine.shop.call('POST', `/api/bots/${mine.botId}/connections`, input);
    expect((await post(body, envelope('call', {}))).status).toBe(404);
  });
});

it('INV-1: what cannot be checked here and now is to be delivered again', async () => {
  const connection = await connectEvolution(app, evolution, 'sealed-elsewhere', SECRET);
  await app.owner.query("update connection set credentials_key_id = 'another' where id = $1", [connection.id]);
  const body = envelope('messages.upsert', textUpsert('hola'), 'sealed-elsewhere');
  for (const id of [connection.id, `${connection.id}/messages-upsert`]) {
    const response = await post({ id }, body);
    expect([response.status, response.body.code]).toEqual([503, 'credentials_unreadable']);
  }
});

describe('what makes no sense', () => {
  it.each<[unknown, string]>([
    [{}, 'event'],
    [[], 'body'],
    [envelope('messages.upsert', 'x'), 'data'],
    [envelope('messages.upsert', textUpsert('hola', { key: { remoteJid: '' } })), 'data.key.remoteJid'],
  ])('%j is refused by its field', async (body, field) => {
    const response = await post(mine, body);
    expect([response.status, response.body.code]).toEqual([400, 'malformed_webhook']);
    expect(JSON.stringify(response.body)).toContain(field);
  });

  it.each(['qrcode.updated', 'contacts.update', 'call', 'tomorrow.update'])('%s is acknowledged', async (event) => {
    const before = await countAll();
    expect(await evolution.emit('mine', event, { qrcode: { code: '2@x' } })).toEqual([200]);
    expect(await countAll()).toEqual(before);
  });
});
