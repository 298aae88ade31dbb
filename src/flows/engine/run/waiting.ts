import type { Step } from '../document/step-types.js';
import { durationMs } from '../document/values.js';
import type { RestWait } from '../session-state.js';
import { type Outcome, REST } from './outcome.js';
import { sendText } from './outgoing.js';
import type { TurnRun } from './turn-run.js';

/** Rests from now on. An answer that was not understood starts it anew: the customer is there. */
export function rest(
  run: TurnRun,
  step: Step,
  kind: RestWait['kind'],
  deadlineMs: number | null,
  page = 0,
): typeof REST {
  const sinceMs = run.input.nowMs;
  const remindMs = reminderMs(step, sinceMs, 0);
  run.rest({ kind, sinceMs, deadlineMs, reminded: 0, remindMs, ...(page > 0 ? { page } : {}) });
  return REST;
}

/** After a pause of the whole system several reminders may be due: the last says enough. */
export function remind(run: TurnRun, step: Step, wait: RestWait): Outcome | null {
  const { nowMs } = run.input;
  const due = remindersOf(step).filter(
    ({ after }, index) => index >= wait.reminded && wait.sinceMs + durationMs(after) <= nowMs,
  );
  const last = due.at(-1);
  if (!last) return null;
  run.note('timer', 'reminder');
  sendText(run, run.text(last.text));
  const reminded = wait.reminded + due.length;
  run.rest({ ...wait, reminded, remindMs: reminderMs(step, wait.sinceMs, reminded) });
  return REST;
}

function reminderMs(step: Step, sinceMs: number, reminded: number): number | null {
  const next = remindersOf(step)[reminded];
  return next ? sinceMs + durationMs(next.after) : null;
}

/** Soonest first, whatever their order in the document. */
function remindersOf(step: Step) {
  const reminders = step.type === 'question' || step.type === 'wait' ? (step.remind ?? []) : [];
  return reminders.toSorted((a, b) => durationMs(a.after) - durationMs(b.after));
}
