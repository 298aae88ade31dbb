import { describe, expect, it } from 'vitest';
import { checkContent, checkSend } from '../../../test/support/evolution-double-rules.js';
import type { OutboundContent } from '../../messages/message-content.js';
import { renderEvolution } from './evolution.render.js';

const TO = { address: '5215512345678@s.whatsapp.net', phone: '+5215512345678' };

function render(content: OutboundContent) {
  const rendered = renderEvolution({ outboxId: '7', to: TO, content });
  if (typeof rendered === 'string') throw new Error(rendered);
  const { number, ...body } = rendered.body;
  expect(number).toBe(TO.address);
  // What the server itself would say of it.
  expect(checkSend(rendered.operation, rendered.body)).toEqual([]);
  expect(checkContent(rendered.operation, rendered.body)).toBeNull();
  return { operation: rendered.operation, body };
}

describe('renders', () => {
  it('text, with a preview where there is a link', () => {
    expect(render({ kind: 'text', text: 'Hola' })).toEqual({
      operation: 'sendText',
      body: { text: 'Hola', linkPreview: false },
    });
    expect(render({ kind: 'text', text: 'Mira https://tienda.test' }).body).toMatchObject({ linkPreview: true });
  });

  it('choices as numbered text', () => {
    const options = [
      { id: 'a', title: 'Sí' },
      { id: 'b', title: 'No', description: 'gracias' },
    ];
    expect(render({ kind: 'choices', text: '¿Seguimos?', options })).toMatchObject({
      operation: 'sendText',
      body: { text: '¿Seguimos?\n\n1. Sí\n2. No — gracias' },
    });
  });

  it('a link as its address', () => {
    expect(render({ kind: 'link', text: 'Paga aquí', title: 'Pagar', url: 'https://pago.test/1' })).toMatchObject({
      operation: 'sendText',
      body: { text: 'Paga aquí\n\nPagar: https://pago.test/1', linkPreview: true },
    });
  });

  it.each(['image', 'video'] as const)('%s by its address, with a caption', (media) => {
    const content = { kind: 'media', media, url: 'https://cdn.tienda.test/a', caption: 'Café', filename: 'x' } as const;
    expect(render(content)).toEqual({
      operation: 'sendMedia',
      body: { mediatype: media, media: content.url, caption: 'Café' },
    });
  });

  it.each([
    ['https://cdn.tienda.test/docs/men%C3%BA.pdf?v=2', 'menú.pdf'],
    ['https://cdn.tienda.test/100%.pdf', '100%.pdf'],
    ['https://cdn.tienda.test/', 'file'],
  ])('a document without a name has that of its address: %s', (url, fileName) => {
    expect(render({ kind: 'media', media: 'document', url })).toMatchObject({ body: { media: url, fileName } });
  });

  it('a document with its file name, audio without a caption, a sticker as one', () => {
    const url = 'https://cdn.tienda.test/a';
    expect(render({ kind: 'media', media: 'document', url, caption: 'Menú', filename: 'menu.pdf' })).toEqual({
      operation: 'sendMedia',
      body: { mediatype: 'document', media: url, caption: 'Menú', fileName: 'menu.pdf' },
    });
    expect(render({ kind: 'media', media: 'audio', url, caption: 'no' })).toEqual({
      operation: 'sendMedia',
      body: { mediatype: 'audio', media: url },
    });
    expect(render({ kind: 'media', media: 'sticker', url })).toEqual({
      operation: 'sendSticker',
      body: { sticker: url },
    });
  });

  it.each([
    [
      { name: 'Tienda', address: 'Calle 1' },
      { name: 'Tienda', address: 'Calle 1' },
    ],
    [{ name: 'Tienda' }, { name: 'Tienda', address: 'Tienda' }],
    [{ address: 'Calle 1' }, { name: 'Calle 1', address: 'Calle 1' }],
    [{}, { name: '19.4, -99.1', address: '19.4, -99.1' }],
  ])('a location %j with the name and address it must have', (given, sent) => {
    expect(render({ kind: 'location', latitude: 19.4, longitude: -99.1, ...given })).toEqual({
      operation: 'sendLocation',
      body: { latitude: 19.4, longitude: -99.1, ...sent },
    });
  });

  it('a contact', () => {
    expect(render({ kind: 'contact', name: 'Luis', phone: '+525587654321' })).toEqual({
      operation: 'sendContact',
      body: { contact: [{ fullName: 'Luis', phoneNumber: '+525587654321', wuid: '525587654321' }] },
    });
  });
});

describe('does not render', () => {
  const text: OutboundContent = { kind: 'text', text: 'Hola' };

  it('a template', () => {
    const content: OutboundContent = { kind: 'template', name: 'aviso', language: 'es', params: [] };
    expect(renderEvolution({ outboxId: '7', to: TO, content })).toBe('TEMPLATE_UNSUPPORTED');
  });

  it('a message to somebody only another provider knows', () => {
    expect(renderEvolution({ outboxId: '7', to: { address: 'MX.123', phone: null }, content: text })).toBe(
      'NO_ADDRESS',
    );
  });

  it('another provider’s address where there is a number', () => {
    const to = { address: 'MX.123', phone: '+5531987654321' };
    expect(renderEvolution({ outboxId: '7', to, content: text })).toMatchObject({ body: { number: '553187654321' } });
  });
});
