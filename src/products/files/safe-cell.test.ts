import { expect, it } from 'vitest';
import { guard, unguard } from './safe-cell.js';

it.each([
  ['=1+1', `'=1+1`],
  [`'=1+1`, `''=1+1`],
  [';=1+1x', `;'=1+1x`],
  ['Café, -10 %;@SUM(A1)', `Café, '-10 %;'@SUM(A1)`],
  [';\t=1', `;'\t=1`],
  ['Café; leche, 1+1', 'Café; leche, 1+1'],
])('no spreadsheet runs %j, and an import reads it as it was', (text, cell) => {
  expect(guard(text)).toBe(cell);
  expect(unguard(cell)).toBe(text);
});
