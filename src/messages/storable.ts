import { isStorableText } from '../platform/database/storable-text.js';

/** What JSON can write and jsonb cannot read. `JSON.stringify` always escapes both. */
const UNSTORABLE = /\\u0000|\\ud[89a-f]/;

/**
 * Text that Postgres accepts, whatever a customer's phone or a provider has sent: NUL is dropped, half a surrogate pair
 * becomes U+FFFD. One such character must not stop a whole batch.
 *
 * @param maxChars cut there, in UTF-16 code units, never in the middle of a pair
 */
export function toStorableText(text: string, maxChars = Infinity): string {
  const clean = isStorableText(text) ? text : text.replaceAll('\0', '').toWellFormed();
  if (clean.length <= maxChars) return clean;
  const cut = clean.slice(0, maxChars);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}

/**
 * The same for every text in plain data, keys included.
 *
 * @param maxDepth objects and lists nested deeper become null
 */
export function toStorableValue(value: unknown, maxDepth = Infinity): unknown {
  if (typeof value === 'string') return toStorableText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (maxDepth <= 0) return null;
  if (Array.isArray(value)) return value.map((item) => toStorableValue(item, maxDepth - 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [toStorableText(key), toStorableValue(item, maxDepth - 1)]),
  );
}

/** JSON that Postgres accepts as jsonb. */
export function toStorableJson(value: unknown): string {
  const json = JSON.stringify(value);
  return UNSTORABLE.test(json) ? JSON.stringify(toStorableValue(JSON.parse(json))) : json;
}
