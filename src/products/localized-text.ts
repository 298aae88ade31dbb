export type Lang = 'es' | 'en' | 'pt';

/** A text per language; Spanish is always there and stands in for the others. */
export type LocalizedText = { readonly es: string; readonly en?: string; readonly pt?: string };

export function textIn(lang: Lang, text: LocalizedText): string {
  return text[lang] ?? text.es;
}

/** Lower case without accents, so that "cafe" finds "Café". */
export function fold(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase().trim();
}

/** LIKE patterns, one per word of what was typed: a row matches when it holds all of them. */
export function wordPatterns(text: string): string[] {
  const words = fold(text).split(/\s+/).filter(Boolean);
  return words.map((word) => `%${word.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`);
}
