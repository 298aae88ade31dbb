import { LRUCache } from 'lru-cache';

/** ISO 4217 minor units, where they are not two. Intl's own digits follow local use (none for COP), not the unit. */
const MINOR_DIGITS: Readonly<Record<string, number>> = Object.fromEntries([
  ...[
    'BIF',
    'CLP',
    'DJF',
    'GNF',
    'ISK',
    'JPY',
    'KMF',
    'KRW',
    'PYG',
    'RWF',
    'UGX',
    'UYI',
    'VND',
    'VUV',
    'XAF',
    'XOF',
    'XPF',
  ].map((code) => [code, 0]),
  ...['BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'].map((code) => [code, 3]),
  ...['CLF', 'UYW'].map((code) => [code, 4]),
]);

/** How many digits of an amount are minor units in ISO 4217: 2 of a peso, 0 of a yen. */
export function minorDigitsOf(currency: string): number {
  return MINOR_DIGITS[currency] ?? 2;
}

const formatters = new LRUCache<string, Intl.NumberFormat>({ max: 500 });

/**
 * As people of the currency's own country write it: pesos of Mexico are $449.00 there, and 449,00 MXN in Spain. Minor
 * digits show only where the use of the currency has them, or where they are not zero: no money is hidden. Spaces are
 * plain ones, as a person would type them.
 *
 * @param amountMinor in minor units of ISO 4217 (cents; whole pesos for CLP)
 * @throws RangeError `currency` is not three letters
 */
export function formatMoney(amountMinor: number, currency: string, locale: string): string {
  const digits = minorDigitsOf(currency);
  const amount = amountMinor / 10 ** digits;
  const isWhole = Number.isInteger(amount);
  const key = `${locale} ${currency} ${isWhole}`;
  const format = formatters.get(key) ?? makeFormat(atHome(locale, currency), currency, isWhole ? 0 : digits);
  formatters.set(key, format);
  return format.format(amount).replace(/[\u00a0\u202f]/g, ' ');
}

function makeFormat(locale: string, currency: string, leastDigits: number): Intl.NumberFormat {
  const usual = new Intl.NumberFormat(locale, { style: 'currency', currency });
  if ((usual.resolvedOptions().maximumFractionDigits ?? leastDigits) >= leastDigits) return usual;
  return new Intl.NumberFormat(locale, { style: 'currency', currency, minimumFractionDigits: leastDigits });
}

/** The first two letters of a currency are its country; a locale that names a region keeps it. */
function atHome(locale: string, currency: string): string {
  return locale.includes('-') || !/^[A-WYZ][A-Z]{2}$/.test(currency) ? locale : `${locale}-${currency.slice(0, 2)}`;
}
