/** @returns where in the input such text, or a number beyond all numbers (`1e400`), is, as a path; null when it is nowhere */
export function findUnstorable(value: unknown, path: readonly string[] = []): readonly string[] | null {
  if (typeof value === 'string') return isUnstorable(value) ? path : null;
  if (typeof value === 'number') return Number.isFinite(value) ? null : path;
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, member] of Object.entries(value)) {
    const found = isUnstorable(key) ? path : findUnstorable(member, [...path, key]);
    if (found) return found;
  }
  return null;
}

/** U+0000 and halves of characters: JSON can carry them, Postgres keeps them neither as text nor as jsonb. */
function isUnstorable(text: string): boolean {
  return text.includes('\0') || !text.isWellFormed();
}
