import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BoomDouble, linkedText } from '../../test/support/baileys-double.js';
import { openLinkedBench, type LinkedShop } from '../../test/support/linked-events.js';
import { openMessagePath, type MessagePath } from '../../test/support/message-path.js';
import type { OutboundContent } from '../messages/message-content.js';
import type { OutboundFile, OutboundMessage } from '../providers/whatsapp-provider.js';
import { openPublicFile } from '../providers/baileys/public-file.js';
import { messageIdOf } from './sent-messages.js';

const JID = '5215511112222@s.whatsapp.net';
let path: MessagePath;
let bench: Awaited<ReturnType<typeof openLinkedBench>>;
let shop: LinkedShop;
let outboxId = 1000;

beforeAll(async () => {
  path = await openMessagePath();
  bench = await openLinkedBench(path);
});
afterAll(() => path.close());
beforeEach(async () => {
  bench.whatsapp.installed = true;
  shop = await bench.openLinkedShop();
  outboxId += 1;
});

const account = () => ({ connectionId: shop.connectionId, credentials: {} });
const messageOf = (content: OutboundContent, rest: Partial<OutboundMessage> = {}): OutboundMessage => ({
  outboxId: String(outboxId),
  to: { address: JID, phone: null },
  content,
  ...rest,
});
const hello: OutboundContent = { kind: 'text', text: 'Hola' };
const send = (message: OutboundMessage, signal = AbortSignal.timeout(20_000)) =>
  bench.provider.send(account(), message, signal);

