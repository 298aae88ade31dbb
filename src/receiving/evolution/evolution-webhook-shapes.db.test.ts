import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestApp } from '../../../test/support/app.js';
import { statusUpdate, textUpsert, upsert } from '../../../test/support/evolution-double-bodies.js';
import { startEvolutionDouble, type EvolutionDouble } from '../../../test/support/evolution-double.js';
import { connectEvolution } from '../../../test/support/evolution-line.js';
import { MESSAGING, startFeatures } from '../../../test/support/features.js';
import { openSend, sendRow, storedEchoes, storedMessages } from '../../../test/support/stored-messages.js';
import { AuthModule } from '../../auth/auth.module.js';
import { BotsModule } from '../../bots/bots.module.js';

/** Every shape of provider reference 4.4, through the route and as stored. */

let app: TestApp;
let evolution: EvolutionDouble;

beforeAll(async () => {
  evolution = await startEvolutionDouble();
  app = await startFeatures([AuthModule, BotsModule, ...MESSAGING]);
  await connectEvolution(app, evolution, 'mine', 'webhook-secret-of-this-line');
});
afterAll(async () => {
  await app.close();
  await evolution.stop();
});

const emit = (event: string, data: unknown) => evolution.emit('mine', event, data);
const KEY = { id: 'OURS' };
const flowReply = (paramsJson: string) => ({ nativeFlowResponseMessage: { name: 'flow', paramsJson } });

const INBOUND: readonly (readonly [name: string, message: object, stored: object])[] = [
  ['text', { messageContextInfo: {}, conversation: '¡Hola!' }, { type: 'text', text: '¡Hola!' }],
  ['text of a link', { extendedTextMessage: { text: 'hola' } }, { type: 'text', text: 'hola' }],
  ['text that disappears', { ephemeralMessage: { message: { conversation: 'hola' } } }, { text: 'hola' }],
  ['an image', { imageMessage: { mimetype: 'image/jpeg', caption: '¿Hay?' } }, { media: { caption: '¿Hay?' } }],
  ['a file in the webhook', { imageMessage: { mimetype: 'image/png' }, base64: 'AAAA' }, { type: 'image' }],
  ['a file of S3', { imageMessage: { mimetype: 'image/png' }, mediaUrl: 'https://s3.test/1' }, { type: 'image' }],
  ['a video', { videoMessage: { mimetype: 'video/mp4' } }, { type: 'video' }],
  ['audio', { audioMessage: { mimetype: 'audio/mp4', ptt: false } }, { type: 'audio', text: '[audio]' }],
  ['a voice note', { audioMessage: { mimetype: 'audio/ogg', ptt: true } }, { media: { isVoice: true } }],
  [
    'a document',
    { documentMessage: { mimetype: 'application/pdf', fileName: 'a.pdf' } },
    { media: { filename: 'a.pdf' } },
  ],
  [
    'a document with a caption',
    { documentWithCaptionMessage: { message: { documentMessage: { fileName: 'a.pdf', caption: 'va' } } } },
    { type: 'document', text: '[document] a.pdf va' },
  ],
  ['a sticker', { stickerMessage: { mimetype: 'image/webp' } }, { type: 'sticker' }],
  [
    'a place',
    { locationMessage: { degreesLatitude: 19.4, degreesLongitude: -99.1, name: 'Casa' } },
    { location: { name: 'Casa' } },
  ],
  [
    'a place that moves',
    { liveLocationMessage: { degreesLatitude: 19.4, degreesLongitude: -99.1 } },
    { type: 'location' },
  ],
  ['a contact', { contactMessage: { displayName: 'Luis', vcard: 'TEL:1' } }, { type: 'contacts' }],
  ['contacts', { contactsArrayMessage: { contacts: [{ displayName: 'Luis', vcard: 'TEL:1' }] } }, { type: 'contacts' }],
  ['a reaction', { reactionMessage: { key: KEY, text: '👍' } }, { type: 'reaction', aboutId: 'OURS' }],
  ['a reaction taken back', { reactionMessage: { key: KEY, text: '' } }, { text: '[reaction removed]' }],
  ['a button', { buttonsResponseMessage: { selectedButtonId: 'yes', selectedDisplayText: 'Sí' } }, { choiceId: 'yes' }],
  [
    'a row of a list',
    { listResponseMessage: { title: 'Café', singleSelectReply: { selectedRowId: 's-1' } } },
    { choiceId: 's-1' },
  ],
  ['a template’s button', { templateButtonReplyMessage: { selectedId: 'yes' } }, { type: 'choice', choiceId: 'yes' }],
  ['a form', { interactiveResponseMessage: flowReply('{"age":3}') }, { type: 'form', form: { age: 3 } }],
  ['a vote', { pollUpdateMessage: { pollCreationMessageKey: { id: 'POLL' } } }, { type: 'system', aboutId: 'POLL' }],
  ['a kind of tomorrow', { hologramMessage: { x: 1 } }, { type: 'unsupported', text: '[unsupported] hologramMessage' }],
  [
    'a message taken back',
    {
      protocolMessage: { key: { remoteJid: '5215512345678@s.whatsapp.net', fromMe: false, id: 'M0' }, type: 'REVOKE' },
    },
    { type: 'revoke', aboutId: 'M0' },
  ],
];

