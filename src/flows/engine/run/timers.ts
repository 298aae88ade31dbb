import type { Step } from '../document/step-types.js';
import type { Wait } from '../session-state.js';
import { fail } from './effect-steps.js';
import type { Outcome } from './outcome.js';
import type { TurnRun } from './turn-run.js';
import { remind } from './waiting.js';

/** What is due now; null when it is too early for anything. */
export function onTimer(run: TurnRun): Outcome | null {
  const { wait, stack } = run.running;
  if (!wait || stack.length === 0) return null;
  const { step } = run;
  if (wait.deadlineMs !== null && wait.deadlineMs <= run.input.nowMs) {
    run.note('timer', 'deadline');
    if (wait.kind !== 'effect') return timeOut(run, step);
    return step.type === 'action' || step.type === 'api' ? fail(run, step, { code: 'timeout' }) : null;
  }
  return wait.kind === 'effect' ? null : remind(run, step, wait);
}

function timeOut(run: TurnRun, step: Step): Outcome {
  if (step.type === 'handoff') run.running.mode = 'bot';
  if (step.type === 'wait' && step.event === undefined) return { go: step.next };
  return { go: 'timeout' in step ? step.timeout?.go : undefined };
}

/** When something is next due, in milliseconds since 1970; null: only when something happens. */
export function wakeAt(wait: Wait | null): number | null {
  if (wait === null || wait.kind === 'effect' || wait.remindMs === null) return wait?.deadlineMs ?? null;
  return wait.deadlineMs === null ? wait.remindMs : Math.min(wait.remindMs, wait.deadlineMs);
}
