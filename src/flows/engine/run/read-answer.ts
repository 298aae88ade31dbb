import { parsePhoneNumberFromString } from 'libphonenumber-js';
import type { InboundContent } from '../../../messages/message-content.js';
import type { Answer, AnswerOf, ChoiceAnswer } from '../document/answer-types.js';
import { compilePattern, patternWork } from '../expressions/patterns.js';
import { localDateTime } from '../expressions/formats.js';
import { toPlain, ValueError } from '../expressions/plain-value.js';
import type { TurnRun } from './turn-run.js';
import { matchChoice, matchChoices } from '../answers/choice-matching.js';
import { readDate, readTime, type SaidAt } from '../answers/date-answer.js';
import { readNumber } from '../answers/number-answer.js';
import { optionsOf, pageOf } from './option-list.js';
import { readYesNo } from '../answers/yes-no.js';

/** RFC 5321 */
const MAX_EMAIL = 254;
/** Characters of a text that lists several choices. */
const MAX_LISTED = 1000;

/** What was understood. `go` is the chosen option's own way. */
export type Reading = { readonly value: unknown; readonly go?: string } | 'more' | null;

/**
 * @param page of the list of options the customer sees
 * @returns null also for what is more than a session holds
 * @throws FlowFault an expression of the options fails
 */
export function readAnswer(run: TurnRun, answer: Answer, content: InboundContent, page: number): Reading {
  const reading = read(run, answer, content, page);
  if (reading === null || reading === 'more') return reading;
  try {
    return { ...reading, value: toPlain(reading.value, (units) => run.spend(units)) };
  } catch (error) {
    if (error instanceof ValueError) return null;
    throw error;
  }
}

function read(run: TurnRun, answer: Answer, content: InboundContent, page: number): Reading {
  switch (answer.type) {
    case 'choice':
      return readChoice(run, answer, content, page);
    case 'multi_choice':
      return readChoices(run, answer, content);
    case 'location':
      return content.location ? { value: { name: '', ...content.location } } : null;
    case 'media':
      return readMedia(answer, content);
    case 'contact':
      return content.type === 'contacts' ? { value: { text: content.text } } : null;
    case 'order':
      return content.order ? { value: { items: content.order.items } } : null;
    case 'form':
      return content.form ? { value: content.form } : null;
    case 'any':
      return { value: content.text };
    default:
      return content.type === 'text' || content.type === 'choice' ? readText(run, answer, content) : null;
  }
}

function readText(
  run: TurnRun,
  answer: Exclude<Answer, ChoiceAnswer | AnswerOf<'location' | 'media' | 'contact' | 'order' | 'form' | 'any'>>,
  content: InboundContent,
): Reading {
  const text = content.text.trim();
  const locale = run.running.lang;
  const at: SaidAt = { nowMs: run.input.nowMs, timeZone: run.timeZone, locale };
  switch (answer.type) {
    case 'text':
      return isWanted(run, text, answer) ? { value: text } : null;
    case 'number':
      return within(readNumber(text, locale), answer, answer.integer);
    case 'email':
      return found(readEmail(text));
    case 'phone':
      return found(readPhone(text, answer.country, run));
    case 'date': {
      const min = answer.min ?? (answer.past_ok ? undefined : localDateTime(at.nowMs, at.timeZone).date);
      return within(readDate(text, at), { min, max: answer.max });
    }
    case 'time':
      return within(readTime(text, at), answer);
    default:
      return found(readYesNo(content));
  }
}

function found(value: string | boolean | null): Reading {
  return value === null ? null : { value };
}

function within<T extends string | number>(
  value: T | null,
  { min, max }: { readonly min?: T; readonly max?: T },
  integer = false,
): Reading {
  if (value === null || (min !== undefined && value < min) || (max !== undefined && value > max)) return null;
  return integer && !Number.isSafeInteger(value) ? null : { value };
}

function isWanted(
  run: TurnRun,
  text: string,
  { min_len: min = 1, max_len: max = 4096, pattern }: AnswerOf<'text'>,
): boolean {
  if (text.length < min || text.length > max) return false;
  if (pattern === undefined) return true;
  const compiled = compilePattern(pattern);
  run.spend(patternWork(compiled, text));
  return compiled.testExact(text);
}

/** The one word with an @, without the punctuation around it. */
function readEmail(text: string): string | null {
  const [word = '', ...others] = text.split(/[\s<>,;]+/u).filter((part) => part.includes('@'));
  if (others.length > 0 || word.length > MAX_EMAIL) return null;
  const email = word.replace(/^(mailto:|[("'])+/i, '').replace(/[.)"'!?]+$/, '');
  return /^[^\s@"(),:;<>[\]\\]{1,64}@([A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}$/.test(email) ? email.toLowerCase() : null;
}

/** In E.164. A number without a country code is taken for one of `country`, else of the contact's own. */
function readPhone(text: string, country: string | undefined, run: TurnRun): string | null {
  const own = run.input.contact['phone'];
  const near = country ?? (typeof own === 'string' ? parsePhoneNumberFromString(own)?.country : undefined);
  const number = parsePhoneNumberFromString(text.slice(0, 40), near ? { defaultCountry: near as 'CO' } : undefined);
  return number?.isValid() ? number.number : null;
}

function readChoice(run: TurnRun, answer: AnswerOf<'choice'>, content: InboundContent, page: number): Reading {
  const options = optionsOf(run, answer);
  const { shown, hasMore } = pageOf(options, page);
  const match = matchChoice(content, options, shown, hasMore);
  if (match === null || match === 'more') return match;
  return { value: match.option.value(), ...(match.option.go ? { go: match.option.go } : {}) };
}

function readChoices(run: TurnRun, answer: AnswerOf<'multi_choice'>, content: InboundContent): Reading {
  const options = optionsOf(run, answer);
  const { min = 1, max = options.length } = answer;
  const text = content.text.slice(0, MAX_LISTED);
  // Each part of the text is looked for among all options, cut in three ways.
  run.spend(3 * Math.min(text.length, options.length) * options.length);
  const chosen = matchChoices(text, options);
  if (!chosen || chosen.length < min || chosen.length > max) return null;
  return { value: chosen.map((option) => option.value()) };
}

function readMedia({ kinds }: AnswerOf<'media'>, { type, media }: InboundContent): Reading {
  if (!media || (kinds && !kinds.some((kind) => kind === type))) return null;
  const { id, mimeType, caption = '', filename = '', sha256 = '' } = media;
  return { value: { kind: type, id, mimeType, caption, filename, sha256 } };
}
