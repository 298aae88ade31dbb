import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startGraphDouble, type GraphDouble } from '../../../test/support/graph-double.js';
import { outboundFile } from '../../../test/support/outbound-file.js';
import { MediaUnavailableError } from '../provider.errors.js';
import type { OutboundFile, OutboundMessage, ProviderAccount } from '../whatsapp-provider.js';
import { OfficialProvider } from './official.provider.js';

const credentials = { phoneNumberId: '1001', accessToken: 'test-access-token', appSecret: 's', verifyToken: 'v' };
const ACCOUNT: ProviderAccount = { connectionId: 'c-1', credentials };

let graph: GraphDouble;
let provider: OfficialProvider;

beforeEach(async () => {
  graph = await startGraphDouble({ latencyMs: 0 });
  provider = new OfficialProvider(graph.url);
});
afterEach(async () => {
  await provider.onModuleDestroy();
  await graph.stop();
});

const deadline = () => AbortSignal.timeout(5_000);

function picture(file: OutboundFile, quotes?: string): OutboundMessage {
  const to = { address: '5215512345678', phone: '+5215512345678' };
  const content = { kind: 'media', media: 'image', mediaId: file.id, caption: 'Hola', quotes } as const;
  return { outboxId: '7', to, content, file };
}

describe('a file of ours', () => {
  it('is uploaded once as a stream, and sent by its id again and again', async () => {
    const bytes = randomBytes(300_000);
    const file = outboundFile({ bytes, filename: 'ca"fé\r\n.png' });
    expect(await provider.send(ACCOUNT, picture(file), deadline())).toMatchObject({ outcome: 'accepted' });
    expect(await provider.send(ACCOUNT, picture(file, 'wamid.Q'), deadline())).toMatchObject({ outcome: 'accepted' });
    expect(graph.media.uploads).toMatchObject([{ mimeType: 'image/png', bytes }]);
    const [first, second] = graph.accepted.map(({ body }) => body);
    const id = graph.media.uploads[0]?.id;
    expect(first).toMatchObject({ type: 'image', image: { id, caption: 'Hola' } });
    expect(second).toMatchObject({ image: { id }, context: { message_id: 'wamid.Q' } });
    expect(file.validMs).toBe(29 * 24 * 3_600_000);
  });

  it.each([
    ['a token that was withdrawn', { code: 190 }, { class: 'auth', code: '190' }],
    ['a proxy that fails', { status: 502 }, { class: 'retry', code: 'UPLOAD_FAILED' }],
    ['a file Meta cannot use', { code: 131053 }, { outcome: 'rejected' }],
  ])('INV-5: %s refuses it before anything was sent', async (_, fault, expected) => {
    graph.media.failUploads = [fault];
    const outcome = await provider.send(ACCOUNT, picture(outboundFile()), deadline());
    expect(outcome).toMatchObject({ outcome: 'rejected', ...expected });
    expect(graph.accepted).toEqual([]);
  });

  it('INV-5: that cannot be read, or whose caller gave up, is refused before anything was sent', async () => {
    const broken: OutboundFile = { ...outboundFile(), open: () => Promise.reject(new Error('the disk is gone')) };
    expect(await provider.send(ACCOUNT, picture(broken), deadline())).toMatchObject({ class: 'retry' });
    const late = await provider.send(ACCOUNT, picture(outboundFile()), AbortSignal.abort());
    expect(late).toMatchObject({ class: 'retry' });
    expect(graph.accepted).toEqual([]);
  });
});

describe('a customer’s file', () => {
  const open = async (id = 'm-1') =>
    buffer(await provider.openMedia(ACCOUNT, { id, mimeType: 'image/png' }, deadline()));
  const failure = (id?: string) => open(id).then(String, (error: unknown) => error);

  it('is opened where Meta says it is', async () => {
    const bytes = randomBytes(400_000);
    graph.media.files.set('m-1', { mimeType: 'image/png', bytes });
    expect(await open()).toEqual(bytes);
  });

  it('is asked for again when its address has died, once', async () => {
    graph.media.files.set('m-1', { mimeType: 'image/png', bytes: Buffer.from('x') });
    graph.media.deadAddresses = 1;
    expect(String(await open())).toBe('x');
    graph.media.deadAddresses = 2;
    expect(await failure()).toMatchObject({ code: 'HTTP_404', isFinal: true });
  });

  it('that Meta does not have any more is lost for good', async () => {
    expect(await failure('gone')).toBeInstanceOf(MediaUnavailableError);
    expect(await failure('gone')).toMatchObject({ isFinal: true });
  });

  it('is not fetched from a host that is not Meta’s', async () => {
    graph.media.files.set('m-1', { mimeType: 'image/png', bytes: Buffer.from('x') });
    graph.media.host = 'http://127.0.0.1:1';
    expect(await failure()).toMatchObject({ code: 'FOREIGN_HOST', isFinal: true });
  });

  it('waits for a person who mends the account, and for a network that comes back', async () => {
    const withdrawn = { ...ACCOUNT, credentials: { ...credentials, accessToken: 'old' } };
    const media = { id: 'm-1', mimeType: 'image/png' };
    const open = (account: ProviderAccount) =>
      provider.openMedia(account, media, deadline()).then(String, (error: unknown) => error);
    expect(await open(withdrawn)).toMatchObject({ isFinal: false });
    expect(await open({ ...ACCOUNT, credentials: {} })).toMatchObject({ code: 'NO_CREDENTIALS', isFinal: false });
    await graph.stop();
    expect(await open(ACCOUNT)).toMatchObject({ code: 'NO_ANSWER', isFinal: false });
    graph = await startGraphDouble();
  });

  it('can be left unread', async () => {
    graph.media.files.set('m-1', { mimeType: 'image/png', bytes: randomBytes(2_000_000) });
    const bytes = await provider.openMedia(ACCOUNT, { id: 'm-1', mimeType: 'image/png' }, deadline());
    expect(bytes).toBeInstanceOf(Readable);
    bytes.on('error', () => {}); // the socket is cut
    bytes.destroy();
  });
});

it('marks a message read, and shows that somebody writes', async () => {
  const to = { address: '5215512345678', phone: null };
  await provider.markRead(ACCOUNT, { to, providerMessageId: 'wamid.A', isTyping: false }, deadline());
  await provider.markRead(ACCOUNT, { to, providerMessageId: 'wamid.B', isTyping: true }, deadline());
  await provider.markRead(
    { ...ACCOUNT, credentials: {} },
    { to, providerMessageId: 'wamid.C', isTyping: true },
    deadline(),
  );
  expect(graph.reads).toEqual([
    { messageId: 'wamid.A', isTyping: false },
    { messageId: 'wamid.B', isTyping: true },
  ]);
});

it('reacts to a message of its own line, and takes it back', async () => {
  const to = { address: '5215512345678', phone: null };
  const react = (aboutId: string, emoji: string) =>
    provider.send(ACCOUNT, { outboxId: '7', to, content: { kind: 'reaction', aboutId, emoji } }, deadline());
  expect(await react('wamid.A', '👍')).toMatchObject({ outcome: 'accepted' });
  expect(await react('wamid.A', '')).toMatchObject({ outcome: 'accepted' });
  expect(await react('3EB0', '👍')).toMatchObject({ class: 'permanent', code: 'WRONG_MESSAGE_ID' });
  expect(graph.accepted.map(({ body }) => body)).toMatchObject([
    { type: 'reaction', reaction: { message_id: 'wamid.A', emoji: '👍' } },
    { reaction: { emoji: '' } },
  ]);
});
