import type { ChoiceOption } from '../../../messages/message-content.js';
import type { AnswerOption } from '../answers/choice-matching.js';
import { MORE_OPTION_ID } from '../checks/shape-rules.js';
import type { ChoiceAnswer } from '../document/answer-types.js';
import { builtinText } from './builtin-texts.js';
import { FlowFault } from '../fault.js';
import { clip, MAX_TITLE } from './clip.js';
import type { TurnRun } from './turn-run.js';

/** Rows a WhatsApp list has; a longer list is shown in pages of one less and a "More…" row. */
const MAX_ROWS = 10;
const PAGE = MAX_ROWS - 1;

/** @throws FlowFault an expression fails, or there is nothing to choose from */
export function optionsOf(run: TurnRun, answer: ChoiceAnswer): readonly AnswerOption[] {
  const options = answer.options ? staticOptions(run, answer.options) : listedOptions(run, answer);
  if (options.length === 0) throw new FlowFault('no_options', 'there is nothing to choose from');
  return options;
}

function staticOptions(run: TurnRun, options: NonNullable<ChoiceAnswer['options']>): readonly AnswerOption[] {
  return options.map(({ id, title, description, value, go }) => ({
    id,
    title: clip(run.text(title), MAX_TITLE),
    ...(description ? { description: run.text(description) } : {}),
    ...(go ? { go } : {}),
    value: () => value ?? id,
  }));
}

/** Elements whose id came before are left out: WhatsApp refuses a list that repeats one. */
function listedOptions(run: TurnRun, { from = '[]', option }: ChoiceAnswer): readonly AnswerOption[] {
  const list = run.evaluate(from);
  if (!Array.isArray(list)) throw new FlowFault('wrong_type', `${from} is not a list`);
  const byId = new Map<string, AnswerOption>();
  list.forEach((item: unknown, index) => {
    const evaluate = (source: string) => run.evaluate(source, 'option', { item, index: BigInt(index) });
    const shown = (source: string | undefined) => (source === undefined ? '' : asText(evaluate(source)));
    const id = shown(option?.id).slice(0, 200);
    if (id === '' || byId.has(id)) return;
    const description = shown(option?.description);
    byId.set(id, {
      id,
      title: clip(shown(option?.title), MAX_TITLE),
      ...(description ? { description } : {}),
      value: () => (option?.value === undefined ? item : evaluate(option.value)),
    });
  });
  return [...byId.values()];
}

function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

/** What the customer sees of the list at a time; pages go round. */
export function pageOf(
  options: readonly AnswerOption[],
  page: number,
): { readonly shown: readonly AnswerOption[]; readonly hasMore: boolean } {
  if (options.length <= MAX_ROWS) return { shown: options, hasMore: false };
  const first = (page % Math.ceil(options.length / PAGE)) * PAGE;
  return { shown: options.slice(first, first + PAGE), hasMore: true };
}

export function rowsOf(options: readonly AnswerOption[], page: number, locale: string): readonly ChoiceOption[] {
  const { shown, hasMore } = pageOf(options, page);
  return hasMore ? [...shown, { id: MORE_OPTION_ID, title: builtinText('more', locale) }] : shown;
}
