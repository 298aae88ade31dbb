import { describe, expect, it } from 'vitest';
import { readContent } from './official.webhook-content.js';

function of(type: string, content: unknown, around: object = {}) {
  return readContent({
    from: '5215512345678',
    id: 'wamid.1',
    timestamp: '1790000000',
    type,
    [type]: content,
    ...around,
  });
}

describe('every inbound type of the reference', () => {
  it.each([
    ['text', { body: 'Hola ☕' }, { type: 'text', text: 'Hola ☕' }],
    ['text', { body: '' }, { type: 'text', text: '[empty]' }],
    [
      'image',
      { id: 'm1', mime_type: 'image/jpeg', sha256: 'aa', caption: '¿Este?', url: 'https://x.test' },
      {
        type: 'image',
        text: '[image] ¿Este?',
        media: { id: 'm1', mimeType: 'image/jpeg', sha256: 'aa', caption: '¿Este?' },
      },
    ],
    ['video', { id: 'm1', mime_type: 'video/mp4' }, { text: '[video]', media: { id: 'm1', mimeType: 'video/mp4' } }],
    ['audio', { id: 'm1', mime_type: 'audio/ogg', voice: true }, { text: '[voice]', media: { isVoice: true } }],
    ['audio', { id: 'm1', mime_type: 'audio/mpeg', voice: false }, { type: 'audio', text: '[audio]' }],
    ['voice', { id: 'm1', mime_type: 'audio/ogg' }, { type: 'audio', text: '[voice]', media: { isVoice: true } }],
    [
      'document',
      { id: 'm1', mime_type: 'application/pdf', filename: 'pago.pdf', caption: 'Listo' },
      { type: 'document', text: '[document] pago.pdf Listo', media: { filename: 'pago.pdf', caption: 'Listo' } },
    ],
    ['sticker', { id: 'm1', mime_type: 'image/webp', animated: true }, { type: 'sticker', text: '[sticker]' }],
    ['sticker', { id: 'm1' }, { media: { id: 'm1', mimeType: 'application/octet-stream' } }],
    [
      'location',
      { latitude: 19.43, longitude: -99.13, name: 'Casa', address: 'Calle 1' },
      {
        type: 'location',
        text: '[location] Casa Calle 1 19.43, -99.13',
        location: { latitude: 19.43, longitude: -99.13, name: 'Casa' },
      },
    ],
    [
      'contacts',
      [
        { name: { formatted_name: 'Luis' }, phones: [{ phone: '+52 55 1' }, { wa_id: '522' }] },
        { name: { first_name: 'Eva' } },
      ],
      { type: 'contacts', text: '[contact] Luis +52 55 1 522; Eva' },
    ],
    [
      'reaction',
      { message_id: 'wamid.0', emoji: '👍' },
      { type: 'reaction', text: '[reaction] 👍', aboutId: 'wamid.0' },
    ],
    ['reaction', { message_id: 'wamid.0', emoji: '' }, { text: '[reaction removed]', aboutId: 'wamid.0' }],
    ['reaction', { message_id: 'wamid.0' }, { text: '[reaction removed]' }],
    [
      'interactive',
      { type: 'button_reply', button_reply: { id: 'buy', title: 'Comprar' } },
      { type: 'choice', text: 'Comprar', choiceId: 'buy' },
    ],
    [
      'interactive',
      { type: 'list_reply', list_reply: { id: 'sku-1', title: 'Molido', description: '250 g' } },
      { type: 'choice', text: 'Molido', choiceId: 'sku-1' },
    ],
    [
      'interactive',
      { type: 'nfm_reply', nfm_reply: { name: 'flow', body: 'Sent', response_json: '{"size":"M","flow_token":"t"}' } },
      { type: 'form', text: '[form] Sent', form: { size: 'M', flow_token: 't' } },
    ],
    [
      'interactive',
      { type: 'nfm_reply', nfm_reply: { name: 'flow', response_json: 'not json' } },
      { type: 'form', text: '[form] flow', form: { response: 'not json' } },
    ],
    ['interactive', { type: 'nfm_reply', nfm_reply: { response_json: '[1]' } }, { form: { response: [1] } }],
    ['button', { text: 'Sí', payload: 'yes' }, { type: 'choice', text: 'Sí', choiceId: 'yes' }],
    [
      'order',
      {
        catalog_id: 'c',
        text: 'sin prisa',
        product_items: [
          { product_retailer_id: 'SKU-1', quantity: 2, item_price: 19.99, currency: 'MXN' },
          { product_retailer_id: 'SKU-2', quantity: '1', item_price: '1500', currency: 'JPY' },
        ],
      },
      {
        type: 'order',
        text: '[order] 2 × SKU-1, 1 × SKU-2 (sin prisa)',
        order: {
          items: [
            { sku: 'SKU-1', quantity: 2, itemPriceMinor: 1999, currency: 'MXN' },
            { sku: 'SKU-2', quantity: 1, itemPriceMinor: 1500, currency: 'JPY' },
          ],
        },
      },
    ],
    [
      'order',
      { product_items: [{ product_retailer_id: 'S', quantity: 1, item_price: 2.5, currency: 'KWD' }] },
      { text: '[order] 1 × S', order: { items: [{ itemPriceMinor: 2500 }] } },
    ],
    [
      'order',
      { product_items: [{ product_retailer_id: 'S', quantity: 1, item_price: 18900, currency: 'COP' }] },
      { text: '[order] 1 × S', order: { items: [{ itemPriceMinor: 1890000 }] } },
    ],
    [
      'system',
      { body: 'Ana changed from 1 to 2', type: 'user_changed_number', wa_id: '2' },
      { type: 'system', text: '[system] Ana changed from 1 to 2' },
    ],
    ['system', { type: 'customer_identity_changed' }, { text: '[system] customer_identity_changed' }],
    [
      'edit',
      { original_message_id: 'wamid.0', message: { type: 'text', text: { body: 'Tres' } } },
      { type: 'edit', text: '[edit] Tres', aboutId: 'wamid.0' },
    ],
    [
      'edit',
      { original_message_id: 'wamid.0', message: { type: 'image', image: { id: 'm1', caption: 'Así' } } },
      { type: 'edit', text: '[edit] [image] Así', media: { id: 'm1' } },
    ],
    [
      'edit',
      { original_message_id: 'wamid.0', message: { type: 'edit', edit: {} } },
      { type: 'edit', text: '[edit] [unsupported] edit' },
    ],
    ['revoke', { original_message_id: 'wamid.0' }, { type: 'revoke', text: '[deleted]', aboutId: 'wamid.0' }],
  ])('reads %s %j', (type, content, expected) => {
    expect(of(type, content)).toMatchObject(expected);
  });
});

