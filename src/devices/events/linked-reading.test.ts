import { describe, expect, it } from 'vitest';
import { BaileysDouble, linkedPlaceholder, linkedText } from '../../../test/support/baileys-double.js';
import { asTenantId } from '../../platform/tenancy/tenant-id.js';
import { readMapping, readMessage } from './linked-reading.js';
import { readWebTime } from '../../providers/whatsapp-web/web-time.js';
import type { LinkedContent, LinkedKey, LinkedMessage, OpenSession } from '../../providers/baileys/linked-socket.js';

const NOW = new Date('2026-11-24T10:00:00Z');
const socket = await new BaileysDouble().open({
  auth: { creds: {}, keys: { get: async () => ({}), set: async () => undefined } },
  getMessage: async () => undefined,
});
await socket.open('5215550001111:7@s.whatsapp.net', '900999:7@lid');
const session: OpenSession = {
  tenantId: asTenantId('11111111-1111-4111-8111-111111111111'),
  botId: 'bot',
  connectionId: 'line',
  fence: 1,
  socket,
};
const read = (message: LinkedMessage) => readMessage(session, message, NOW);
const said = (message: LinkedContent, key: Partial<LinkedKey> = {}) => {
  const text = linkedText('ID1', '');
  const reading = read({ ...text, message, key: { ...text.key, ...key } });
  return reading.kind === 'nothing' ? null : reading.event;
};

