import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outboundContentSchema, type OutboundContent } from './message-content.js';
import { splitText, splitToFit } from './split-text.js';

const squeezed = (text: string) => text.replaceAll(/\s+/g, '');

describe('a text', () => {
  it('that fits is left alone', () => {
    expect(splitText('Hola', 4)).toEqual(['Hola']);
  });

  it('is taken apart between paragraphs, then lines, then sentences, then words', () => {
    expect(splitText('Uno dos tres.\n\nCuatro. Cinco', 20)).toEqual(['Uno dos tres.', 'Cuatro. Cinco']);
    expect(splitText('Uno dos tres\nCuatro. Cinco', 20)).toEqual(['Uno dos tres', 'Cuatro. Cinco']);
    expect(splitText('Uno dos tres. Cuatro cinco', 20)).toEqual(['Uno dos tres.', 'Cuatro cinco']);
    expect(splitText('Uno dos tres cuatro cinco', 20)).toEqual(['Uno dos tres cuatro', 'cinco']);
  });

  it('of one long word is taken apart between characters', () => {
    expect(splitText('👨‍👩‍👧‍👦👨‍👩‍👧‍👦', 12)).toEqual(['👨‍👩‍👧‍👦', '👨‍👩‍👧‍👦']);
    expect(splitText('abcdefgh', 3)).toEqual(['abc', 'def', 'gh']);
  });

  it('leaves no scrap behind a short first line', () => {
    expect(splitText(`Hola\n${'x'.repeat(30)}`, 20)[0]?.length).toBeGreaterThan(6);
  });

  it('loses no word, and no part is too long, empty or broken', () => {
    const words = fc.array(fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom(' ', '\n', '\n\n', '. ')));
    fc.assert(
      fc.property(words, fc.integer({ min: 4, max: 60 }), (list, max) => {
        const text = list.join('');
        const parts = splitText(text, max);
        if (text.trim() === '') return;
        expect(squeezed(parts.join(''))).toBe(squeezed(text));
        for (const part of parts) {
          expect(part.length).toBeGreaterThan(0);
          expect(part.length).toBeLessThanOrEqual(max);
          expect(part.isWellFormed()).toBe(true);
        }
      }),
    );
  });
});

describe('a message', () => {
  const long = Array.from({ length: 300 }, (_, index) => `palabra${index}`).join(' ');

  it('quotes with its first part alone', () => {
    const parts = splitToFit({ kind: 'text', text: long, quotes: 'wamid.A' }, 1600);
    expect(parts.map((part) => 'quotes' in part)).toEqual([true, false]);
  });

  it('asks below the last part of its text, with all its options', () => {
    const options = Array.from({ length: 12 }, (_, index) => ({ id: `o${index}`, title: `Opción ${index}` }));
    const parts = splitToFit({ kind: 'choices', text: long, options }, 1600);
    expect(parts.map(({ kind }) => kind)).toEqual(['text', 'text', 'text', 'choices']);
    expect(parts.at(-1)).toMatchObject({ options });
    for (const part of parts) expect(outboundContentSchema.safeParse(part).success).toBe(true);
  });

  it.each<OutboundContent>([
    { kind: 'text', text: 'Hola' },
    { kind: 'choices', text: '¿Cuál?', options: [{ id: 'a', title: 'A' }] },
    { kind: 'location', latitude: 1, longitude: 2 },
    { kind: 'link', text: 'x'.repeat(1024), url: 'https://shop.test', title: 'Pagar' },
  ])('that fits stays one: %j', (content) => {
    expect(splitToFit(content, 1600)).toEqual([content]);
  });
});
