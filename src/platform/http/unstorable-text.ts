import { isStorableText } from '../database/storable-text.js';

/** @returns where in the input such text, or a number beyond all numbers (`1e400`), is, as a path; null when it is nowhere */
export function findUnstorable(value: unknown): readonly string[] | null {
  if (typeof value === 'string') return isStorableText(value) ? null : [];
  if (typeof value === 'number') return Number.isFinite(value) ? null : [];
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, member] of Object.entries(value)) {
    if (!isStorableText(key)) return [];
    const path = findUnstorable(member);
    if (path) return [key, ...path];
  }
  return null;
}
