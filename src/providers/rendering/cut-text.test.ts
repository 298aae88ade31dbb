import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { cutText } from './cut-text.js';

it('leaves what fits alone', () => {
  expect(cutText('exactly twenty chars', 20)).toBe('exactly twenty chars');
});

it('ends a shortened text in an ellipsis, without a space before it', () => {
  expect(cutText('Café de Colombia molido', 9)).toBe('Café de…');
});

it('never splits what a reader sees as one character', () => {
  const family = '👨‍👩‍👧‍👦'; // eleven units, one character
  expect(cutText(`Para ${family} todos`, 16)).toBe('Para…');
  expect(cutText(`Para ${family} todos`, 17)).toBe(`Para ${family}…`);
  expect(cutText('cafe\u0301s de olla', 6)).toBe('cafe\u0301…');
});

it('keeps what fits of one character with more marks than there is room', () => {
  expect(cutText(`a${'\u0301'.repeat(30)}`, 5)).toBe('a\u0301\u0301\u0301…');
});

it('keeps the limit and the encoding of any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 30 }), (text, max) => {
      const cut = cutText(text, max);
      expect(cut.length).toBeLessThanOrEqual(max);
      expect(cut.isWellFormed()).toBe(true);
      if (text.length <= max) expect(cut).toBe(text);
    }),
  );
});
