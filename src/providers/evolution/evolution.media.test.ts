import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startEvolutionDouble, type EvolutionDouble } from '../../../test/support/evolution-double.js';
import { outboundFile } from '../../../test/support/outbound-file.js';
import type { OutboundContent } from '../../messages/message-content.js';
import type { OutboundFile, ProviderAccount } from '../whatsapp-provider.js';
import { EvolutionProvider } from './evolution.provider.js';

const TO = { address: '5215512345678@s.whatsapp.net', phone: '+5215512345678' };
const ID = '3EB0A1B2C3D4E5F60718';

let evolution: EvolutionDouble;
let provider: EvolutionProvider;
let account: ProviderAccount;

beforeEach(async () => {
  evolution = await startEvolutionDouble();
  evolution.addInstance('shop');
  provider = new EvolutionProvider(true);
  const credentials = { baseUrl: evolution.url, apiKey: evolution.apiKey, instanceName: 'shop' };
  account = { connectionId: 'c-1', credentials };
});
afterEach(async () => {
  await provider.onModuleDestroy();
  await evolution.stop();
});

const deadline = () => AbortSignal.timeout(5_000);
const send = (content: OutboundContent, file?: OutboundFile) =>
  provider.send(account, { outboxId: '7', to: TO, content, file }, deadline());

describe('a file of ours', () => {
  it('goes along in base64, and a document by its name', async () => {
    const bytes = randomBytes(5_000);
    const file = outboundFile({ bytes, mimeType: 'application/pdf', filename: 'menú.pdf' });
    expect(await send({ kind: 'media', media: 'document', mediaId: file.id }, file)).toMatchObject({
      outcome: 'accepted',
    });
    const unnamed = outboundFile({ bytes, mimeType: 'application/pdf', filename: null });
    await send({ kind: 'media', media: 'document', mediaId: unnamed.id }, unnamed);
    expect(evolution.accepted.map(({ body }) => body)).toMatchObject([
      { mediatype: 'document', media: bytes.toString('base64'), fileName: 'menú.pdf', mimetype: 'application/pdf' },
      { fileName: 'file' },
    ]);
  });

  it('arrives as what it is: audio in base64 says so itself', async () => {
    const file = outboundFile({ mimeType: 'audio/ogg' });
    await send({ kind: 'media', media: 'audio', mediaId: file.id }, file);
    expect(evolution.accepted[0]?.body).toMatchObject({ mediatype: 'audio', mimetype: 'audio/ogg' });
  });

  it.each([
    ['https://shop.example.com/media/1?sig=2', true],
    ['http://localhost/media/1', false],
    ['http://10.0.0.7/media/1', false],
    ['https://shop.local/media/1', false],
  ])('at %s is fetched there: %s', async (publicUrl, isFetched) => {
    const file = outboundFile({ publicUrl });
    await send({ kind: 'media', media: 'image', mediaId: file.id }, file);
    expect(evolution.accepted[0]?.body['media'] === publicUrl).toBe(isFetched);
  });

  it('that cannot be read is refused before anything was sent', async () => {
    const broken: OutboundFile = { ...outboundFile(), open: () => Promise.reject(new Error('the disk is gone')) };
    const outcome = await send({ kind: 'media', media: 'image', mediaId: broken.id }, broken);
    expect(outcome).toMatchObject({ outcome: 'rejected', class: 'retry', code: 'FILE_UNREADABLE' });
    expect(evolution.requests).toBe(0);
  });
});

describe('a customer’s file', () => {
  const open = async (id = 'm-1', by = account) =>
    buffer(await provider.openMedia(by, { id, mimeType: 'image/png' }, deadline()));
  const failure = (id?: string, by?: ProviderAccount) => open(id, by).then(String, (error: unknown) => error);

  it.each([0, 1, 2, 3, 300_000])('of %i bytes is read out of the answer as it comes', async (size) => {
    const bytes = randomBytes(size);
    evolution.chat.files.set('m-1', { mimeType: 'image/png', bytes });
    expect(await open()).toEqual(bytes);
  });

  it.each([10, 60, 200_000])('whose answer breaks off after %i characters is not taken for whole', async (cut) => {
    evolution.chat.files.set('m-1', { mimeType: 'image/png', bytes: randomBytes(300_000) });
    evolution.chat.cutFiles = [cut];
    expect(await failure()).toBeInstanceOf(Error);
  });

  it('that Evolution does not have is lost for good; what a person can mend is not', async () => {
    expect(await failure('gone')).toMatchObject({ code: 'HTTP_400', isFinal: true });
    const credentials = { ...account.credentials, apiKey: 'old' };
    expect(await failure('m-1', { ...account, credentials })).toMatchObject({ code: 'HTTP_401', isFinal: false });
    expect(await failure('m-1', { ...account, credentials: {} })).toMatchObject({ code: 'NO_CREDENTIALS' });
    const nowhere = { ...account.credentials, baseUrl: 'http://127.0.0.1:1' };
    expect(await failure('m-1', { ...account, credentials: nowhere })).toMatchObject({
      code: 'NO_ANSWER',
      isFinal: false,
    });
  });
});

it('marks a message read, and shows that somebody writes when asked to', async () => {
  const mark = (isTyping: boolean, address = TO.address, by = account) =>
    provider.markRead(by, { to: { address, phone: null }, providerMessageId: ID, isTyping }, deadline());
  await mark(false);
  await mark(true, '5215512345678');
  await mark(true, 'nobody');
  await mark(true, TO.address, { ...account, credentials: {} });
  const read = { id: ID, fromMe: false };
  expect(evolution.chat.reads).toEqual([
    { ...read, remoteJid: '5215512345678@s.whatsapp.net' },
    { ...read, remoteJid: expect.stringMatching(/^52\d+@s\.whatsapp\.net$/) },
  ]);
  expect(evolution.chat.presences).toMatchObject([{ presence: 'composing' }]);
});

it('reacts and quotes by the ids of linked devices, and by no other', async () => {
  expect(await send({ kind: 'reaction', aboutId: ID, emoji: '👍', isAboutOurs: true })).toMatchObject({
    outcome: 'accepted',
  });
  expect(await send({ kind: 'reaction', aboutId: 'wamid.A', emoji: '👍' })).toMatchObject({ class: 'permanent' });
  await send({ kind: 'text', text: 'Hola', quotes: ID });
  await send({ kind: 'text', text: 'Hola', quotes: 'wamid.A' });
  expect(evolution.accepted.map(({ body }) => body)).toMatchObject([
    { key: { id: ID, remoteJid: TO.address, fromMe: true }, reaction: '👍' },
    { text: 'Hola', quoted: { key: { id: ID } } },
    { text: 'Hola' },
  ]);
  expect(evolution.accepted[2]?.body).not.toHaveProperty('quoted');
});
