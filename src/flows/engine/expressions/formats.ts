/** How a customer of a locale reads money and dates. Formatters cost microseconds to make, so they are kept. */

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

const formatters = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();
const MAX_FORMATTERS = 500;

function kept<T extends Intl.NumberFormat | Intl.DateTimeFormat>(key: string, make: () => T): T {
  const known = formatters.get(key);
  if (known) return known as T;
  if (formatters.size >= MAX_FORMATTERS) formatters.clear();
  const made = make();
  formatters.set(key, made);
  return made;
}

/**
 * Shows minor digits only where the locale's use of the currency has them, or where they are not zero: no money is
 * hidden. Spaces are plain ones, as a person would type them.
 *
 * @param amountMinor in minor units of ISO 4217 (cents; whole pesos for CLP)
 * @throws RangeError `currency` is not three letters
 */
export function formatMoney(amountMinor: number, currency: string, locale: string): string {
  const digits = MINOR_DIGITS[currency] ?? 2;
  const amount = amountMinor / 10 ** digits;
  const isWhole = Number.isInteger(amount);
  return kept(`money ${locale} ${currency} ${isWhole}`, () => {
    const usual = new Intl.NumberFormat(locale, { style: 'currency', currency });
    const usualDigits = usual.resolvedOptions().maximumFractionDigits ?? digits;
    if (isWhole || usualDigits >= digits) return usual;
    return new Intl.NumberFormat(locale, { style: 'currency', currency, minimumFractionDigits: digits });
  })
    .format(amount)
    .replace(/[\u00a0\u202f]/g, ' ');
}

/** Day, month and year in words, such as 12 mar 2030. */
export function formatDate(date: Date, locale: string, timeZone: string): string {
  return kept(
    `date ${locale} ${timeZone}`,
    () => new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone }),
  ).format(date);
}

/** What separates decimals in this locale: ',' or '.'. */
export function decimalSeparator(locale: string): string {
  return (
    kept(`decimal ${locale}`, () => new Intl.NumberFormat(locale))
      .formatToParts(1.5)
      .find(({ type }) => type === 'decimal')?.value ?? '.'
  );
}

/** Minutes the zone is ahead of UTC at that moment. */
export function zoneOffsetMinutes(atMs: number, timeZone: string): number {
  const parts = kept(
    `offset ${timeZone}`,
    () => new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset', year: 'numeric' }),
  ).formatToParts(atMs);
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT';
  const [, sign = '+', hours = '0', minutes = '0'] = /^GMT([+-])(\d{2}):(\d{2})/.exec(name) ?? [];
  return (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
}

/** The calendar day and the clock time there, as YYYY-MM-DD and HH:MM. */
export function localDateTime(atMs: number, timeZone: string): { date: string; time: string } {
  const shifted = new Date(atMs + zoneOffsetMinutes(atMs, timeZone) * 60_000).toISOString();
  return { date: shifted.slice(0, 10), time: shifted.slice(11, 16) };
}
