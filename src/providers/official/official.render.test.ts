import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkGraphRequest } from '../../../test/support/graph-double-schema.js';
import { outboundContentSchema, type ChoiceOption, type OutboundContent } from '../../messages/message-content.js';
import type { Recipient } from '../whatsapp-provider.js';
import { renderOfficial } from './official.render.js';

const ANA: Recipient = { address: '5215512345678', phone: '+5215512345678' };

function render(content: OutboundContent, to: Recipient = ANA): Record<string, unknown> {
  return { ...renderOfficial({ outboxId: '42', to, content }) };
}

function options(...titles: string[]): ChoiceOption[] {
  return titles.map((title, index) => ({ id: `id-${index + 1}`, title }));
}

describe('what goes over the wire', () => {
  it('carries the outbox id, so that an unknown send can be settled (INV-5)', () => {
    expect(render({ kind: 'text', text: 'Hola' })).toEqual({
      messaging_product: 'whatsapp',
      recipient_type: 'individual',
      to: '+5215512345678',
      type: 'text',
      text: { body: 'Hola', preview_url: false },
      biz_opaque_callback_data: '42',
    });
  });

  it('previews a link in a text', () => {
    expect(render({ kind: 'text', text: 'Mira https://shop.test' })).toMatchObject({ text: { preview_url: true } });
  });

  it.each<[OutboundContent, object]>([
    [
      { kind: 'media', media: 'image', url: 'https://shop.test/a.jpg', caption: 'Molido' },
      { type: 'image', image: { link: 'https://shop.test/a.jpg', caption: 'Molido' } },
    ],
    [
      { kind: 'media', media: 'document', url: 'https://shop.test/a.pdf', caption: 'Factura', filename: 'f.pdf' },
      { type: 'document', document: { link: 'https://shop.test/a.pdf', caption: 'Factura', filename: 'f.pdf' } },
    ],
    [
      { kind: 'media', media: 'audio', url: 'https://shop.test/a.mp3', caption: 'dropped', filename: 'a.mp3' },
      { type: 'audio', audio: { link: 'https://shop.test/a.mp3' } },
    ],
    [
      { kind: 'link', text: 'Paga aquí', url: 'https://shop.test/pay', title: 'Pagar' },
      {
        type: 'interactive',
        interactive: {
          type: 'cta_url',
          body: { text: 'Paga aquí' },
          action: { name: 'cta_url', parameters: { display_text: 'Pagar', url: 'https://shop.test/pay' } },
        },
      },
    ],
    [
      { kind: 'location', latitude: 19.4, longitude: -99.1, name: 'Tienda' },
      { type: 'location', location: { latitude: 19.4, longitude: -99.1, name: 'Tienda', address: undefined } },
    ],
    [
      { kind: 'contact', name: 'Luis Vega', phone: '+525511112222' },
      {
        type: 'contacts',
        contacts: [
          {
            name: { formatted_name: 'Luis Vega', first_name: 'Luis Vega' },
            phones: [{ phone: '+525511112222', type: 'CELL', wa_id: '525511112222' }],
          },
        ],
      },
    ],
    [
      { kind: 'template', name: 'order_ready', language: 'es_MX', params: ['Ana', '17'] },
      {
        type: 'template',
        template: {
          name: 'order_ready',
          language: { code: 'es_MX' },
          components: [
            {
              type: 'body',
              parameters: [
                { type: 'text', text: 'Ana' },
                { type: 'text', text: '17' },
              ],
            },
          ],
        },
      },
    ],
    [
      { kind: 'template', name: 'hello', language: 'en', params: [] },
      { type: 'template', template: { name: 'hello', language: { code: 'en' }, components: undefined } },
    ],
  ])('renders %j', (content, expected) => {
    expect(render(content)).toMatchObject(expected);
  });
});

