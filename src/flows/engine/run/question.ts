import type { InboundContent } from '../../../messages/message-content.js';
import { optionsOf, rowsOf } from './option-list.js';
import { readAnswer } from './read-answer.js';
import { NO_ID, YES_ID } from '../answers/yes-no.js';
import type { Answer } from '../document/answer-types.js';
import type { StepOf } from '../document/step-types.js';
import { durationMs } from '../document/values.js';
import { foldAnswer } from '../expressions/fold.js';
import { answerCelType } from '../flow-sites.js';
import type { RestWait } from '../session-state.js';
import { builtinText } from './builtin-texts.js';
import { FlowFault } from '../fault.js';
import type { Outcome } from './outcome.js';
import { sendChoices, sendMedia, sendText } from './outgoing.js';
import type { TurnRun } from './turn-run.js';
import { rest } from './waiting.js';

/** Wrong answers that are asked again about when the question does not say; the next one calls a person. */
const DEFAULT_RETRIES = 2;

type Question = StepOf<'question'>;

export function ask(run: TurnRun, step: Question): Outcome {
  if (step.media) sendMedia(run, step.media);
  prompt(run, step, run.text(step.text), 0);
  return waitForAnswer(run, step, 0);
}

function waitForAnswer(run: TurnRun, step: Question, page: number): Outcome {
  const deadlineMs = step.timeout ? run.input.nowMs + durationMs(step.timeout.after) : null;
  return rest(run, step, 'answer', deadlineMs, page);
}

function prompt(run: TurnRun, { answer }: Question, text: string, page: number): void {
  const { lang } = run.running;
  switch (answer.type) {
    case 'choice':
      sendChoices(run, text, rowsOf(optionsOf(run, answer), page, lang), answer.button);
      return;
    case 'yes_no':
      sendChoices(run, text, [
        { id: YES_ID, title: builtinText('yes', lang) },
        { id: NO_ID, title: builtinText('no', lang) },
      ]);
      return;
    case 'multi_choice': {
      const rows = optionsOf(run, answer).map(({ title }, index) => `${index + 1}. ${title}`);
      sendText(run, [text, ...rows].join('\n'));
      return;
    }
    default:
      sendText(run, text);
  }
}

/** Takes the answer, asks again, or goes where the question says after too many wrong ones. */
export function answer(run: TurnRun, step: Question, content: InboundContent, { page = 0 }: RestWait): Outcome {
  const { answer: wanted } = step;
  if (isSkipped(wanted, content)) {
    run.note('answer', 'skipped');
    if (step.save !== undefined) run.assign({ [step.save]: null });
    return { go: step.next };
  }
  const reading = readAnswer(run, wanted, content, page);
  if (reading === 'more') {
    run.note('answer', 'more');
    prompt(run, step, run.text(step.text), page + 1);
    return waitForAnswer(run, step, page + 1);
  }
  if (reading === null || !passes(run, wanted, reading.value)) return again(run, step, reading !== null, page);
  run.note('answer', 'taken');
  if (step.save !== undefined) run.assign({ [step.save]: reading.value });
  return { go: reading.go ?? step.next };
}

function isSkipped({ skip }: Answer, { text }: InboundContent): boolean {
  if (skip === undefined) return false;
  const said = foldAnswer(text);
  return skip.some((word) => foldAnswer(word) === said);
}

function passes(run: TurnRun, wanted: Answer, value: unknown): boolean {
  if (wanted.check === undefined) return true;
  const type = answerCelType(wanted);
  const known = type === 'int' ? BigInt(value as number) : value;
  return run.evaluate(wanted.check, `answer:${type}`, { answer: known }) === true;
}

function again(run: TurnRun, step: Question, failedCheck: boolean, page: number): Outcome {
  const { retry, answer: wanted } = step;
  run.note('answer', failedCheck ? 'refused' : 'not understood');
  run.frame.tries += 1;
  if (run.frame.tries > (retry?.max ?? DEFAULT_RETRIES)) {
    if (retry?.go !== undefined) return { go: retry.go };
    throw new FlowFault('no_answer', `no answer after ${run.frame.tries} tries`);
  }
  const text = (failedCheck ? wanted.error : undefined) ?? retry?.text;
  prompt(run, step, text ? run.text(text) : builtinText('retry', run.running.lang), page);
  return waitForAnswer(run, step, page);
}

/** Whether the tap is on one of the options asked about, and not on a button of an older message. */
export function isPendingOption(run: TurnRun, step: Question, choiceId: string): boolean {
  const { answer: wanted } = step;
  if (wanted.type === 'yes_no') return choiceId === YES_ID || choiceId === NO_ID;
  return wanted.type === 'choice' && optionsOf(run, wanted).some(({ id }) => id === choiceId);
}
