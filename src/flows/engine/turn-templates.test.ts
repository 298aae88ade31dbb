import { describe, expect, it } from 'vitest';
import { Chat } from '../../../test/support/flows/chat.js';
import { flowOf, type Json } from '../../../test/support/flows/small-flows.js';

const talk = (steps: Json[]) => Chat.of(flowOf(steps, {}));

describe('a message step', () => {
  it('fills every part of a template', () => {
    const mediaId = '3f0d3f6e-6b0a-4d6e-9d8e-0a7f4a1f2b3c';
    const name = '{{ contact.name }}';
    const buttons = [
      { type: 'url', index: 0, suffix: `ver/${name}` },
      { type: 'quick_reply', index: 1, payload: `si ${name}` },
      { type: 'coupon', index: 2, code: name },
    ];
    const card = { header: { type: 'image', url: `https://x.example/${name}.png` }, params: [name], buttons };
    const sent = (template: object) => {
      const chat = talk([{ id: 'a', type: 'message', template: { name: 'oferta', ...template }, next: 'bye' }]);
      const { effects } = chat.turn({ kind: 'message', id: 'm1', content: { type: 'text', text: 'hola' } });
      return (effects[0] as unknown as { content: object }).content;
    };
    const filled = [
      { type: 'url', index: 0, suffix: 'ver/Ana' },
      { type: 'quick_reply', index: 1, payload: 'si Ana' },
      { type: 'coupon', index: 2, code: 'Ana' },
    ];
    expect(sent({ header: { type: 'document', url: `media:${mediaId}`, filename: `${name}.pdf` }, buttons })).toEqual({
      kind: 'template',
      name: 'oferta',
      language: 'es',
      params: [],
      header: { type: 'document', mediaId, filename: 'Ana.pdf' },
      buttons: filled,
    });
    const place = { type: 'location', latitude: 4.6, longitude: -74 };
    expect(sent({ header: { ...place, name } })).toMatchObject({ header: { ...place, name: 'Ana' } });
    expect(sent({ header: { type: 'text', text: name } })).toMatchObject({ header: { type: 'text', text: 'Ana' } });
    expect(sent({ cards: [card, card] })).toMatchObject({
      cards: [0, 1].map(() => ({
        header: { type: 'image', url: 'https://x.example/Ana.png' },
        params: ['Ana'],
        buttons: filled,
      })),
    });
  });

  it('fails the turn where half a code would be sent, or nothing', () => {
    for (const code of ['{{ "A" + string(123456789012345678) + "BCDEF" }}', '{{ "" }}']) {
      const template = { name: 'oferta', buttons: [{ type: 'coupon', index: 0, code }] };
      const chat = talk([{ id: 'a', type: 'message', template, next: 'bye' }]);
      const { effects } = chat.turn({ kind: 'message', id: 'm1', content: { type: 'text', text: 'hola' } });
      expect(JSON.stringify(effects)).not.toContain('coupon');
    }
  });
});
