import type { Step } from '../document/step-types.js';
import { durationMs } from '../document/values.js';
import type { CompiledFlow } from '../compile.js';
import { stepSites } from '../flow-sites.js';
import { type FlowProblem, pathOf } from '../flow-problem.js';
import type { Draft } from './draft.js';
import { variants } from './text-checks.js';

/** WhatsApp refuses free text this long after the customer's last message; an hour is kept in reserve. */
const WINDOW_MS = 23 * 3_600_000;

/** E108 and W201, all warnings: the engine has an end of its own for each of these. */
export function advice(draft: Draft, flow: CompiledFlow): FlowProblem[] {
  return draft.steps.flatMap((step, index) =>
    step ? [...questionAdvice(step, index), ...handoffAdvice(step, index), ...privacyAdvice(step, index, flow)] : [],
  );
}

function questionAdvice(step: Step, index: number): FlowProblem[] {
  if (step.type !== 'question' && step.type !== 'wait') return [];
  const late = (step.remind ?? []).flatMap(({ after }, position) =>
    durationMs(after) > WINDOW_MS
      ? [
          warning(
            'E108',
            step,
            ['steps', index, 'remind', position],
            'later than 23h: WhatsApp takes only templates then',
          ),
        ]
      : [],
  );
  if (step.type === 'wait' || step.retry?.go !== undefined) return late;
  const message = 'no `retry` with `max` and `go`: after three wrong answers a person takes over';
  return [...late, warning('E108', step, ['steps', index, 'retry'], message)];
}

function handoffAdvice(step: Step, index: number): FlowProblem[] {
  if (step.type !== 'handoff' || step.timeout) return [];
  return [warning('W201', step, ['steps', index, 'timeout'], 'no `timeout`: the customer waits until a person comes')];
}

function privacyAdvice(step: Step, index: number, flow: CompiledFlow): FlowProblem[] {
  return stepSites(step, index)
    .filter((site) => site.kind === 'text')
    .filter(({ role }) => role === 'note' || role === 'url')
    .flatMap(({ text, role, path }) => {
      const names = new Set(variants(text).flatMap(([, source]) => flow.namesIn(source)));
      const personal = [...names].filter((name) => flow.variables.get(name)?.pii);
      const place = role === 'note' ? 'a note' : 'an address';
      return personal.map((name) => warning('W201', step, path, `${name} is personal data and goes into ${place}`));
    });
}

function warning(code: string, step: Step, path: readonly PropertyKey[], message: string): FlowProblem {
  return { code, severity: 'warning', step: step.id, path: pathOf(path), message };
}
