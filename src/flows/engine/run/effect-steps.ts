import type { StepOf } from '../document/step-types.js';
import { durationMs } from '../document/values.js';
import { isRecord } from '../expressions/plain-value.js';
import type { TurnEvent } from '../turn-types.js';
import { FlowFault } from '../fault.js';
import { type Outcome, REST } from './outcome.js';
import type { TurnRun } from './turn-run.js';

const ACTION_DEADLINE = '30s';
const API_TIMEOUT = '10s';
const API_BACKOFF = '1s';
/** How long an api effect may wait for its turn before its first attempt. */
const API_QUEUE_MS = 15_000;

type EffectStep = StepOf<'action'> | StepOf<'api'>;
type Failure = { readonly code: string; readonly status?: number; readonly message?: string };

export function startAction(run: TurnRun, step: StepOf<'action'>): Outcome {
  const deadlineMs = run.input.nowMs + durationMs(step.deadline ?? ACTION_DEADLINE);
  const input = run.evaluateAll(step.with);
  const key = run.nextKey();
  run.effects.push({ kind: 'action', key, action: step.action, input, deadlineMs });
  return rest(run, key, deadlineMs, step.action);
}

export function startApi(run: TurnRun, step: StepOf<'api'>): Outcome {
  const { connection, method, body } = step.request;
  const timeoutMs = durationMs(step.deadline ?? API_TIMEOUT);
  const max = step.retry?.max ?? 0;
  const backoffMs = durationMs(step.retry?.backoff ?? API_BACKOFF);
  const deadlineMs = run.input.nowMs + API_QUEUE_MS + timeoutMs * (max + 1) + backoffMs * (2 ** max - 1);
  const path = pathOf(run, step);
  const headers = headersOf(run, step);
  const payload = typeof body === 'string' ? run.evaluate(body) : body && run.evaluateAll(body);
  const key = run.nextKey();
  run.effects.push({
    kind: 'api',
    key,
    connection,
    method,
    path,
    timeoutMs,
    deadlineMs,
    ...(headers ? { headers } : {}),
    ...(payload === undefined ? {} : { body: payload }),
    ...(max > 0 ? { retry: { max, backoffMs } } : {}),
  });
  return rest(run, key, deadlineMs, `${method} ${connection}`);
}

function rest(run: TurnRun, effectId: string, deadlineMs: number, detail: string): typeof REST {
  run.note('effect', detail);
  run.rest({ kind: 'effect', effectId, deadlineMs });
  return REST;
}

function pathOf(run: TurnRun, { request }: StepOf<'api'>): string {
  const path = run.template(request.path, encodeURIComponent);
  const query = Object.entries(run.evaluateAll(request.query))
    .filter(([, value]) => value !== null && typeof value !== 'object')
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value as string | number | boolean)}`)
    .join('&');
  if (query === '') return path;
  return `${path}${path.includes('?') ? '&' : '?'}${query}`;
}

/** A line break in a value would start another header. */
function headersOf(run: TurnRun, { request }: StepOf<'api'>): Record<string, string> | undefined {
  if (!request.headers) return undefined;
  const entries = Object.entries(request.headers);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, run.template(value).replace(/[^\t\x20-\x7e]+/g, ' ')]),
  );
}

export function takeResult(run: TurnRun, step: EffectStep, event: TurnEvent & { kind: 'result' }): Outcome {
  if (!event.ok) {
    const { error: code, status, message } = event;
    return fail(run, step, { code, ...(status ? { status } : {}), ...(message ? { message } : {}) });
  }
  run.note('result', 'ok');
  const values =
    step.type === 'api'
      ? run.evaluateAll(step.save, 'response', {
          response: isRecord(event.output) ? event.output : { body: event.output },
        })
      : run.evaluateAll(step.save, 'result', { result: event.output ?? null });
  run.assign(values);
  return { go: step.next };
}

/** The way for the status (404), else its class (4xx), the code, any error; without one a person is called. */
export function fail(run: TurnRun, step: EffectStep, { code, status, message = '' }: Failure): Outcome {
  run.note('result', code);
  run.running.error = { code: code.slice(0, 64), message: message.slice(0, 500) };
  run.forgetContext();
  const on: Readonly<Record<string, string>> = step.on ?? {};
  const names = [...(status ? [String(status), `${Math.floor(status / 100)}xx`] : []), code, 'error'];
  const name = names.find((candidate) => Object.hasOwn(on, candidate));
  if (name === undefined) throw new FlowFault('effect_failed', `${step.type} failed: ${code}`);
  return { go: on[name] };
}
