import { describe, expect, it } from 'vitest';
import { likePattern, slipsBetween, wantedOf } from './product-search.js';

describe('what is searched for', () => {
  it('is each typed word, without accents and case, eight at most', () => {
    expect(wantedOf('  Café  DE olla ')).toEqual({ text: 'cafe de olla', words: [['cafe'], ['de'], ['olla']] });
    expect(wantedOf('1 2 3 4 5 6 7 8 9').words).toHaveLength(8);
    expect(wantedOf(' ').words).toEqual([]);
  });

  it('takes wildcards for plain characters', () => {
    expect(likePattern('50%')).toBe(String.raw`%50\%%`);
    expect(likePattern(String.raw`a_\b`, { before: '' })).toBe(String.raw`a\_\\b%`);
  });

  it.each([
    ['taza', 'taza', 0],
    ['tasa', 'taza', 1],
    ['taz', 'taza', 1],
    ['tazaa', 'taza', 1],
    ['tzaa', 'taza', 1],
    ['camizetas', 'camiseta', 2],
    ['', 'abc', 3],
    ['abc', '', 3],
    ['mesa', 'taza', 3],
  ])('%s is as many slips from %s as %i', (a, b, slips) => {
    expect(slipsBetween(a, b)).toBe(slips);
    expect(slipsBetween(b, a)).toBe(slips);
  });
});
