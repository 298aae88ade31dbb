import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textUpsert, upsert } from '../../../test/support/evolution-double-bodies.js';
import { readContent, readEdited } from './web-content.js';

const read = (message: unknown, extra: Record<string, unknown> = {}) => readContent(upsert(message, extra), 'M1');
const BYTES = Object.fromEntries(Array.from({ length: 32 }, (_, n) => [String(n), n]));
const SHA256 = Buffer.from(Array.from({ length: 32 }, (_, n) => n)).toString('base64');

describe('the content of a message', () => {
  it.each<[string, unknown, object]>([
    ['text', { conversation: 'hola' }, { type: 'text', text: 'hola' }],
    ['text with metadata before it', { messageContextInfo: {}, conversation: 'hola' }, { type: 'text', text: 'hola' }],
    ['an empty text', { conversation: '' }, { type: 'text', text: '[empty]' }],
    ['text of an ad or a link', { extendedTextMessage: { text: 'hola' } }, { type: 'text', text: 'hola' }],
    ['disappearing text', { ephemeralMessage: { message: { conversation: 'hola' } } }, { type: 'text', text: 'hola' }],
    [
      'a picture to see once',
      { viewOnceMessageV2: { message: { imageMessage: { mimetype: 'image/jpeg', caption: 'mira' } } } },
      { type: 'image', text: '[image] mira', media: { id: 'M1', mimeType: 'image/jpeg', caption: 'mira' } },
    ],
    [
      'a picture with its digest as numbered bytes',
      { imageMessage: { mimetype: 'image/jpeg', fileSha256: BYTES, fileLength: { low: 1, high: 0, unsigned: true } } },
      { type: 'image', text: '[image]', media: { id: 'M1', mimeType: 'image/jpeg', sha256: SHA256 } },
    ],
    [
      'a picture with its digest in base64',
      { imageMessage: { mimetype: 'image/jpeg', fileSha256: SHA256 }, base64: 'AAAA' },
      { type: 'image', media: { sha256: SHA256 } },
    ],
    ['a video', { videoMessage: { mimetype: 'video/mp4' } }, { type: 'video', media: { mimeType: 'video/mp4' } }],
    ['a round video', { ptvMessage: { mimetype: 'video/mp4' } }, { type: 'video' }],
    ['audio', { audioMessage: { mimetype: 'audio/mp4', ptt: false } }, { type: 'audio', text: '[audio]' }],
    [
      'a voice note',
      { audioMessage: { mimetype: 'audio/ogg; codecs=opus', ptt: true } },
      { type: 'audio', text: '[voice]', media: { isVoice: true } },
    ],
    [
      'a document',
      { documentMessage: { mimetype: 'application/pdf', fileName: 'pago.pdf' } },
      { type: 'document', text: '[document] pago.pdf', media: { filename: 'pago.pdf' } },
    ],
    [
      'a document with a caption',
      { documentWithCaptionMessage: { message: { documentMessage: { title: 'pago.pdf', caption: 'listo' } } } },
      { type: 'document', text: '[document] pago.pdf listo', media: { mimeType: 'application/octet-stream' } },
    ],
    [
      'a cart',
      {
        orderMessage: {
          orderTitle: 'Café',
          itemCount: 2,
          totalAmount1000: { low: -1294967296, high: 0, unsigned: false },
          totalCurrencyCode: 'COP',
        },
      },
      { type: 'order', text: '[order] 2 × Café 3000000.00 COP' },
    ],
    [
      'a product',
      { productMessage: { product: { title: 'Café', retailerId: 'SKU-1' }, body: '¿Hay?' } },
      { type: 'text', text: '[product] Café (SKU-1) ¿Hay?' },
    ],
    ['a sticker', { stickerMessage: { mimetype: 'image/webp' } }, { type: 'sticker', text: '[sticker]' }],
    [
      'a location',
      { locationMessage: { degreesLatitude: 19.4, degreesLongitude: -99.1, name: 'Casa', address: 'Calle 1' } },
      {
        type: 'location',
        text: '[location] Casa Calle 1 19.4, -99.1',
        location: { latitude: 19.4, longitude: -99.1, name: 'Casa' },
      },
    ],
    [
      'a location that moves',
      { liveLocationMessage: { degreesLatitude: '19.4', degreesLongitude: '-99.1' } },
      { type: 'location', location: { latitude: 19.4, longitude: -99.1 } },
    ],
    [
      'a contact',
      { contactMessage: { displayName: 'Luis', vcard: 'BEGIN:VCARD\nitem1.TEL;waid=52155:+52 1 55 8765\nEND:VCARD' } },
      { type: 'contacts', text: '[contact] Luis +52 1 55 8765' },
    ],
    [
      'contacts',
      { contactsArrayMessage: { contacts: [{ displayName: 'Luis', vcard: 'TEL:1' }, { displayName: 'Eva' }] } },
      { type: 'contacts', text: '[contact] Luis 1; Eva' },
    ],
    [
      'a reaction',
      { reactionMessage: { key: { id: 'OURS' }, text: '👍', senderTimestampMs: '1' } },
      { type: 'reaction', text: '[reaction] 👍', aboutId: 'OURS' },
    ],
    ['a reaction taken back', { reactionMessage: { key: { id: 'OURS' }, text: '' } }, { text: '[reaction removed]' }],
    [
      'a button',
      { buttonsResponseMessage: { selectedButtonId: 'yes', selectedDisplayText: 'Sí' } },
      { type: 'choice', text: 'Sí', choiceId: 'yes' },
    ],
    [
      'a list row',
      { listResponseMessage: { title: 'Café', singleSelectReply: { selectedRowId: 'sku-1' } } },
      { type: 'choice', text: 'Café', choiceId: 'sku-1' },
    ],
    [
      'a template’s button',
      { templateButtonReplyMessage: { selectedId: 'yes' } },
      { type: 'choice', text: 'yes', choiceId: 'yes' },
    ],
    [
      'a button of the newer kind',
      {
        interactiveResponseMessage: {
          body: { text: 'Sí' },
          nativeFlowResponseMessage: { name: 'quick_reply', paramsJson: '{"id":"yes"}' },
        },
      },
      { type: 'choice', text: 'Sí', choiceId: 'yes' },
    ],
    [
      'a form',
      { interactiveResponseMessage: { nativeFlowResponseMessage: { name: 'flow', paramsJson: '{"age":3}' } } },
      { type: 'form', text: '[form] flow', form: { age: 3 } },
    ],
    [
      'a form that is not JSON',
      { interactiveResponseMessage: { nativeFlowResponseMessage: { name: 'flow', paramsJson: 'x' } } },
      { type: 'form', form: { response: 'x' } },
    ],
    [
      'a form that is no object',
      { interactiveResponseMessage: { nativeFlowResponseMessage: { paramsJson: '[1]' } } },
      { type: 'form', form: { response: [1] } },
    ],
    [
      'a vote',
      { pollUpdateMessage: { pollCreationMessageKey: { id: 'POLL' } } },
      { type: 'system', text: '[vote in a poll]', aboutId: 'POLL' },
    ],
    [
      'a kind of tomorrow',
      { hologramMessage: { x: 1 } },
      { type: 'unsupported', text: '[unsupported] hologramMessage' },
    ],
    ['a broken location', { locationMessage: { degreesLatitude: 200 } }, { text: '[unsupported] locationMessage' }],
    ['a key of the prototype', { constructor: { x: 1 } }, { text: '[unsupported] constructor' }],
  ])('%s is read', (_, message, expected) => {
    expect(read(message)).toMatchObject(expected);
    expect(read(message).isPlaceholder).toBeUndefined();
  });

  it.each([[undefined], [null], [{}], [{ messageContextInfo: {} }], [{ senderKeyDistributionMessage: {} }], ['x']])(
    'INV-2: %j is a placeholder for what comes later',
    (message) => expect(read(message)).toMatchObject({ type: 'unsupported', isPlaceholder: true }),
  );

  it('tells what it quotes, wherever the quote is told', () => {
    expect(readContent(textUpsert('sí', { contextInfo: { stanzaId: 'OURS' } }), 'M1').aboutId).toBe('OURS');
    expect(read({ extendedTextMessage: { text: 'sí', contextInfo: { stanzaId: 'OURS' } } }).aboutId).toBe('OURS');
  });

  it('tells the ad it came by', () => {
    const externalAdReply = {
      sourceUrl: 'https://fb.me/1',
      sourceId: '12',
      title: 'Café',
      ctwaClid: 'c1',
      thumbnail: {},
    };
    expect(read({ extendedTextMessage: { text: 'hola', contextInfo: { externalAdReply } } }).referral).toEqual({
      source_url: 'https://fb.me/1',
      source_id: '12',
      headline: 'Café',
      ctwa_clid: 'c1',
    });
    expect(
      read({ extendedTextMessage: { text: 'hola', contextInfo: { externalAdReply: {} } } }).referral,
    ).toBeUndefined();
  });

  it('of an edit is the new one', () => {
    const expected = { type: 'edit', text: '[edit] dos', aboutId: 'M0' };
    expect(readEdited({ conversation: 'dos' }, 'M0')).toMatchObject(expected);
    expect(readEdited({ message: { extendedTextMessage: { text: 'dos' } } }, 'M0')).toMatchObject(expected);
  });

  it('whatever it is, is read to something a person can read', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (message, messageType) => {
        const content = readContent({ message, messageType }, 'M1');
        expect(content.text.length).toBeGreaterThan(0);
      }),
    );
  });
});
