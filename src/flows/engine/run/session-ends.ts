import type { StepOf } from '../document/step-types.js';
import { LANGUAGE_VARIABLE } from '../document/names.js';
import { findLocale, builtinText } from './builtin-texts.js';
import { FlowFault } from '../fault.js';
import { idOf } from './ids.js';
import { type Outcome, REST } from './outcome.js';
import type { TurnRun } from './turn-run.js';
import { holds } from './variables.js';

const MAX_NOTE = 500;
const MAX_AGE_MS = 90 * 86_400_000;

/** Begins a session of the flow the caller brought, with what the last one kept. */
export function startSession(run: TurnRun): void {
  const { flow, conversationId, turn, nowMs, contact } = run.input;
  const { locales } = flow.document;
  const kept = run.session?.mode === 'ended' ? run.session : null;
  const vars = Object.entries(kept?.vars ?? {}).filter(([name, value]) => {
    const variable = flow.variables.get(name);
    return variable !== undefined && holds(variable.type, value);
  });
  run.session = {
    sess: idOf('session', conversationId, turn),
    ver: flow.sha256,
    mode: 'bot',
    stack: [{ flow: flow.key, ver: flow.sha256, step: flow.document.start, tries: 0 }],
    vars: Object.fromEntries(vars),
    wait: null,
    n: { turns: 0, steps: 0 },
    startedMs: nowMs,
    lang: findLocale(kept?.lang, locales) ?? findLocale(contact['lang'], locales) ?? flow.defaultLocale,
  };
  run.forgetContext();
  run.note('start');
}

/** The called flow goes back to its caller; the first one ends the session. */
export function endFlow(run: TurnRun, { outcome = 'ended', keep = [] }: StepOf<'end'>): Outcome {
  run.note('end', outcome);
  if (run.running.stack.length === 1) {
    endSession(run, outcome, keep);
    return REST;
  }
  const result = run.allVars();
  run.running.stack.pop();
  run.forgetContext();
  const { step } = run;
  if (step.type !== 'subflow') throw new FlowFault('missing_step', `${step.id} is no longer a subflow step`);
  const on: Readonly<Record<string, string>> = step.on ?? {};
  if (outcome !== 'error') run.assign(run.evaluateAll(step.save, 'result', { result }));
  if (Object.hasOwn(on, outcome)) return { go: on[outcome] };
  if (outcome === 'error') throw new FlowFault('subflow_failed', `${step.flow} ended with an error`);
  return { go: step.next };
}

export function endSession(run: TurnRun, outcome: string, keep: readonly string[] = []): void {
  const { running } = run;
  run.outcome = outcome;
  const kept = Object.entries(running.vars).filter(([name]) => keep.includes(name));
  const keepsLanguage = keep.includes(LANGUAGE_VARIABLE);
  if (kept.length === 0 && !keepsLanguage) {
    run.session = null;
    return;
  }
  const { sess, ver, n, startedMs, lang } = running;
  run.session = {
    sess,
    ver,
    n,
    startedMs,
    lang: keepsLanguage ? lang : '',
    mode: 'ended',
    stack: [],
    vars: Object.fromEntries(kept),
    wait: null,
  };
}

/**
 * A session of long ago is over: who writes after months is not continuing it. One with a person is theirs to end.
 *
 * @returns whether it has just ended
 */
export function expire(run: TurnRun): boolean {
  const { session, input } = run;
  if (session?.mode !== 'bot' || input.nowMs - session.startedMs <= MAX_AGE_MS) return false;
  run.note('end', 'expired');
  endSession(run, 'expired');
  return true;
}

/** Never silence: says sorry, calls a person and forgets what would have followed. */
export function fail(run: TurnRun, fault: FlowFault): void {
  const { running, input } = run;
  const frame = running.stack.at(-1);
  const at = { flow: frame?.flow ?? input.flow.key, step: frame?.step ?? null };
  run.note('fault', fault.code);
  run.fault = { code: fault.code, ...at, message: fault.message };
  run.outcome = 'fault';
  const apology = { kind: 'text', text: builtinText('sorry', running.lang) } as const;
  const note = `${at.flow} stopped at ${at.step ?? 'no step'}: ${fault.code}`.slice(0, MAX_NOTE);
  run.effects = [
    ...run.effects.filter(({ kind }) => kind === 'send'),
    { kind: 'send', key: run.nextKey(), content: apology, resend: 'auto' },
    { kind: 'handoff', key: run.nextKey(), team: null, note },
  ];
  const { sess, ver, n, startedMs, lang } = running;
  run.session = {
    sess,
    ver,
    n,
    startedMs,
    lang,
    mode: 'human',
    stack: [],
    vars: {},
    wait: { kind: 'human', sinceMs: input.nowMs, deadlineMs: null, reminded: 0, remindMs: null },
  };
}
