import { toStorableText } from '../../../messages/storable.js';

/** Caps on what a session can hold; also the largest list a macro runs over. */
export const MAX_LIST = 500;
export const MAX_STRING_BYTES = 8 * 1024;
const MAX_NODES = 20_000;
const MAX_DEPTH = 20;

/** What JSON can hold. Values a session keeps are plain. */
export class ValueError extends Error {
  constructor(
    readonly code: 'value_too_large' | 'value_not_plain',
    message: string,
  ) {
    super(message);
  }
}

function isTooLong(text: string): boolean {
  if (text.length <= MAX_STRING_BYTES / 3) return false;
  return Buffer.byteLength(text) > MAX_STRING_BYTES;
}

/**
 * Turns what an expression gave into JSON: integers of CEL (BigInt) into numbers, timestamps into ISO text. What is
 * plain already comes back as it is, not copied.
 *
 * @throws ValueError a list above 500, a text above 8 KiB, more than 20,000 values or 20 levels, or not JSON at all
 */
export function toPlain(value: unknown): unknown {
  return convert(value, 0, { left: MAX_NODES });
}

function convert(value: unknown, depth: number, nodes: { left: number }): unknown {
  nodes.left -= 1;
  if (nodes.left < 0 || depth > MAX_DEPTH) throw new ValueError('value_too_large', 'value has too many parts');
  switch (typeof value) {
    case 'string':
      if (isTooLong(value)) throw new ValueError('value_too_large', `text above ${MAX_STRING_BYTES} bytes`);
      return toStorableText(value);
    case 'boolean':
      return value;
    case 'bigint':
      return fromInteger(value);
    case 'number':
      if (!Number.isFinite(value)) throw new ValueError('value_not_plain', 'not a finite number');
      return value;
    case 'object':
      if (value === null) return null;
      if (Array.isArray(value)) return convertList(value, depth, nodes);
      if (value instanceof Date) return value.toISOString();
      if (isRecord(value)) return convertMap(value, depth, nodes);
      break;
    default:
  }
  throw new ValueError('value_not_plain', 'not a text, number, yes/no, list or map');
}

function fromInteger(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new ValueError('value_too_large', 'integer above 2^53');
  return number;
}

function convertList(list: readonly unknown[], depth: number, nodes: { left: number }): readonly unknown[] {
  if (list.length > MAX_LIST) throw new ValueError('value_too_large', `list above ${MAX_LIST}`);
  let copy: unknown[] | null = null;
  for (let index = 0; index < list.length; index += 1) {
    const plain = convert(list[index], depth + 1, nodes);
    if (!copy && plain !== list[index]) copy = list.slice(0, index);
    copy?.push(plain);
  }
  return copy ?? list;
}

function convertMap(map: Readonly<Record<string, unknown>>, depth: number, nodes: { left: number }): object {
  let copy: Record<string, unknown> | null = null;
  for (const [key, value] of Object.entries(map)) {
    const plain = value === undefined ? null : convert(value, depth + 1, nodes);
    if (plain !== value) copy ??= { ...map };
    if (copy) copy[key] = plain;
  }
  return copy ?? map;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