describe('choices', () => {
  it('makes up to three buttons', () => {
    expect(render({ kind: 'choices', text: '¿Qué?', options: options('Comprar', 'Ayuda', 'Salir') })).toMatchObject({
      interactive: {
        type: 'button',
        body: { text: '¿Qué?' },
        action: {
          buttons: [
            { type: 'reply', reply: { id: 'id-1', title: 'Comprar' } },
            { type: 'reply', reply: { id: 'id-2', title: 'Ayuda' } },
            { type: 'reply', reply: { id: 'id-3', title: 'Salir' } },
          ],
        },
      },
    });
  });

  it('keeps button titles unique when cutting makes them equal', () => {
    const titles = buttonTitles(options('Café de Colombia molido', 'Café de Colombia móvil', 'Café de Colombia mocha'));
    expect(titles).toEqual(['Café de Colombia mo…', 'Café de Colombia mó…', 'Café de Colombia… 2']);
    for (const title of titles) expect(title.length).toBeLessThanOrEqual(20);
  });

  it('keeps three equal titles apart', () => {
    expect(buttonTitles(options('Sí', 'Sí', 'Sí'))).toEqual(['Sí', 'Sí 2', 'Sí 3']);
  });

  it('makes a list of four options, with what a title loses in the description', () => {
    const four = [
      ...options('Espresso', 'Café de olla con canela y piloncillo'),
      { id: 'c', title: 'Latte', description: 'Con leche' },
      { id: 'd', title: 'Mocha' },
    ];
    expect(render({ kind: 'choices', text: '¿Cuál?', options: four, button: 'Ver cafés' })).toMatchObject({
      interactive: {
        type: 'list',
        action: {
          button: 'Ver cafés',
          sections: [
            {
              title: 'Ver cafés',
              rows: [
                { id: 'id-1', title: 'Espresso' },
                { id: 'id-2', title: 'Café de olla con canela…', description: 'Café de olla con canela y piloncillo' },
                { id: 'c', title: 'Latte', description: 'Con leche' },
                { id: 'd', title: 'Mocha' },
              ],
            },
          ],
        },
      },
    });
  });

  it.each([
    ['a description', 'short', [{ id: 'a', title: 'A', description: 'what A is' }]],
    ['a text too long for buttons', 'x'.repeat(1025), options('A')],
  ])('makes a list even of one option when it has %s', (_, text, one) => {
    expect(render({ kind: 'choices', text, options: one })).toMatchObject({ interactive: { type: 'list' } });
  });

  it('numbers more options than a list has rows', () => {
    const eleven = options('A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K');
    expect(render({ kind: 'choices', text: '¿Cuál?', options: eleven })).toMatchObject({
      type: 'text',
      text: { body: expect.stringMatching(/^¿Cuál\?\n\n1\. A\n2\. B\n.*11\. K$/s) },
    });
  });

  function buttonTitles(choices: ChoiceOption[]): string[] {
    const { interactive } = render({ kind: 'choices', text: '?', options: choices }) as {
      interactive: { action: { buttons: { reply: { title: string } }[] } };
    };
    return interactive.action.buttons.map(({ reply }) => reply.title);
  }
});

describe('recipients', () => {
  const text: OutboundContent = { kind: 'text', text: 'Hola' };
  const template: OutboundContent = { kind: 'template', name: 'code', language: 'es', params: [] };

  it.each<[string, Recipient, OutboundContent, object]>([
    ['a wa_id', { address: '5215512345678', phone: null }, text, { to: '+5215512345678' }],
    [
      'a wa_id that differs from the phone',
      { address: '5215512345678', phone: '+525512345678' },
      text,
      { to: '+5215512345678' },
    ],
    ['a written number', { address: '+52 (55) 1234-5678', phone: null }, text, { to: '+525512345678' }],
    ['a BSUID', { address: 'MX.aB3dE', phone: null }, text, { recipient: 'MX.aB3dE' }],
    ['a parent BSUID', { address: 'MX.ENT.aB3dE', phone: null }, text, { recipient: 'MX.ENT.aB3dE' }],
    ['a BSUID with a known phone', { address: 'MX.aB3dE', phone: '+525512345678' }, text, { recipient: 'MX.aB3dE' }],
    [
      'a template to a BSUID with a known phone',
      { address: 'MX.aB3dE', phone: '+525512345678' },
      template,
      { to: '+525512345678' },
    ],
    ['a template to a BSUID alone', { address: 'MX.aB3dE', phone: null }, template, { recipient: 'MX.aB3dE' }],
    ['another provider’s address', { address: '77@lid', phone: '+525512345678' }, text, { to: '+525512345678' }],
  ])('addresses %s', (_, to, content, expected) => {
    const rendered = render(content, to);
    expect({ to: rendered.to, recipient: rendered.recipient }).toEqual({
      to: undefined,
      recipient: undefined,
      ...expected,
    });
  });

  it.each<[Recipient]>([[{ address: '77@lid', phone: null }], [{ address: '12', phone: null }]])(
    'has nothing to send to %j',
    (to) => {
      expect(renderOfficial({ outboxId: '1', to, content: text })).toBeNull();
    },
  );
});

it('stays within every limit of Meta for any content we allow', () => {
  const words = (max: number) =>
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: max }).filter((s) => s.length <= max);
  const option = fc.record({ id: fc.uuid(), title: words(60), description: fc.option(words(100), { nil: undefined }) });
  const content = fc.oneof(
    fc.record({ kind: fc.constant('text' as const), text: words(200) }),
    fc.record({
      kind: fc.constant('choices' as const),
      text: fc.oneof(words(200), fc.constant('x'.repeat(4096))),
      options: fc.array(option, { minLength: 1, maxLength: 14 }),
      button: fc.option(words(20), { nil: undefined }),
    }),
  );
  fc.assert(
    fc.property(content, (value) => {
      const sent: unknown = JSON.parse(JSON.stringify(render(outboundContentSchema.parse(value))));
      expect(checkGraphRequest(sent)).toHaveProperty('request');
    }),
  );
});
