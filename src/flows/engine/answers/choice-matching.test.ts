import { describe, expect, it } from 'vitest';
import { matchChoice, matchChoices, type AnswerOption, type Said } from './choice-matching.js';

const makeOptions = (...titles: [string, string][]): AnswerOption[] =>
  titles.map(([id, title]) => ({ id, title, value: () => id }));

const options = makeOptions(
  ['buy', 'Ver catálogo'],
  ['2', 'Café 250 g'],
  ['big', 'Café 1 kg'],
  ['3', '1'],
  ['yes', 'Sí'],
  ['AÇAÍ', 'Açaí com granola'],
);

function idOf(said: Said, hasMore = false, shown = options) {
  const match = matchChoice(said, options, shown, hasMore);
  return match === null || match === 'more' ? match : match.option.id;
}

describe('one choice', () => {
  it.each<[string, Said, string | null]>([
    ['a tap', { choiceId: 'big', text: 'whatever' }, 'big'],
    ['a tap on an older message, by its title', { choiceId: 'gone', text: 'Café 1 kg' }, 'big'],
    ['a tap on an older message', { choiceId: 'gone', text: 'Other' }, null],
    ['an id typed, before the number it also is', { text: '2' }, '2'],
    ['an id typed before another option of that place', { text: '3' }, '3'],
    ['an exact title, before the number it also is', { text: '1' }, '3'],
    ['a number', { text: '5' }, 'yes'],
    ['a number with a point', { text: ' 6. ' }, 'AÇAÍ'],
    ['a number with a bracket', { text: '5)' }, 'yes'],
    ['a number as a keycap', { text: '5️⃣' }, 'yes'],
    ['a number beyond the list', { text: '7' }, null],
    ['zero', { text: '0' }, null],
    ['a title without accents and case', { text: 'VER CATALOGO' }, 'buy'],
    ['a title with punctuation around it', { text: '¡ver catálogo!' }, 'buy'],
    ['a title of two letters', { text: 'si' }, 'yes'],
    ['a unique beginning', { text: 'açai' }, 'AÇAÍ'],
    ['a beginning of two titles', { text: 'café' }, null],
    ['the whole of one and the beginning of none', { text: 'cafe 1 kg' }, 'big'],
    ['a beginning of one letter', { text: 'v' }, null],
    ['another id in another case', { text: 'BUY' }, null],
    ['nothing', { text: '   ' }, null],
    ['only punctuation', { text: '?!' }, null],
  ])('%s', (_, said, expected) => {
    expect(idOf(said)).toBe(expected);
  });

  it('takes what comes after the page from the row, its number or a word', () => {
    const shown = options.slice(0, 4);
    expect(idOf({ choiceId: '__more', text: 'Más…' }, true, shown)).toBe('more');
    expect(idOf({ text: '5' }, true, shown)).toBe('more');
    expect(idOf({ text: 'más' }, true, shown)).toBe('more');
    expect(idOf({ text: 'More…' }, true, shown)).toBe('more');
    expect(idOf({ text: 'ver mais' }, true, shown)).toBe('more');
    expect(idOf({ text: 'más' }, false, shown)).toBeNull();
    expect(idOf({ text: 'acai com granola' }, true, shown)).toBe('AÇAÍ');
  });

  it('prefers an option that is called more to the next page', () => {
    const more = makeOptions(['m', 'Más'], ['l', 'Menos']);
    expect(matchChoice({ text: 'mas' }, more, more, true)).toMatchObject({ option: { id: 'm' } });
  });
});

describe('several choices', () => {
  const toppings = makeOptions(['c', 'Canela'], ['m', 'Miel'], ['l', 'Leche y azúcar']);
  it.each<[string, string[] | null]>([
    ['1,3', ['c', 'l']],
    ['1 2', ['c', 'm']],
    ['canela y miel', ['c', 'm']],
    ['Canela, Miel', ['c', 'm']],
    ['miel; canela; miel', ['m', 'c']],
    ['leche y azucar', ['l']],
    ['leche y azúcar, miel', ['l', 'm']],
    ['1 and 2', ['c', 'm']],
    ['canela, sal', null],
    ['', null],
    [', ,', null],
  ])('%s', (text, expected) => {
    expect(matchChoices(text, toppings)?.map(({ id }) => id) ?? null).toEqual(expected);
  });
});
