import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outboundContentSchema, type ChoiceOption, type OutboundContent } from '../../messages/message-content.js';
import { findOptionByNumber, renderDown } from './render-down.js';
import type { ProviderCapabilities } from '../whatsapp-provider.js';

const CLOUD: ProviderCapabilities = {
  maxTextChars: 4096,
  maxButtons: 3,
  maxListRows: 10,
  canSendTemplates: true,
  canReact: true,
  canQuote: true,
  media: {},
  hasServiceWindow: true,
};
const PLAIN: ProviderCapabilities = { ...CLOUD, maxButtons: 0, maxListRows: 0 };

function options(count: number, extra: Partial<ChoiceOption> = {}): ChoiceOption[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `id-${index + 1}`,
    title: `Option ${index + 1}`,
    ...extra,
  }));
}

describe('renderDown', () => {
  it('leaves alone what the line can show', () => {
    const shown: OutboundContent[] = [
      { kind: 'choices', text: 'Which?', options: options(10) },
      { kind: 'link', text: 'Pay here', url: 'https://shop.test/pay', title: 'Pay' },
      { kind: 'text', text: 'Hola' },
    ];
    for (const content of shown) expect(renderDown(content, CLOUD)).toBe(content);
  });

  it('numbers more choices than a list has rows', () => {
    const content = renderDown({ kind: 'choices', text: 'Which?', options: options(11) }, CLOUD);
    expect(content).toEqual({
      kind: 'text',
      text: `Which?\n\n${Array.from({ length: 11 }, (_, index) => `${index + 1}. Option ${index + 1}`).join('\n')}`,
    });
  });

  it('numbers even two choices on a line without buttons, with their descriptions', () => {
    const two = [
      { id: 'a', title: 'Molido', description: '250 g, $120' },
      { id: 'b', title: 'En grano' },
    ];
    expect(renderDown({ kind: 'choices', text: '¿Cuál?', options: two }, PLAIN)).toEqual({
      kind: 'text',
      text: '¿Cuál?\n\n1. Molido — 250 g, $120\n2. En grano',
    });
  });

  it('writes a link out on a line without buttons', () => {
    const link: OutboundContent = { kind: 'link', text: 'Pay here', url: 'https://shop.test/pay', title: 'Pay' };
    expect(renderDown(link, PLAIN)).toEqual({ kind: 'text', text: 'Pay here\n\nPay: https://shop.test/pay' });
  });

  it('gives up descriptions, then long titles, then text, but never an option', () => {
    const long = options(50, { title: 'T'.repeat(200), description: 'D'.repeat(1000) });
    const content = renderDown({ kind: 'choices', text: 'x'.repeat(4096), options: long }, CLOUD);
    if (content.kind !== 'text') throw new Error('not rendered down');
    expect(content.text).toHaveLength(4096);
    expect(content.text).not.toContain('D');
    expect(content.text.split('\n').filter((connection) => /^\d+\. T{39}…$/.test(connection))).toHaveLength(50);
  });

  it.each([1600, 4096])('fits fifty options of any length into %i characters', (maxTextChars) => {
    const long = options(50, { title: 'T'.repeat(200), description: 'D'.repeat(1000) });
    const connection = { ...PLAIN, maxTextChars };
    const content = renderDown({ kind: 'choices', text: 'x'.repeat(800), options: long, quotes: 'q' }, connection);
    if (content.kind !== 'text') throw new Error('not rendered down');
    expect(content.text.length).toBeLessThanOrEqual(maxTextChars);
    expect(content.text.split('\n').filter((row) => /^\d+\. T+…$/.test(row))).toHaveLength(50);
    expect(content.quotes).toBe('q');
  });

  it('always makes content that may be sent', () => {
    const option = fc.record({ id: fc.string({ minLength: 1 }), title: fc.string({ minLength: 1, maxLength: 200 }) });
    const list = fc.array(option, { minLength: 11, maxLength: 50 });
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 4096 }), list, (text, choices) => {
        const content = renderDown({ kind: 'choices', text, options: choices }, CLOUD);
        expect(outboundContentSchema.safeParse(content).success).toBe(true);
      }),
    );
  });
});

describe('findOptionByNumber', () => {
  it.each(['2', ' 2 ', '2.', '2)', '#2', '２', '2️⃣', '02'])('maps %j to the second option', (reply) => {
    expect(findOptionByNumber(options(12), reply)?.id).toBe('id-2');
  });

  it('counts to the last option and no further', () => {
    expect(findOptionByNumber(options(12), '12')?.id).toBe('id-12');
    expect(findOptionByNumber(options(12), '13')).toBeNull();
  });

  it.each(['0', '-1', '2.5', '2 kg', 'two', '', '9999', 'opción 2'])('finds nothing in %j', (reply) => {
    expect(findOptionByNumber(options(12), reply)).toBeNull();
  });

  it('agrees with the numbers a customer reads', () => {
    const choices = options(12);
    const content = renderDown({ kind: 'choices', text: 'Which?', options: choices }, CLOUD);
    if (content.kind !== 'text') throw new Error('not rendered down');
    for (const connection of content.text.split('\n').slice(2)) {
      const [number = '', title] = connection.split('. ');
      expect(findOptionByNumber(choices, number)?.title).toBe(title);
    }
  });
});
