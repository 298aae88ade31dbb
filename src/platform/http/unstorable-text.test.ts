import { expect, it } from 'vitest';
import { findUnstorable } from './unstorable-text.js';

it.each([
  ['a\u0000b', []],
  ['a\ud83d', []],
  [{ name: 'Ana', lines: [{ note: '\udfff' }] }, ['lines', '0', 'note']],
  [{ a: [1, JSON.parse('1e400')] }, ['a', '1']],
  [{ draft: { '\u0000': 1 } }, ['draft']],
  [{ name: 'Ana 👋🏽', note: '\u0001\t\n', none: null, n: 1, at: new Date(0) }, null],
])('finds where %j cannot be stored', (value, path) => {
  expect(findUnstorable(value)).toEqual(path);
});
