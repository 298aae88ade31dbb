import type { InboundContent } from '../../../messages/message-content.js';
import { toStorableText } from '../../../messages/storable.js';
import { foldAnswer } from '../expressions/fold.js';
import type { TurnEvent } from '../turn-types.js';
import { takeResult } from './effect-steps.js';
import { FlowFault } from '../fault.js';
import { type Outcome, REST } from './outcome.js';
import { sendText } from './outgoing.js';
import { answer, isPendingOption } from './question.js';
import { endSession, startSession } from './session-ends.js';
import { holdsForEvent, isAwaited } from './steps.js';
import { onTimer } from './timers.js';
import type { TurnRun } from './turn-run.js';

type EventOf<K extends TurnEvent['kind']> = Extract<TurnEvent, { kind: K }>;

const MAX_TURNS = 500;
/** WhatsApp's own cap on a text. */
const MAX_TEXT = 4096;
/** They are about other messages, or nobody said them. */
const NO_ANSWER: ReadonlySet<string> = new Set(['reaction', 'edit', 'revoke', 'system']);

/** What the event leads to; null when it changes nothing. @throws FlowFault */
export function onEvent(run: TurnRun, event: TurnEvent): Outcome | null {
  const outcome = dispatch(run, event);
  if (outcome === null) run.note('ignored', event.kind);
  else if (isRunning(run)) run.running.n.turns += 1;
  return outcome;
}

function dispatch(run: TurnRun, event: TurnEvent): Outcome | null {
  const isNews = event.kind === 'message' ? isSaid(event.content) : true;
  if (!isNews) return null;
  if (isRunning(run) && run.running.stack.length > 0) checkSession(run);
  switch (event.kind) {
    case 'message':
      return onMessage(run, event);
    case 'result':
      return onResult(run, event);
    case 'timer':
      return isRunning(run) ? onTimer(run) : null;
    case 'resume':
      return onResume(run);
    default:
      return onBusinessEvent(run, event);
  }
}

function isSaid({ type, isPlaceholder }: InboundContent): boolean {
  return !NO_ANSWER.has(type) && !isPlaceholder;
}

function isRunning({ session }: TurnRun): boolean {
  return session !== null && session.mode !== 'ended';
}

function checkSession({ running, input }: TurnRun): void {
  if (running.ver !== input.flow.sha256) {
    throw new FlowFault('version_mismatch', `the session is pinned to ${running.ver}`, true);
  }
  if (running.n.turns >= MAX_TURNS) throw new FlowFault('budget_turns', 'the session goes on for too long', true);
}

function onMessage(run: TurnRun, { id, content }: EventOf<'message'>): Outcome | null {
  const isNew = !isRunning(run);
  if (isNew) startSession(run);
  const said = { ...content, text: toStorableText(content.text, MAX_TEXT) };
  const { type, text, choiceId = '', location, media, order, form } = said;
  run.hear({
    id,
    type,
    text,
    choiceId,
    ...(location && { location }),
    ...(media && { media }),
    ...(order && { order }),
    ...(form && { form }),
  });
  const jump = anytime(run, said);
  if (jump !== null) return { go: jump };
  if (isNew) return { go: run.frame.step };
  const { wait } = run.running;
  const { step } = run;
  if (wait?.kind === 'answer' && step.type === 'question') return answer(run, step, said, wait);
  if (step.type !== 'wait') return null;
  if (step.meanwhile) sendText(run, run.text(step.meanwhile.text));
  return REST;
}

/** Where an anytime word leads, first of the running flow, then of those that called it; those in between are left. */
function anytime(run: TurnRun, content: InboundContent): string | null {
  if (content.type !== 'text' && content.type !== 'choice') return null;
  const { stack } = run.running;
  const word = foldAnswer(content.text);
  const depth = stack.findLastIndex((frame) => run.flowOf(frame).anytime.has(word));
  const go = depth === -1 ? undefined : run.flowOf(stack[depth] ?? run.frame).anytime.get(word);
  if (go === undefined || keepsTo(run, content)) return null;
  stack.length = depth + 1;
  run.forgetContext();
  run.note('jump', go);
  return go;
}

/** The pending question wants this one for itself. */
function keepsTo(run: TurnRun, { choiceId }: InboundContent): boolean {
  if (run.running.wait?.kind !== 'answer' || run.step.type !== 'question') return false;
  return run.step.interruptible === false || (choiceId !== undefined && isPendingOption(run, run.step, choiceId));
}

function onResult(run: TurnRun, event: EventOf<'result'>): Outcome | null {
  const wait = isRunning(run) ? run.running.wait : null;
  if (wait?.kind !== 'effect' || wait.effectId !== event.effectId) return null;
  const { step } = run;
  return step.type === 'action' || step.type === 'api' ? takeResult(run, step, event) : null;
}

function onResume(run: TurnRun): Outcome | null {
  if (!isRunning(run) || run.running.mode !== 'human') return null;
  if (run.running.stack.length === 0) {
    run.session = null;
    return REST;
  }
  const { step } = run;
  run.running.mode = 'bot';
  if (step.type === 'handoff' && step.resume !== undefined) return { go: step.resume };
  endSession(run, 'resolved');
  return REST;
}

function onBusinessEvent(run: TurnRun, { name }: EventOf<'event'>): Outcome | null {
  if (!isRunning(run)) return startByEvent(run, name);
  const { running } = run;
  if (running.mode === 'human') return null;
  const { step } = run;
  if (running.wait?.kind === 'event' && step.type === 'wait' && isAwaited(run, step, name)) {
    run.assign(run.evaluateAll(step.save));
    return { go: step.next };
  }
  return jumpByEvent(run, name);
}

function startByEvent(run: TurnRun, name: string): Outcome | null {
  if (!run.input.flow.document.events?.some(({ event }) => event === name)) return null;
  const before = run.session;
  startSession(run);
  const outcome = jumpByEvent(run, name);
  if (outcome === null) run.session = before;
  return outcome;
}

function jumpByEvent(run: TurnRun, name: string): Outcome | null {
  const { stack } = run.running;
  const [first] = stack;
  const events = first ? (run.flowOf(first).document.events ?? []) : [];
  if (!events.some(({ event }) => event === name)) return null;
  const called = stack.splice(1);
  run.forgetContext();
  const go = events.find(({ event, where }) => event === name && holdsForEvent(run, where))?.go;
  if (go === undefined) {
    stack.push(...called);
    run.forgetContext();
    return null;
  }
  run.note('jump', go);
  return { go };
}
