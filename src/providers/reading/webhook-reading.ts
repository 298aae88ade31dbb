import { createHash } from 'node:crypto';
import { z } from 'zod';
import { toStorableText, toStorableValue } from '../../messages/storable.js';

const MAX_ID = 255;
const MAX_DEPTH = 16;

/** Foreign JSON of any shape; what is nested absurdly deep is left out. */
export function storableJson(value: unknown): unknown {
  return toStorableValue(value, MAX_DEPTH);
}

export type JsonRecord = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Ids come as strings, here and there as numbers. */
export const idField = z
  .union([z.string(), z.number().transform(String)])
  .transform((text) => toStorableText(text))
  .pipe(z.string().min(1).max(MAX_ID));
export const textField = z.string().transform((text) => toStorableText(text));
export const filledField = textField.pipe(z.string().min(1));
export const optionalId = idField.optional().catch(undefined);
export const optionalText = textField.optional().catch(undefined);
/** Numbers come as such or as decimal strings; nothing else counts as one. */
export const numberField = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d+(\.\d+)?$/)
    .transform(Number),
]);
/** Degrees. */
export const latitudeField = numberField.pipe(z.number().min(-90).max(90));
export const longitudeField = numberField.pipe(z.number().min(-180).max(180));
export const optionalFlag = z.boolean().optional().catch(undefined);

/** Seconds since 1970, as a string or number; undefined when it is no time we can store. */
export const timeField = z
  .union([z.string().regex(/^\d{1,11}$/), z.number().int().min(0).max(99_999_999_999)])
  .transform((seconds) => new Date(Number(seconds) * 1000))
  .optional()
  .catch(undefined);

/** The same message again gives the same id, so that a second delivery is still seen as one. */
export function idFromContent(value: unknown): string {
  return `unidentified.${createHash('sha256')
    .update(JSON.stringify(storableJson(value)))
    .digest('hex')}`;
}

/** At most 4 kB of what could not be read, for a person to look at. */
export function excerpt(value: unknown): string {
  return toStorableText(JSON.stringify(storableJson(value)) ?? 'undefined', 4096);
}