describe('INV-1, INV-2: every inbound shape is stored once', () => {
  it.each(INBOUND)('%s', async (name, message, stored) => {
    const id = 'protocolMessage' in message ? 'revoke.M0' : `shape ${name}`;
    for (let copy = 0; copy < 2; copy += 1)
      expect(await emit('messages.upsert', upsert(message, { id: `shape ${name}` }))).toEqual([200]);
    const rows = await storedMessages(app, id);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ body: stored, phone: '+5215512345678' });
    expect(rows[0]?.body['text']).toEqual(expect.stringMatching(/\S/));
  });

  it.each([
    ['a number', 1_790_000_000],
    ['text', '1790000000'],
    ['two halves', { low: 1_790_000_000, high: 0, unsigned: true }],
  ])('a time told as %s', async (name, messageTimestamp) => {
    await emit('messages.upsert', textUpsert('hola', { id: `time ${name}`, messageTimestamp }));
    const { rows } = await app.owner.query('select provider_at from inbox where dedupe_key = $1', [`time ${name}`]);
    expect(rows).toEqual([{ provider_at: new Date(1_790_000_000_000) }]);
  });

  it('a quote, told around the message', async () => {
    await emit('messages.upsert', textUpsert('ese', { id: 'quote', contextInfo: { stanzaId: 'OURS' } }));
    expect(await storedMessages(app, 'quote')).toMatchObject([{ body: { text: 'ese', aboutId: 'OURS' } }]);
  });

  it.each([
    ['behind the hidden id', { remoteJid: '87654321@lid', remoteJidAlt: '5215512345678@s.whatsapp.net' }],
    ['with the device', { remoteJid: '5215512345678:3@s.whatsapp.net' }],
  ])('somebody %s is the same person', async (name, key) => {
    await emit('messages.upsert', textUpsert('hola', { id: `who ${name}`, key }));
    expect(await storedMessages(app, `who ${name}`)).toMatchObject([{ phone: '+5215512345678' }]);
  });

  it('what comes without its content first is filled in', async () => {
    await emit('messages.upsert', upsert({ messageContextInfo: {} }, { id: 'late' }));
    await emit('messages.upsert', textUpsert('ahora sí', { id: 'late' }));
    expect((await storedMessages(app, 'late')).at(-1)).toMatchObject({ body: { type: 'text', text: 'ahora sí' } });
  });

  it('an edit and a deletion have events of their own', async () => {
    const remoteJid = '5215512345678@s.whatsapp.net';
    const edited = { key: { remoteJid, fromMe: false, id: 'M1' }, type: 14, editedMessage: { conversation: 'b' } };
    await emit('messages.edited', edited);
    await emit('messages.delete', { remoteJid, fromMe: false, id: 'M1' });
    const { rows } = await app.owner.query(
      `select body->>'type' as type from inbox where body->>'aboutId' = 'M1' order by seq`,
    );
    expect(rows.map(({ type }) => type)).toEqual(['edit', 'revoke']);
  });

  it('what the shop says on its phone is stored as said by the shop', async () => {
    await emit('messages.upsert', textUpsert('ya voy', { id: 'echo', key: { fromMe: true } }));
    expect(await storedMessages(app, 'echo')).toEqual([]);
    expect(await storedEchoes(app, 'echo')).toMatchObject([{ body: { text: 'ya voy' } }]);
  });
});

