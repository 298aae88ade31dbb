import { z } from 'zod';

export const LANGS = ['es', 'en', 'pt'] as const;
export type Lang = (typeof LANGS)[number];

/** A text per language; Spanish is always there and stands in for the others. */
export type LocalizedText = { readonly es: string; readonly en?: string; readonly pt?: string };

/** @param maxChars of each text; none may be empty */
export function localizedText(maxChars: number) {
  const text = z.string().trim().min(1).max(maxChars);
  return z
    .strictObject({ es: text, en: text.optional(), pt: text.optional() })
    .describe('Per language; Spanish stands in for a missing one');
}

export function textIn(lang: Lang, text: LocalizedText): string {
  return text[lang] ?? text.es;
}

/** Lower case without accents, so that "cafe" finds "Café". */
export function fold(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase().trim();
}
