import { LRUCache } from 'lru-cache';

/** How a customer of a locale reads dates. Formatters cost microseconds to make, so they are kept. */

const formatters = new LRUCache<string, Intl.NumberFormat | Intl.DateTimeFormat>({ max: 500 });

function kept<T extends Intl.NumberFormat | Intl.DateTimeFormat>(key: string, make: () => T): T {
  const known = formatters.get(key);
  if (known) return known as T;
  const made = make();
  formatters.set(key, made);
  return made;
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
