import { MAX_DURATION_TEXT, MAX_TEXT } from '../limits.js';
import type { WorkMeter } from './work-meter.js';

/** Costs of calls in units of work, from the sizes of what goes in, each measured at its worst. */

const CHARS_PER_UNIT = 32;
/** Taking a large map apart is a look-up per key. */
export const KEY = 12;
/** A call looks for the function that fits its arguments. */
const CALL = 10;
/** Making a formatter takes 20 to 50 µs. */
export const FORMATTER = 2000;
const FORMAT = 80;
/** cel-js writes the moment down as it is in the zone and reads that again. */
const IN_ZONE = 5000;

/**
 * What looking at a value costs. cel-js looks at the first element of lists and maps to tell their types, and the first
 * key of a large map is as dear as all of them.
 */
export function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length / CHARS_PER_UNIT;
  if (typeof value !== 'object' || value === null) return 0;
  if (Array.isArray(value)) return value.length / 8 + sizeOf(value[0]);
  if (value instanceof Uint8Array) return value.length / CHARS_PER_UNIT;
  const values: unknown[] = Object.values(value);
  return values.length * KEY + sizeOf(values[0]);
}

/** Spends what comparing a value part by part costs; stops as soon as that is too much. */
export function spendOnParts(value: unknown, work: WorkMeter): void {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) {
    work.spend(1 + sizeOf(value));
    return;
  }
  const values: unknown[] = Array.isArray(value) ? value : Object.values(value);
  work.spend(1 + values.length * (Array.isArray(value) ? 2 : KEY));
  for (const part of values) spendOnParts(part, work);
}

type Cost = (args: readonly unknown[]) => number;

const lengthOf = (value: unknown) => (typeof value === 'string' || value instanceof Uint8Array ? value.length : 0);

const perCharacter =
  (units: number): Cost =>
  ([text]) =>
    lengthOf(text) * units;

/** Looking for a text in another is quadratic when both are made for it. */
const search: Cost = ([text, sought]) => lengthOf(text) * (1 + lengthOf(sought) / 128);

/** Of a zone; without one it is read off the timestamp. */
const inZone: Cost = ({ length }) => (length > 1 ? IN_ZONE : 1);

/** @throws Error what would come out is above its cap */
const joined: Cost = ([list, separator]) => {
  if (!Array.isArray(list)) return 0;
  const characters = list.reduce<number>((sum, text) => sum + lengthOf(text) + lengthOf(separator), 0);
  if (characters - lengthOf(separator) > MAX_TEXT) throw new Error(`text above ${MAX_TEXT} characters`);
  return list.length + characters / CHARS_PER_UNIT;
};

/** @throws Error no duration is as long */
const duration: Cost = ([text]) => {
  if (lengthOf(text) > MAX_DURATION_TEXT) throw new Error(`duration longer than ${MAX_DURATION_TEXT} characters`);
  return 100;
};

const COSTS: Readonly<Record<string, Cost>> = {
  fold: perCharacter(3),
  lower: perCharacter(1),
  lowerAscii: perCharacter(1),
  upperAscii: perCharacter(1),
  trim: perCharacter(1),
  size: ([value]) => (typeof value === 'string' ? value.length : sizeOf(value)),
  double: perCharacter(1),
  json: ([bytes]) => 40 + lengthOf(bytes) * 3,
  contains: search,
  indexOf: search,
  lastIndexOf: search,
  split: search,
  join: joined,
  lines: joined,
  duration,
  date: ([value]) => FORMAT + lengthOf(value),
  timestamp: () => FORMAT,
  money: ([, currency]) => FORMAT + lengthOf(currency),
  getDate: inZone,
  getDayOfMonth: inZone,
  getDayOfWeek: inZone,
  getDayOfYear: inZone,
  getFullYear: inZone,
  getHours: inZone,
  getMilliseconds: inZone,
  getMinutes: inZone,
  getMonth: inZone,
  getSeconds: inZone,
};

/** @param args of a call, its receiver first */
export function costOf(name: string, args: readonly unknown[]): number {
  const own = Object.hasOwn(COSTS, name) ? COSTS[name]?.(args) : undefined;
  return CALL + (own ?? 0) + args.reduce<number>((sum, value) => sum + sizeOf(value), 0);
}
