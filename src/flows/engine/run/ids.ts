import { hash } from 'node:crypto';

/** A UUID (version 8) that depends on nothing but its parts. */
export function idOf(...parts: readonly (string | number)[]): string {
  const hex = hash('sha256', parts.join('\n'), 'hex');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** A number from 0 to 99 that depends on nothing but its parts. */
export function percentOf(...parts: readonly (string | number)[]): number {
  return Number.parseInt(hash('sha256', parts.join('\n'), 'hex').slice(0, 8), 16) % 100;
}
