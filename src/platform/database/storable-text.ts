/** Whether Postgres keeps it: U+0000 and halves of characters, which JSON can carry, fit neither text nor jsonb. */
export function isStorableText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}
