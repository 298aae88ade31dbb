import type { Step, StepOf } from '../document/step-types.js';
import { durationMs } from '../document/values.js';
import { startAction, startApi } from './effect-steps.js';
import { FlowFault } from '../fault.js';
import { percentOf } from './ids.js';
import type { Outcome } from './outcome.js';
import { clip } from './clip.js';
import { sendMessageStep, sendText } from './outgoing.js';
import { ask } from './question.js';
import { endFlow } from './session-ends.js';
import type { TurnRun } from './turn-run.js';
import { rest } from './waiting.js';

/** Flows a flow may have called that have not ended. */
const MAX_DEPTH = 8;
const MAX_NOTE = 1000;

/** Does one step. @throws FlowFault */
export function execute(run: TurnRun, step: Step): Outcome {
  switch (step.type) {
    case 'message':
      sendMessageStep(run, step);
      return { go: step.next };
    case 'question':
      return ask(run, step);
    case 'decision':
      return { go: decide(run, step) };
    case 'action':
      return startAction(run, step);
    case 'api':
      return startApi(run, step);
    case 'set':
      run.assign(run.evaluateAll(step.set));
      return { go: step.next };
    case 'wait':
      return startWait(run, step);
    case 'subflow':
      return call(run, step);
    case 'handoff':
      return handOver(run, step);
    default:
      return endFlow(run, step);
  }
}

function decide(run: TurnRun, step: StepOf<'decision'>): string | undefined {
  if (step.split) {
    const drawn = percentOf(run.running.sess, step.id);
    let below = 0;
    return step.split.find(({ percent }) => drawn < (below += percent))?.go;
  }
  return step.rules?.find(({ when }) => isTrue(run.evaluate(when), when))?.go ?? step.else;
}

function isTrue(value: unknown, source: string): boolean {
  if (typeof value === 'boolean') return value;
  throw new FlowFault('wrong_type', `${source} is not true or false`);
}

function startWait(run: TurnRun, step: StepOf<'wait'>): Outcome {
  const { nowMs } = run.input;
  const after = step.for ?? step.timeout?.after;
  const deadlineMs = step.until === undefined ? (after ? nowMs + durationMs(after) : null) : momentOf(run, step.until);
  if (deadlineMs !== null && deadlineMs <= nowMs) return { go: step.next };
  return rest(run, step, step.event === undefined ? 'time' : 'event', deadlineMs);
}

/** @throws FlowFault neither a timestamp, nor ISO text, nor milliseconds */
function momentOf(run: TurnRun, source: string): number {
  const value = run.evaluate(source);
  const ms = typeof value === 'string' ? Date.parse(value) : value;
  if (typeof ms === 'number' && Number.isFinite(ms)) return Math.round(ms);
  throw new FlowFault('wrong_type', `${source} is not a moment`);
}

function call(run: TurnRun, step: StepOf<'subflow'>): Outcome {
  if (run.running.stack.length > MAX_DEPTH) throw new FlowFault('budget_depth', 'flows call each other too deep', true);
  const called = run.input.subflows?.get(step.flow);
  if (!called) throw new FlowFault('missing_flow', `there is no flow ${step.flow}`);
  const inputs = run.evaluateAll(step.with);
  const { start } = called.document;
  run.running.stack.push({ flow: called.key, ver: called.sha256, step: start, tries: 0, vars: {} });
  run.assign(inputs);
  return { go: start };
}

function handOver(run: TurnRun, step: StepOf<'handoff'>): Outcome {
  if (step.text) sendText(run, run.text(step.text));
  const note = step.note === undefined ? null : clip(run.template(step.note), MAX_NOTE);
  run.effects.push({ kind: 'handoff', key: run.nextKey(), team: step.team ?? null, note });
  run.note('effect', 'handoff');
  run.running.mode = 'human';
  const deadlineMs = step.timeout ? run.input.nowMs + durationMs(step.timeout.after) : null;
  return rest(run, step, 'human', deadlineMs);
}

/** Whether the event is the one the step waits for; one of the same name without the fields asked about is not. */
export function isAwaited(run: TurnRun, step: StepOf<'wait'>, name: string): boolean {
  return step.event === name && holdsForEvent(run, step.where);
}

export function holdsForEvent(run: TurnRun, where: string | undefined): boolean {
  if (where === undefined) return true;
  try {
    return run.evaluate(where) === true;
  } catch (error) {
    if (!(error instanceof FlowFault) || error.isFinal) throw error;
    run.note('ignored', 'event without the fields asked about');
    return false;
  }
}
