import { toStorableText } from '../../../messages/storable.js';
import { MAX_LIST, MAX_STRING_BYTES, MAX_VALUE_CHARS, MAX_VALUE_DEPTH, MAX_VALUE_PARTS } from '../limits.js';

/** Characters whose copy into the session's JSON is a unit of work. */
const CHARS_PER_UNIT = 8;
/** Of looking at a part and, for a map, taking it out. */
const PART = 4;

/** What a value may still hold. */
type Room = { parts: number; characters: number };

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
 * @param spend is told of the work, and may end it
 * @throws ValueError above one of the limits of a value (limits.ts), or not JSON at all
 */
export function toPlain(value: unknown, spend: (units: number) => void): unknown {
  const room = { parts: MAX_VALUE_PARTS, characters: MAX_VALUE_CHARS };
  const plain = convert(value, 0, room);
  spend((MAX_VALUE_PARTS - room.parts) * PART + (MAX_VALUE_CHARS - room.characters) / CHARS_PER_UNIT);
  return plain;
}

function convert(value: unknown, depth: number, room: Room): unknown {
  room.parts -= 1;
  if (room.parts < 0 || depth > MAX_VALUE_DEPTH) throw new ValueError('value_too_large', 'value has too many parts');
  switch (typeof value) {
    case 'string':
      room.characters -= value.length;
      if (room.characters < 0) throw new ValueError('value_too_large', `value above ${MAX_VALUE_CHARS} characters`);
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
      if (Array.isArray(value)) return convertList(value, depth, room);
      if (value instanceof Date) return value.toISOString();
      if (isRecord(value)) return convertMap(value, depth, room);
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

function convertList(list: readonly unknown[], depth: number, room: Room): readonly unknown[] {
  if (list.length > MAX_LIST) throw new ValueError('value_too_large', `list above ${MAX_LIST}`);
  let copy: unknown[] | null = null;
  for (let index = 0; index < list.length; index += 1) {
    const plain = convert(list[index], depth + 1, room);
    if (!copy && plain !== list[index]) copy = list.slice(0, index);
    copy?.push(plain);
  }
  return copy ?? list;
}

function convertMap(map: Readonly<Record<string, unknown>>, depth: number, room: Room): object {
  let copy: Record<string, unknown> | null = null;
  for (const [key, value] of Object.entries(map)) {
    room.characters -= key.length;
    const plain = value === undefined ? null : convert(value, depth + 1, room);
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