describe('a send', () => {
  it('is accepted under an id that was chosen before, so that a repeat has the same', async () => {
    const messageId = messageIdOf(shop.connectionId, String(outboxId));
    expect(messageId).toMatch(/^3EB0[0-9A-F]{18}$/);
    shop.socket.failures.push(new BoomDouble('Timed Out', 408));
    expect(await send(messageOf(hello))).toMatchObject({ outcome: 'unknown' });
    expect(await send(messageOf(hello))).toEqual({ outcome: 'accepted', providerMessageId: messageId });
    expect(shop.socket.sent).toMatchObject([{ jid: JID, content: { text: 'Hola' }, messageId }]);
    expect(messageIdOf(shop.connectionId, '7')).not.toBe(messageIdOf(shop.botId, '7'));
  });

  it('answers at the hidden id where the customer wrote from one', async () => {
    await send(messageOf(hello, { to: { address: '900100@lid', phone: '+5215511112222' } }));
    expect(shop.socket.sent[0]?.jid).toBe('900100@lid');
  });

  it('to a number asks WhatsApp first, in each of its spellings', async () => {
    bench.whatsapp.unknownNumbers.add('525519990001').add('525519990002').add('5215519990002');
    const to = (phone: string) => messageOf(hello, { to: { address: phone, phone: null } });
    expect(await send(to('+525519990001'))).toMatchObject({ outcome: 'accepted' });
    expect(shop.socket.sent[0]?.jid).toBe('5215519990001@s.whatsapp.net');
    expect(await send(to('+525519990002'))).toMatchObject({ class: 'recipient', code: 'NOT_ON_WHATSAPP' });
    expect(await send(to('nobody'))).toMatchObject({ class: 'recipient', code: 'NO_ADDRESS' });
    expect(shop.socket.sent).toHaveLength(1);
  });

  it('quotes what the customer wrote, what we wrote, and nothing it never saw', async () => {
    const detach = bench.events.attach(shop.session);
    await shop.socket.deliver(linkedText('IN1', '¿Precio?'));
    await detach();
    const { rows } = await path.db.owner.query<{ id: string }>(
      `insert into outbox (tenant_id, conversation_id, connection_id, turn, idx, kind, body)
       select tenant_id, id, connection_id, 1, 0, 'send', '{}' from conversation where connection_id = $1
       returning id::text`,
      [shop.connectionId],
    );
    const id = rows[0]?.id ?? '';
    const find = (about: string) => bench.sent.findQuoted({ ...shop, outboxId: id, jid: JID }, about);
    expect(await find('IN1')).toEqual({
      key: { remoteJid: JID, fromMe: false, id: 'IN1' },
      message: { conversation: '¿Precio?' },
    });
    await send(messageOf(hello));
    const ours = messageIdOf(shop.connectionId, String(outboxId));
    expect(await find(ours)).toMatchObject({ key: { fromMe: true, id: ours } });
    expect(await find('NEVER')).toBeNull();
    expect(await send(messageOf({ ...hello, quotes: 'NEVER' }))).toMatchObject({ outcome: 'accepted' });
  });

  it('of a file of ours streams it, and refuses what WhatsApp would not take', async () => {
    const file: OutboundFile = {
      id: 'f',
      mimeType: 'image/png',
      sizeBytes: 3,
      filename: 'a.png',
      publicUrl: null,
      open: async () => Readable.from([Buffer.from('png')]),
      recall: async () => null,
      remember: async () => undefined,
    };
    const image: OutboundContent = { kind: 'media', media: 'image', mediaId: '11111111-1111-4111-8111-111111111111' };
    expect(await send(messageOf(image, { file }))).toMatchObject({ outcome: 'accepted' });
    expect(shop.socket.sent[0]?.content).toMatchObject({ mimetype: 'image/png' });
    const large = { ...file, sizeBytes: 99 * 1024 * 1024 };
    expect(await send(messageOf(image, { file: large }))).toMatchObject({ code: 'MEDIA_TOO_LARGE' });
    const broken = { ...file, open: () => Promise.reject(new Error('gone')) };
    expect(await send(messageOf(image, { file: broken }))).toMatchObject({ class: 'retry', code: 'FILE_UNREADABLE' });
  });

  it('fetches a file by its address from nowhere but the public internet', async () => {
    const media = (url: string): OutboundContent => ({ kind: 'media', media: 'image', url });
    for (const url of ['http://127.0.0.1:1/x', 'http://169.254.169.254/latest', 'http://localhost/x', 'ftp://a.test/x'])
      expect(await send(messageOf(media(url))), url).toMatchObject({ class: 'permanent', code: 'FILE_UNREADABLE' });
  });

  it('is refused where the line cannot, by class', async () => {
    const template: OutboundContent = { kind: 'template', name: 't', language: 'es', params: [] };
    expect(await send(messageOf(template))).toMatchObject({ class: 'failover', code: 'TEMPLATE_UNSUPPORTED' });
    shop.socket.failures.push(new BoomDouble('Connection Closed', 428));
    expect(await send(messageOf(hello))).toMatchObject({ class: 'retry', code: '428' });
    shop.socket.failures.push(new BoomDouble('logged out', 401));
    expect(await send(messageOf(hello))).toMatchObject({ class: 'auth', code: '401' });
  });

  it('without an answer before the deadline is unknown', async () => {
    shop.socket.failures.push('hang');
    const deadline = new AbortController();
    const sending = send(messageOf(hello), deadline.signal);
    await expect.poll(() => shop.socket.failures.length, { timeout: 20_000 }).toBe(0);
    deadline.abort();
    expect(await sending).toMatchObject({ outcome: 'unknown' });
    expect(await send(messageOf(hello), AbortSignal.abort())).toMatchObject({ class: 'retry', code: 'TIMEOUT' });
  });

  it('waits for a device that is not connected here, and for a socket that closed while it asked', async () => {
    await shop.socket.close(428);
    const dialled = messageOf(hello, { to: { address: '+14155550100', phone: null } });
    expect(await send(dialled)).toMatchObject({ class: 'retry', code: '428' });
    bench.open.closed(shop.session);
    expect(await send(messageOf(hello))).toMatchObject({ class: 'retry', code: 'NOT_OPEN' });
  });

  it('says plainly that the package is missing', async () => {
    bench.open.closed(shop.session);
    bench.whatsapp.installed = false;
    expect(await send(messageOf(hello))).toMatchObject({ class: 'auth', code: 'baileys_not_installed' });
    await stand('idle');
    expect(await check()).toMatchObject({ ok: false, class: 'auth', code: 'baileys_not_installed' });
  });
});

it('marks read and shows that somebody writes, where the device is open', async () => {
  const mark = { to: { address: JID, phone: null }, providerMessageId: 'IN1', isTyping: true };
  await bench.provider.markRead(account(), mark);
  expect(shop.socket.read).toEqual([{ remoteJid: JID, fromMe: false, id: 'IN1' }]);
  expect(shop.socket.presences).toEqual([`composing ${JID}`]);
  bench.open.closed(shop.session);
  await expect(bench.provider.markRead(account(), mark)).resolves.toBeUndefined();
});

