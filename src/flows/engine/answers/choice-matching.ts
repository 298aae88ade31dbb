import type { ChoiceOption } from '../../../messages/message-content.js';
import { MORE_OPTION_ID } from '../checks/shape-rules.js';
import { fold, foldAnswer } from '../expressions/fold.js';

export type AnswerOption = ChoiceOption & {
  readonly go?: string;
  /** Computed for the chosen one only. */
  value(): unknown;
};

export type Said = { readonly text: string; readonly choiceId?: string };
export type Match = { readonly option: AnswerOption } | 'more' | null;

/** Words for the next page, in every language: nobody types the ellipsis. */
const MORE_WORDS: ReadonlySet<string> = new Set(
  'mas,ver mas,more,show more,mais,ver mais,siguiente,next,proxima'.split(','),
);
const MIN_PREFIX = 2;

/**
 * Id → exact title → number typed → folded title → unique prefix. Numbers count what is shown now; everything else
 * looks at the whole list.
 *
 * @param shown the options on the page the customer sees
 */
export function matchChoice(
  { text, choiceId }: Said,
  options: readonly AnswerOption[],
  shown: readonly AnswerOption[],
  hasMore: boolean,
): Match {
  const typed = text.trim();
  if (hasMore && choiceId === MORE_OPTION_ID) return 'more';
  const exact =
    options.find(({ id }) => id === (choiceId ?? typed)) ?? options.find(({ title }) => title.trim() === typed);
  if (exact) return { option: exact };
  const number = typedNumber(typed);
  const counted = number === null ? undefined : shown[number - 1];
  if (counted) return { option: counted };
  if (hasMore && number === shown.length + 1) return 'more';
  const folded = foldAnswer(typed);
  if (folded === '') return null;
  const same = only(options.filter((option) => foldedTitle(option) === folded));
  if (same) return { option: same };
  if (hasMore && MORE_WORDS.has(folded)) return 'more';
  if (folded.length < MIN_PREFIX) return null;
  const begun = only(options.filter((option) => foldedTitle(option).startsWith(folded)));
  return begun ? { option: begun } : null;
}

/** Kept, since every part of a text is looked for among all options. */
const foldedTitles = new WeakMap<AnswerOption, string>();

function foldedTitle(option: AnswerOption): string {
  const known = foldedTitles.get(option);
  if (known !== undefined) return known;
  const folded = foldAnswer(option.title);
  foldedTitles.set(option, folded);
  return folded;
}

/** "2", "2.", "2)", "#2" and the keycap emoji. */
function typedNumber(text: string): number | null {
  const [, digits] = /^#?([0-9]{1,3})[.)]?$/.exec(fold(text)) ?? [];
  return digits === undefined ? null : Number(digits);
}

/** Several choices in one text: numbers or titles between commas, semicolons, lines, "y", "e" or "and". */
export function matchChoices(text: string, options: readonly AnswerOption[]): readonly AnswerOption[] | null {
  const whole = matchChoice({ text }, options, options, false);
  if (whole && whole !== 'more') return [whole.option];
  const listed =
    splitAndMatch(text, /[,;\n]+/u, options) ?? splitAndMatch(text, /[,;\n]+|\s(?:y|e|and|&|\+)\s/iu, options);
  return listed ?? splitAndMatch(text, /[\s,;]+/u, options);
}

function splitAndMatch(
  text: string,
  separator: RegExp,
  options: readonly AnswerOption[],
): readonly AnswerOption[] | null {
  const parts = text
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (parts.length === 0 || parts.length > options.length) return null;
  const found = new Set<AnswerOption>();
  for (const part of parts) {
    const match = matchChoice({ text: part }, options, options, false);
    if (!match || match === 'more') return null;
    found.add(match.option);
  }
  return [...found];
}

function only<T>(items: readonly T[]): T | undefined {
  return items.length === 1 ? items[0] : undefined;
}