describe('INV-6: every status', () => {
  it.each([
    ['ERROR', { status: 'failed', delivery: 'failed' }],
    ['SERVER_ACK', { status: 'sent', delivery: 'sent' }],
    ['DELIVERY_ACK', { status: 'sent', delivery: 'delivered' }],
    ['READ', { status: 'sent', delivery: 'read' }],
    ['PLAYED', { status: 'sent', delivery: 'played' }],
    // An instance on Meta's API uses Meta's names.
    ['SENT', { status: 'sent', delivery: 'sent' }],
    ['DELIVERED', { status: 'sent', delivery: 'delivered' }],
    ['FAILED', { status: 'failed', delivery: 'failed' }],
    ['PENDING', { status: 'sending', delivery: null }],
    ['DELETED', { status: 'sending', delivery: null }],
    ['TOMORROW', { status: 'sending', delivery: null }],
  ])('%s', async (status, stored) => {
    await emit('messages.upsert', textUpsert('hola', { id: 'first' }));
    const id = await openSend(app, 'first', `3EB0${status}`);
    expect(await emit('messages.update', statusUpdate(`3EB0${status}`, status))).toEqual([200]);
    expect(await sendRow(app, id)).toMatchObject(stored);
  });

  it('in any order and twice', async () => {
    await emit('messages.upsert', textUpsert('hola', { id: 'first' }));
    const id = await openSend(app, 'first', '3EB0ORDER');
    for (const status of ['READ', 'SERVER_ACK', 'DELIVERY_ACK', 'SERVER_ACK', 'READ'])
      await emit('messages.update', statusUpdate('3EB0ORDER', status));
    expect(await sendRow(app, id)).toMatchObject({ status: 'sent', delivery: 'read' });
  });
});

describe('what is neither', () => {
  const contact = { remoteJid: '5215512345678@s.whatsapp.net', pushName: 'Ana', profilePicUrl: null };
  it.each<[string, unknown]>([
    ['application.startup', {}],
    ['qrcode.updated', { qrcode: { instance: 'mine', pairingCode: null, code: '2@x', base64: 'data:' } }],
    ['qrcode.updated', { message: 'QR code limit reached', statusCode: 500 }],
    ['connection.update', { instance: 'mine', state: 'connecting', statusReason: 200 }],
    ['status.instance', { instance: 'mine', status: 'closed' }],
    ['messages.set', [textUpsert('old', { id: 'set' })]],
    ['contacts.set', [contact]],
    ['contacts.upsert', [contact]],
    ['contacts.update', contact],
    ['presence.update', { id: '1@s.whatsapp.net', presences: {} }],
    ['chats.set', []],
    ['chats.upsert', [{ remoteJid: '87654321@lid' }]],
    ['chats.update', { remoteJid: '87654321@lid' }],
    ['chats.delete', ['87654321@lid']],
    ['groups.upsert', [{ id: '1@g.us' }]],
    ['groups.update', [{ id: '1@g.us' }]],
    ['group-participants.update', { id: '1@g.us', participants: [] }],
    ['labels.edit', {}],
    ['labels.association', {}],
    ['call', { id: 'c', from: '1@s.whatsapp.net', status: 'offer' }],
    ['typebot.start', {}],
    ['typebot.change-status', {}],
    ['instance.create', {}],
    ['instance.delete', {}],
    ['remove.instance', {}],
    ['logout.instance', {}],
    ['send.message.update', {}],
    ['an.event.of.tomorrow', { x: 1 }],
  ])('%s is acknowledged', async (event, data) => {
    const before = await app.owner.query('select count(*) from inbox');
    expect(await emit(event, data)).toEqual([200]);
    expect((await app.owner.query('select count(*) from inbox')).rows).toEqual(before.rows);
  });
});