const check = (signal = AbortSignal.timeout(10_000)) => bench.provider.check(account(), signal);

/** As the process that holds it, or nobody, wrote it down. */
async function stand(state: string, leaseS = -1): Promise<void> {
  await path.db.owner.query(
    `update linked_session set state = $2, holder = 'other', phone = '+5215550001111', lease_until = now() + $3 * interval '1 s'
      where connection_id = $1`,
    [shop.connectionId, state, leaseS],
  );
}

describe('the check of a linked device', () => {
  it('asks WhatsApp for its own number', async () => {
    expect(await check()).toEqual({ ok: true, displayName: 'Tienda', number: '+5215550001111' });
    bench.whatsapp.unknownNumbers.add('5215550001111');
    expect(await check()).toMatchObject({ ok: false, class: 'failover', code: 'NOT_ON_WHATSAPP' });
    bench.whatsapp.unknownNumbers.clear();
    await expect(bench.provider.ping()).resolves.toBeUndefined();
  });

  it('does not take an old answer for a new one', async () => {
    expect(await check(AbortSignal.abort())).toMatchObject({ ok: false, class: 'retry', code: 'TIMEOUT' });
    await shop.socket.close(428);
    expect(await check()).toMatchObject({ ok: false, class: 'retry', code: '428' });
  });

  it('believes the process that holds the device, as long as its lease runs', async () => {
    bench.open.closed(shop.session);
    await stand('open', 60);
    expect(await check()).toEqual({ ok: true, displayName: null, number: '+5215550001111' });
    await stand('open');
    expect(await check()).toMatchObject({ ok: false, class: 'retry', code: 'NOT_OPEN' });
  });

  it.each([
    ['needs_pairing', 'auth', 'NEEDS_PAIRING'],
    ['stopped', 'auth', 'STOPPED'],
    ['waiting', 'retry', 'NOT_OPEN'],
    ['idle', 'retry', 'NOT_OPEN'],
  ])('says what a device that is %s needs', async (state, rejection, code) => {
    bench.open.closed(shop.session);
    await stand(state, 60);
    expect(await check()).toMatchObject({ ok: false, class: rejection, code });
  });
});

describe('a customer’s file', () => {
  const media = (directPath: string) => ({
    id: 'M1',
    mimeType: 'image/jpeg',
    source: { chat: JID, message: { imageMessage: { directPath } } },
  });
  const read = async (stream: Readable) => Buffer.concat((await stream.toArray()) as Buffer[]).toString();

  it('is opened, and uploaded again by the phone when it has expired', async () => {
    bench.whatsapp.files.set('/here', Buffer.from('bytes'));
    expect(await read(await bench.provider.openMedia(account(), media('/here')))).toBe('bytes');
    shop.socket.reupload = (message) => ({ ...message, message: { imageMessage: { directPath: '/here' } } });
    expect(await read(await bench.provider.openMedia(account(), media('/expired')))).toBe('bytes');
  });

  it('that cannot be had now may be later; one without its keys never', async () => {
    await expect(bench.provider.openMedia(account(), media('/gone'))).rejects.toMatchObject({ isFinal: false });
    const bare = { id: 'M1', mimeType: 'image/jpeg' };
    await expect(bench.provider.openMedia(account(), bare)).rejects.toMatchObject({ isFinal: true });
  });
});

it('follows a file to where it is, up to its size', async () => {
  const server = createServer((request, response) => {
    if (request.url === '/moved') return response.writeHead(302, { location: '/file' }).end();
    if (request.url === '/loop') return response.writeHead(302, { location: '/loop' }).end();
    if (request.url !== '/file') return response.writeHead(404).end();
    return response.end('0123456789');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const anywhere = { mayBe: () => true, lookup: undefined };
  const open = (file: string, maxBytes = 10) =>
    openPublicFile(`${at}${file}`, maxBytes, AbortSignal.timeout(20_000), anywhere);
  try {
    expect(Buffer.concat((await (await open('/moved')).toArray()) as Buffer[]).toString()).toBe('0123456789');
    await expect((await open('/file', 9)).toArray()).rejects.toThrow(/more than 9 bytes/);
    await expect(open('/none')).rejects.toThrow('HTTP 404');
    await expect(open('/loop')).rejects.toThrow('too many redirects');
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
