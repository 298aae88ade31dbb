import { expect, it } from 'vitest';
import { toStorableJson, toStorableText, toStorableValue } from './storable.js';

it('keeps a text as it is, without NUL and halves of characters', () => {
  expect(toStorableText('hola 👋🏽\n')).toBe('hola 👋🏽\n');
  expect(toStorableText('a\0b\ud83d')).toBe('ab\ufffd');
});

it('cuts a text before a character that would be cut in two', () => {
  expect(toStorableText('ab👋c', 4)).toBe('ab👋');
  expect(toStorableText('ab👋c', 3)).toBe('ab');
  expect(toStorableText('\0abc', 3)).toBe('abc');
});

it('cleans keys and values at any depth, and leaves out what is deeper than asked for', () => {
  const value = { 'k\0': ['a\0', { n: 1, none: null, deep: { er: 'b' } }] };
  expect(toStorableValue(value)).toEqual({ k: ['a', { n: 1, none: null, deep: { er: 'b' } }] });
  expect(toStorableValue(value, 3)).toEqual({ k: ['a', { n: 1, none: null, deep: null }] });
});

it('writes JSON that says the same, also where a text speaks of such an escape', () => {
  expect(toStorableJson({ a: 'x\0\udfff', b: String.raw`\u0000` })).toBe(
    JSON.stringify({ a: 'x\ufffd', b: String.raw`\u0000` }),
  );
});
