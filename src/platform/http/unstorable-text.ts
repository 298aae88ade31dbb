import { isStorableText } from '../database/storable-text.js';

/** @returns where in the input such text, or a number beyond all numbers (`1e400`), is, as a path; null when it is nowhere */
export function findUnstorable(value: unknown, path: readonly string[] = []): readonly string[] | null {
  if (typeof value === 'string') return isStorableText(value) ? null : path;
  if (typeof value === 'number') return Number.isFinite(value) ? null : path;
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, member] of Object.entries(value)) {
    const found = isStorableText(key) ? findUnstorable(member, [...path, key]) : path;
    if (found) return found;
  }
  return null;
}
