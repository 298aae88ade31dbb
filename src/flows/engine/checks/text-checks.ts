import type { Text } from '../document/values.js';
import { ExpressionError } from '../expressions/expressions.js';
import { splitTemplate } from '../expressions/templates.js';
import { stepSites, type TextRole, type TextSite } from '../flow-sites.js';
import { type FlowProblem, pathOf } from '../flow-problem.js';
import type { Draft } from './draft.js';

/** Characters the official channel shows (Cloud API, interactive messages); literal parts only are counted. */
const LIMITS: Readonly<Partial<Record<TextRole, number>>> = {
  body: 1024,
  caption: 1024,
  button: 20,
  list_button: 20,
  row: 24,
  description: 72,
};
const LANGUAGE_FREE: ReadonlySet<TextRole> = new Set(['raw', 'note', 'url']);
/** Shorter texts (OK, No, Menu) are often the same in two languages. */
const MIN_TRANSLATED = 12;

/** E109 (languages) and E110 (lengths). */
export function textProblems({ document, steps }: Draft): FlowProblem[] {
  const sites = steps.flatMap((step, index) => (step ? stepSites(step, index) : []));
  return sites
    .filter((site) => site.kind === 'text')
    .flatMap((site) => [...languageProblems(site, document.locales), ...lengthProblems(site)]);
}

function languageProblems({ text, role, step, path }: TextSite, locales: readonly string[]): FlowProblem[] {
  if (locales.length === 0) return [];
  const e109 = (message: string, severity: FlowProblem['severity'] = 'error', ...keys: string[]): FlowProblem => {
    return { code: 'E109', severity, step, path: pathOf([...path, ...keys]), message };
  };
  if (typeof text === 'string') {
    if (locales.length === 1 || LANGUAGE_FREE.has(role) || !hasWords(text)) return [];
    return [e109(`one text for ${locales.join(', ')}: give one per language`)];
  }
  const standard = text[locales[0] ?? ''];
  return [
    ...locales
      .filter((locale) => !Object.hasOwn(text, locale))
      .map((locale) => e109(`the text for ${locale} is missing`)),
    ...Object.entries(text).flatMap(([locale, translation]) => {
      if (!locales.includes(locale)) return [e109(`${locale} is not among the locales`, 'error', locale)];
      const isCopy =
        locale !== locales[0] && translation === standard && literalOf(translation).length >= MIN_TRANSLATED;
      return isCopy && hasWords(translation) ? [e109(`the same as in ${locales[0]}`, 'warning', locale)] : [];
    }),
  ];
}

function lengthProblems({ text, role, step, path }: TextSite): FlowProblem[] {
  const limit = LIMITS[role];
  if (limit === undefined) return [];
  return variants(text).flatMap(([keys, variant]) => {
    const { length } = literalOf(variant);
    if (length <= limit) return [];
    const message = `${length} characters; WhatsApp shows ${limit} here`;
    return [{ code: 'E110', severity: 'error' as const, step, path: pathOf([...path, ...keys]), message }];
  });
}

export function variants(text: Text): readonly (readonly [readonly string[], string])[] {
  return typeof text === 'string' ? [[[], text]] : Object.entries(text).map(([locale, variant]) => [[locale], variant]);
}

function hasWords(text: string): boolean {
  return /\p{L}/u.test(literalOf(text));
}

/** The text without its expressions; one that does not even split is E106's. */
function literalOf(text: string): string {
  try {
    return splitTemplate(text)
      .filter((part) => typeof part === 'string')
      .join('');
  } catch (error) {
    if (error instanceof ExpressionError) return '';
    throw error;
  }
}