describe('a message', () => {
  it('becomes an event of its chat, with every name of its author', () => {
    const reading = read({
      ...linkedText('ID1', 'Hola', { from: '900100:2@lid', at: new Date('2026-11-24T09:59:58Z') }),
      key: { remoteJid: '900100:2@lid', remoteJidAlt: '5215511112222@s.whatsapp.net', fromMe: false, id: 'ID1' },
    });
    expect(reading).toMatchObject({
      kind: 'said',
      event: {
        tenantId: session.tenantId,
        botId: 'bot',
        connectionId: 'line',
        address: '900100@lid',
        phone: '+5215511112222',
        identities: ['tel:525511112222', 'lid:900100'],
        profileName: 'Ana',
        providerMessageId: 'ID1',
        providerAt: new Date('2026-11-24T09:59:58Z'),
        content: { type: 'text', text: 'Hola' },
      },
    });
  });

  it('is read out of whatever wraps it, with its quote and the ad it came by', () => {
    const contextInfo = { stanzaId: 'Q1', externalAdReply: { sourceId: 'ad-1', sourceUrl: 'https://fb.me/1' } };
    const inner = { extendedTextMessage: { text: 'Precio?', contextInfo } };
    expect(said({ ephemeralMessage: { message: inner }, messageContextInfo: {} })?.content).toMatchObject({
      type: 'text',
      text: 'Precio?',
      aboutId: 'Q1',
      referral: { source_id: 'ad-1' },
    });
  });

  it('with a file keeps what is needed to fetch it, and no preview', () => {
    const imageMessage = {
      mimetype: 'image/jpeg',
      caption: 'Mira',
      mediaKey: new Uint8Array([1, 2]),
      directPath: '/v/t62',
      fileSha256: Buffer.alloc(32, 7),
      jpegThumbnail: Buffer.alloc(4000),
    };
    const content = said({ viewOnceMessageV2: { message: { imageMessage } } })?.content;
    expect(content).toMatchObject({ type: 'image', media: { id: 'ID1', caption: 'Mira', mimeType: 'image/jpeg' } });
    expect(content?.media?.sha256).toBe(Buffer.alloc(32, 7).toString('base64'));
    expect(content?.media?.source).toEqual({
      chat: '5215511112222@s.whatsapp.net',
      message: {
        imageMessage: {
          mediaKey: 'AQI=',
          directPath: '/v/t62',
          mimetype: 'image/jpeg',
          fileSha256: Buffer.alloc(32, 7).toString('base64'),
        },
      },
    });
  });

  it('that reacts says to what', () => {
    const reactionMessage = { key: { id: 'OUR1', fromMe: true }, text: '❤️' };
    expect(said({ reactionMessage })?.content).toMatchObject({
      type: 'reaction',
      text: '[reaction] ❤️',
      aboutId: 'OUR1',
    });
  });

  it('without content yet is a placeholder under the id its content will have', () => {
    expect(read(linkedPlaceholder('AD1'))).toMatchObject({
      kind: 'said',
      event: { providerMessageId: 'AD1', content: { isPlaceholder: true } },
    });
  });

  it('that edits or deletes another counts once, however often it is told', () => {
    const edit = (text: string) => ({
      protocolMessage: { key: { id: 'OLD1' }, type: 'MESSAGE_EDIT', editedMessage: { conversation: text } },
    });
    const first = said({ editedMessage: { message: edit('dos') } }, { id: 'E1' });
    expect(first?.content).toMatchObject({ type: 'edit', text: '[edit] dos', aboutId: 'OLD1' });
    expect(said(edit('dos'), { id: 'E2' })?.providerMessageId).toBe(first?.providerMessageId);
    expect(said(edit('tres'), { id: 'E3' })?.providerMessageId).not.toBe(first?.providerMessageId);
    const revoke = said({ protocolMessage: { key: { id: 'OLD1' }, type: 0 } }, { id: 'R1' });
    expect(revoke).toMatchObject({ providerMessageId: 'revoke.OLD1', content: { type: 'revoke', aboutId: 'OLD1' } });
  });

  it('of a kind we do not know is kept as unsupported', () => {
    expect(said({ hologramMessage: { x: 1 } })?.content).toMatchObject({ type: 'unsupported' });
  });

  it('in a group is kept apart, with its author', () => {
    const key = {
      remoteJid: '120363000000000001@g.us',
      participant: '900100@lid',
      participantAlt: '5215511112222@s.whatsapp.net',
    };
    expect(said({ conversation: 'hola a todos' }, key)).toMatchObject({
      groupId: '120363000000000001@g.us',
      address: '900100@lid',
      identities: ['tel:525511112222', 'lid:900100'],
    });
  });

  it('from the phone itself is ours', () => {
    const reading = read({
      ...linkedText('P1', 'yo'),
      key: { remoteJid: '5215511112222@s.whatsapp.net', fromMe: true, id: 'P1' },
    });
    expect(reading).toMatchObject({ kind: 'own', event: { providerMessageId: 'P1', isOwn: true, profileName: null } });
  });

  it.each<[string, LinkedMessage]>([
    ['a status post', linkedText('S', 'x', { from: 'status@broadcast' })],
    ['a channel', linkedText('S', 'x', { from: '1@newsletter' })],
    ['our notes to ourselves', linkedText('S', 'x', { from: '5215550001111@s.whatsapp.net' })],
    ['our notes, by the hidden id', linkedText('S', 'x', { from: '900999@lid' })],
    ['a stub of the system', linkedText('S', '', { message: null, messageStubType: 27 })],
    ['housekeeping', linkedText('S', '', { message: { messageContextInfo: {}, senderKeyDistributionMessage: {} } })],
    ['a protocol message of other kinds', linkedText('S', '', { message: { protocolMessage: { type: 3 } } })],
    ['an album header', linkedText('S', '', { message: { albumMessage: { expectedImageCount: 2 } } })],
    ['an encrypted edit', linkedText('S', '', { message: { secretEncryptedMessage: {}, messageContextInfo: {} } })],
    ['an encrypted reaction', linkedText('S', '', { message: { encReactionMessage: {} } })],
    ['a message without an id', linkedText('', 'x')],
    [
      'a deletion by the phone',
      linkedText('S', '', {
        key: { remoteJid: '5215511112222@s.whatsapp.net', fromMe: true, id: 'S' },
        message: { protocolMessage: { key: { id: 'X' }, type: 0 } },
      }),
    ],
  ])('is nothing to us: %s', (_, message) => {
    expect(read(message)).toEqual({ kind: 'nothing' });
  });
});

it('reads times in every form they come in, and takes its own where there is none', () => {
  const at = new Date('2026-01-01T00:00:00Z');
  const seconds = at.getTime() / 1000;
  expect(readWebTime(seconds)).toEqual(at);
  expect(readWebTime(String(seconds))).toEqual(at);
  expect(readWebTime({ low: seconds, high: 0, unsigned: true })).toEqual(at);
  expect(readWebTime('soon')).toBeUndefined();
  const reading = read(linkedText('ID1', 'x', { messageTimestamp: null }));
  expect(reading).toMatchObject({ event: { providerAt: NOW } });
});

it('learns who is who only from what names a phone and a hidden id', () => {
  const names = { keys: ['tel:525511112222', 'lid:900100'], phone: '+5215511112222' };
  expect(readMapping({ lid: '900100@lid', pn: '5215511112222:0@s.whatsapp.net' })).toEqual(names);
  expect(readMapping({ id: '900100@lid', phoneNumber: '5215511112222@s.whatsapp.net' })).toEqual(names);
  expect(readMapping({ id: '5215511112222@s.whatsapp.net' })).toBeNull();
  expect(readMapping({ lid: '900100@lid', pn: '900100@lid' })).toBeNull();
});