describe('what cannot be read', () => {
  const errors = [{ code: 131051, title: 'Message type unknown', error_data: { details: 'not supported' } }];

  it.each([
    [
      'the type Meta itself calls unsupported',
      of('unsupported', undefined, { errors }),
      '[unsupported] Message type unknown: not supported',
    ],
    [
      'with the name of what it was',
      of('unsupported', { type: 'poll' }, { errors: [{ code: '1', message: 'no' }] }),
      '[unsupported] poll: no',
    ],
    ['with a text beside it', of('unsupported', undefined, { text: { body: 'hi' } }), '[unsupported] hi'],
    ['a type newer than we are', of('request_welcome', undefined), '[unsupported] request_welcome'],
    ['a type named like an inherited member', of('toString', {}), '[unsupported] toString'],
    ['no type', readContent({ id: 'wamid.1' }), '[unsupported]'],
    ['a text that is no text', of('text', { body: 5 }), '[unsupported] text'],
    ['an image without id', of('image', { mime_type: 'image/png' }), '[unsupported] image'],
    ['an interactive without body', of('interactive', undefined), '[unsupported] interactive'],
    ['a place off the globe', of('location', { latitude: 91, longitude: 0 }), '[unsupported] location'],
    ['a place without numbers', of('location', { latitude: null, longitude: '' }), '[unsupported] location'],
    ['an order of nothing', of('order', { product_items: [] }), '[unsupported] order'],
    [
      'an order of half a thing',
      of('order', { product_items: [{ product_retailer_id: 'S', quantity: 0.5, item_price: 1, currency: 'MXN' }] }),
      '[unsupported] order',
    ],
  ])('keeps %s', (_, content, text) => {
    expect(content).toMatchObject({ type: 'unsupported', text });
  });
});

describe('what stands around the content', () => {
  it('tells which message is quoted', () => {
    expect(of('text', { body: 'Este' }, { context: { from: '1', id: 'wamid.0' } }).aboutId).toBe('wamid.0');
    expect(of('text', { body: 'Este' }, { context: { forwarded: true } })).not.toHaveProperty('aboutId');
  });

  it('tells the ad a customer came from, texts and numbers only', () => {
    const referral = { source_id: '12', source_type: 'ad', ctwa_clid: 'c', width: 5, welcome_message: { text: 'x' } };
    expect(of('text', { body: 'Hola' }, { referral }).referral).toEqual({
      source_id: '12',
      source_type: 'ad',
      ctwa_clid: 'c',
      width: '5',
    });
    expect(of('text', { body: 'Hola' }, { referral: {} })).not.toHaveProperty('referral');
  });

  it('takes out what Postgres cannot store', () => {
    expect(of('text', { body: 'a\u0000b\ud800c' }).text).toBe('ab\ufffdc');
    const response = JSON.stringify({ name: 'x\u0000', list: ['\udfff'] });
    expect(of('interactive', { type: 'nfm_reply', nfm_reply: { response_json: response } }).form).toEqual({
      name: 'x',
      list: ['\ufffd'],
    });
  });
});
