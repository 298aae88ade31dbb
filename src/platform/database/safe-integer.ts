import type { ValueTransformer } from 'typeorm';

/**
 * The driver hands a bigint over as text.
 *
 * @throws RangeError beyond 2^53 − 1, where a JavaScript number would lie
 */
export function toSafeInteger(value: string | number): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError('A stored whole number is beyond 2^53 − 1');
  return number;
}

/** For bigint columns of entities. */
export const safeInteger: ValueTransformer = {
  from: (value: string | number | null) => (value === null ? null : toSafeInteger(value)),
  to: (value: number | null) => value,
};
