import { minorDigitsOf } from '../../messages/money.js';

/** What prices of a file are in. */
export type Money = { readonly currency: string; readonly digits: number };

export function moneyOf(currency: string): Money {
  return { currency, digits: minorDigitsOf(currency) };
}

/** `18900` as `189.00`, with a point whatever the language: files go between machines. */
export function formatPrice(amountMinor: number, { digits }: Money): string {
  return (amountMinor / 10 ** digits).toFixed(digits);
}

/**
 * Takes a point or a comma before the minor digits, as spreadsheets of either habit write it. Marks between thousands
 * are refused: nobody could tell 1.890 from 1,890.
 *
 * @returns minor units, or null when it is no such amount
 */
export function parsePrice(text: string, { digits }: Money): number | null {
  const match = /^(\d{1,12})(?:[.,](\d+))?$/.exec(text);
  if (!match) return null;
  const [, whole = '', minor = ''] = match;
  if (minor.length > digits) return null;
  return Number(whole) * 10 ** digits + Number(minor.padEnd(digits, '0') || '0');
}

/** An amount as it should be written. */
export function exampleOf(money: Money): string {
  return formatPrice(189 * 10 ** money.digits, money);
}
