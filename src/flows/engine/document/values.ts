import { z } from 'zod';
import { MAX_EXPRESSION } from '../limits.js';
import { localeSchema } from './names.js';

/** Longest text a step may hold, before its expressions are filled in. */
const MAX_TEXT = 4096;

const template = z.string().min(1).max(MAX_TEXT);

export const textSchema = z
  .union([template, z.record(localeSchema, template)], 'must be a text, or one text per language')
  .describe('Text for the customer with {{ CEL }}: a string when the flow has one language, else {language: string}')
  .meta({ id: 'FlowText' });
export type Text = z.infer<typeof textSchema>;

export const templateSchema = template.describe('Text with {{ CEL }}, the same in every language');

export const expressionSchema = z.string().min(1).max(MAX_EXPRESSION).describe('A CEL expression');

export const durationSchema = z
  .string()
  .regex(/^[1-9][0-9]{0,6}(ms|s|m|h|d)$/, 'must be a duration such as 30s, 15m, 2h or 1d')
  .refine((text) => durationMs(text) <= MAX_DURATION_MS, 'must be at most 90d')
  .describe('30s, 15m, 2h or 1d; at most 90d');

const MAX_DURATION_MS = 90 * 86_400_000;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** @param text what `durationSchema` accepted */
export function durationMs(text: string): number {
  const unit = text.endsWith('ms') ? 'ms' : text.slice(-1);
  return Number.parseInt(text, 10) * (UNIT_MS[unit] ?? Number.NaN);
}
