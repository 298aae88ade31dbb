/** What JSON can write and jsonb cannot read: NUL and halves of surrogate pairs. `JSON.stringify` always escapes both. */
const UNSTORABLE = /\\u0000|\\ud[89a-f]/;

/**
 * JSON that Postgres accepts as jsonb, whatever a customer's phone has sent: NUL is dropped and half a surrogate pair
 * becomes U+FFFD.
 */
export function toStorableJson(value: unknown): string {
  const json = JSON.stringify(value);
  return UNSTORABLE.test(json) ? JSON.stringify(clean(JSON.parse(json))) : json;
}

function clean(value: unknown): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (Array.isArray(value)) return value.map(clean);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [cleanText(key), clean(inner)]));
}

function cleanText(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}
