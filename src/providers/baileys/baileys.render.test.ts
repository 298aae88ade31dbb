import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { renderLinked, type Sendable } from './baileys.render.js';

const JID = '5215511112222@s.whatsapp.net';
const stream = Readable.from([]);

it.each<[Sendable, object]>([
  [
    { kind: 'text', text: 'Hola https://x.test' },
    { text: 'Hola https://x.test', linkPreview: null },
  ],
  [
    {
      kind: 'choices',
      text: '¿Cuál?',
      options: [
        { id: 'a', title: 'Uno' },
        { id: 'b', title: 'Dos' },
      ],
    },
    { text: '¿Cuál?\n\n1. Uno\n2. Dos', linkPreview: null },
  ],
  [
    { kind: 'link', text: 'Paga', url: 'https://pay.test/1', title: 'Pagar' },
    { text: 'Paga\n\nPagar: https://pay.test/1', linkPreview: null },
  ],
  [
    { kind: 'location', latitude: 19.4, longitude: -99.1, name: 'Tienda' },
    { location: { degreesLatitude: 19.4, degreesLongitude: -99.1, name: 'Tienda', address: undefined } },
  ],
  [
    { kind: 'reaction', aboutId: 'A1', emoji: '👍' },
    { react: { text: '👍', key: { remoteJid: JID, fromMe: false, id: 'A1' } } },
  ],
  [
    { kind: 'reaction', aboutId: 'A1', emoji: '', isAboutOurs: true },
    { react: { text: '', key: { remoteJid: JID, fromMe: true, id: 'A1' } } },
  ],
  [
    { kind: 'media', media: 'image', url: 'https://x.test/a.jpg', caption: 'Foto' },
    { image: { stream }, mimetype: 'image/jpeg', caption: 'Foto' },
  ],
  [
    { kind: 'media', media: 'document', url: 'https://x.test/a.pdf', filename: 'a.pdf' },
    { document: { stream }, mimetype: 'application/octet-stream', fileName: 'a.pdf', caption: undefined },
  ],
  [
    { kind: 'media', media: 'audio', url: 'https://x.test/a.mp3' },
    { audio: { stream }, mimetype: 'audio/mpeg', ptt: false },
  ],
  [{ kind: 'media', media: 'sticker', url: 'https://x.test/a.webp' }, { sticker: { stream } }],
])('writes %j as WhatsApp takes it', (content, expected) => {
  expect(renderLinked(content, JID, stream)).toEqual(expected);
});

it('writes a contact as a card a phone can open a chat from, whatever is in the name', () => {
  const shown = renderLinked({ kind: 'contact', name: 'Ana; López,\nSA', phone: '+5215511112222' }, JID, null);
  const [card] = (shown as { contacts: { contacts: { vcard: string }[] } }).contacts.contacts;
  expect(card?.vcard.split('\n')).toEqual([
    'BEGIN:VCARD',
    'VERSION:3.0',
    'N:;Ana\\; López\\, SA;;;',
    'FN:Ana\\; López\\, SA',
    'TEL;type=CELL;type=VOICE;waid=5215511112222:+5215511112222',
    'END:VCARD',
  ]);
});
