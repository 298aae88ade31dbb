import { expect, it } from 'vitest';
import { formatMoney } from './money.js';

it.each([
  [44_900, 'MXN', 'es', '$449.00'],
  [44_900, 'ARS', 'es', '$ 449,00'],
  [44_900, 'BRL', 'pt', 'R$ 449,00'],
  [44_900, 'USD', 'en', '$449.00'],
  [449, 'CLP', 'es', '$449'],
  [44_950, 'COP', 'es', '$ 449,50'],
  [44_900, 'EUR', 'es', '449,00 €'],
  [44_900, 'MXN', 'es-ES', '449,00 MXN'],
])('writes %i minor units of %s in %s as people there do: %s', (amount, currency, locale, expected) => {
  expect(formatMoney(amount, currency, locale)).toBe(expected);
});

it('refuses what is not a currency', () => {
  expect(() => formatMoney(1, 'pesos', 'es')).toThrow(RangeError);
});
