/** Postgres refuses NUL in text and lone surrogates in jsonb; one such character must not stop a whole batch. */
export function storable(text: string): string {
  return text.replaceAll('\u0000', '').toWellFormed();
}
