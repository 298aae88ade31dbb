import { describe, expect, it } from 'vitest';
import { checkGraphRequest } from '../../../test/support/graph-double-schema.js';
import { startGraphDouble } from '../../../test/support/graph-double.js';
import { outboundFile } from '../../../test/support/outbound-file.js';
import { outboundContentSchema } from '../../messages/message-content.js';
import { OfficialProvider } from './official.provider.js';
import { renderOfficial } from './official.render.js';

const ANA = { address: '5215512345678', phone: '+5215512345678' };
const LINK = 'https://example.com/oferta.jpg';

/** Checked as a caller's, rendered, and taken by the double. */
function componentsOf(parts: object): unknown {
  const content = outboundContentSchema.parse({ kind: 'template', name: 'oferta', language: 'es', ...parts });
  const body = renderOfficial({ outboxId: '42', to: ANA, content });
  expect(checkGraphRequest(JSON.parse(JSON.stringify(body)))).toHaveProperty('request');
  return (body as unknown as { template: { components: unknown } }).template.components;
}

describe('a template with', () => {
  it.each([
    ['a text header', { type: 'text', text: 'Ana' }, { type: 'text', text: 'Ana' }],
    ['an image header', { type: 'image', url: LINK }, { type: 'image', image: { link: LINK } }],
    ['a video header', { type: 'video', url: LINK }, { type: 'video', video: { link: LINK } }],
    [
      'a document header',
      { type: 'document', url: LINK, filename: 'nota.pdf' },
      { type: 'document', document: { link: LINK, filename: 'nota.pdf' } },
    ],
    [
      'a location header',
      { type: 'location', latitude: 19.4, longitude: -99.1, name: 'Tienda', address: 'Calle 1' },
      { type: 'location', location: { latitude: 19.4, longitude: -99.1, name: 'Tienda', address: 'Calle 1' } },
    ],
  ])('%s', (_, header, parameter) => {
    expect(componentsOf({ header, params: ['17'] })).toEqual([
      { type: 'header', parameters: [parameter] },
      { type: 'body', parameters: [{ type: 'text', text: '17' }] },
    ]);
  });

  it('a URL button, a quick reply and a coupon, each at its index', () => {
    const buttons = [
      { type: 'url', index: 0, suffix: 'pedidos/17' },
      { type: 'quick_reply', index: 2, payload: 'si' },
      { type: 'coupon', index: 1, code: 'CAFE25' },
    ];
    const at = (subType: string, index: string, parameter: object) => {
      return { type: 'button', sub_type: subType, index, parameters: [parameter] };
    };
    expect(componentsOf({ buttons })).toEqual([
      at('url', '0', { type: 'text', text: 'pedidos/17' }),
      at('quick_reply', '2', { type: 'payload', payload: 'si' }),
      at('copy_code', '1', { type: 'coupon_code', coupon_code: 'CAFE25' }),
    ]);
  });

  it('the cards of a carousel, in order', () => {
    const header = { type: 'image', url: LINK };
    const buttons = [{ type: 'quick_reply', index: 0, payload: 'cafe' }];
    expect(componentsOf({ params: ['Ana'], cards: [{ header, params: ['Café'], buttons }, { header }] })).toEqual([
      { type: 'body', parameters: [{ type: 'text', text: 'Ana' }] },
      {
        type: 'carousel',
        cards: [
          {
            card_index: 0,
            components: [
              { type: 'header', parameters: [{ type: 'image', image: { link: LINK } }] },
              { type: 'body', parameters: [{ type: 'text', text: 'Café' }] },
              {
                type: 'button',
                sub_type: 'quick_reply',
                index: '0',
                parameters: [{ type: 'payload', payload: 'cafe' }],
              },
            ],
          },
          { card_index: 1, components: [{ type: 'header', parameters: [{ type: 'image', image: { link: LINK } }] }] },
        ],
      },
    ]);
  });

  it('a file of ours in its header: uploaded with its type, and sent by its id', async () => {
    const graph = await startGraphDouble({ latencyMs: 0 });
    const provider = new OfficialProvider(graph.url);
    try {
      const file = outboundFile();
      const credentials = { phoneNumberId: '1001', accessToken: 'test-access-token' };
      const header = { type: 'image', mediaId: file.id };
      const content = outboundContentSchema.parse({ kind: 'template', name: 'oferta', language: 'es', header });
      const send = (one: { file?: typeof file }) =>
        provider.send(
          { connectionId: 'c-1', credentials },
          { outboxId: '7', to: ANA, content, ...one },
          AbortSignal.timeout(5_000),
        );
      expect(await send({ file })).toMatchObject({ outcome: 'accepted' });
      const [upload] = graph.media.uploads;
      expect(upload).toMatchObject({ mimeType: 'image/png' });
      const parameter = { type: 'image', image: { id: upload?.id } };
      expect(graph.accepted[0]?.body).toMatchObject({ template: { components: [{ parameters: [parameter] }] } });
      expect(await send({})).toMatchObject({ outcome: 'rejected', class: 'permanent', code: 'NO_FILE' });
    } finally {
      await provider.onModuleDestroy();
      await graph.stop();
    }
  });
});

describe('the content refuses', () => {
  const image = { type: 'image', url: LINK };
  it.each([
    [
      'a header with two files',
      { header: { ...image, mediaId: '3f0d3f6e-6b0a-4d6e-9d8e-0a7f4a1f2b3c' } },
      'header.url',
    ],
    ['a header without a file', { header: { type: 'video' } }, 'header.url'],
    ['a longer text header than Meta takes', { header: { type: 'text', text: 'x'.repeat(61) } }, 'header.text'],
    ['two buttons at one place', { buttons: [0, 0].map((index) => ({ type: 'url', index, suffix: 'a' })) }, 'buttons'],
    ['an eleventh place', { buttons: [{ type: 'url', index: 10, suffix: 'a' }] }, 'buttons.0.index'],
    ['a carousel of one card', { cards: [{ header: image }] }, 'cards'],
    ['a carousel with a header of its own', { header: image, cards: [{ header: image }, { header: image }] }, 'cards'],
    ['a part it does not know', { footer: 'x' }, ''],
  ])('%s', (_, parts, field) => {
    const { error } = outboundContentSchema.safeParse({ kind: 'template', name: 'o', language: 'es', ...parts });
    expect(error?.issues.map(({ path }) => path.join('.'))).toContain(field);
  });
});
