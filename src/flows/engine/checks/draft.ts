import { z } from 'zod';
import { RESERVED_NAMES, variableNameSchema } from '../document/names.js';
import { type Step, stepSchema } from '../document/step-types.js';
import type { CelType } from '../expressions/expressions.js';
import { isRecord } from '../expressions/plain-value.js';
import { type FlowDocument, flowHeaderShape, MAX_STEPS, VARIABLE_TYPES, type VariableType } from '../flow-document.js';
import { type FlowProblem, pathOf } from '../flow-problem.js';
import { optionProblems, variableProblems } from './shape-rules.js';

/** A document under inspection. It may be wrong anywhere, and still every other check wants to look at the rest. */
export type Draft = {
  /** With fallbacks where the header is wrong; without the steps that are. */
  readonly document: FlowDocument;
  /** By position; null where a step is not well-formed. */
  readonly steps: readonly (Step | null)[];
  readonly rawSteps: readonly unknown[];
  readonly types: Readonly<Record<string, CelType>>;
  /** E101, and E102 where `start` is missing. */
  readonly problems: readonly FlowProblem[];
};

const headerSchema = z.strictObject({ ...flowHeaderShape, steps: z.array(z.unknown()).min(1).max(MAX_STEPS) });

/** Reads header and steps apart, so that one wrong step does not hide what is wrong in the others. */
export function readDraft(input: unknown): Draft {
  const raw = isRecord(input) ? input : {};
  const header = headerSchema.safeParse(input);
  const rawSteps = Array.isArray(raw['steps']) ? raw['steps'].slice(0, MAX_STEPS) : [];
  const parsed = rawSteps.map((step: unknown) => stepSchema.safeParse(step));
  const steps = parsed.map(({ data }) => data ?? null);
  const document = header.data ? { ...header.data, steps: [] } : salvageHeader(raw);
  return {
    document: { ...document, steps: steps.filter((step) => step !== null) },
    steps,
    rawSteps,
    types: variableTypes(raw['vars']),
    problems: [
      ...(header.error?.issues ?? []).map((issue) => toProblem(issue, null, [])),
      ...parsed.flatMap(({ error }, index) =>
        (error?.issues ?? []).map((issue) => toProblem(issue, idOf(rawSteps[index]), ['steps', index])),
      ),
      ...repeatedLocales(document.locales),
      ...repeatedIds(rawSteps),
      ...variableProblems(document.vars ?? {}),
      ...steps.flatMap((step, index) => (step ? optionProblems(step, index) : [])),
    ],
  };
}

export function idOf(rawStep: unknown): string | null {
  return isRecord(rawStep) && typeof rawStep['id'] === 'string' ? rawStep['id'] : null;
}

function toProblem(issue: z.core.$ZodIssue, step: string | null, base: readonly PropertyKey[]): FlowProblem {
  const path = [...base, ...issue.path];
  const isStart = step === null && path.length === 1 && path[0] === 'start';
  const code = isStart ? 'E102' : 'E101';
  return { code, severity: 'error', step, path: pathOf(path), message: messageOf(issue) };
}

/** A union tells only that nothing fits; the reason is in its parts. */
function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? issue.message;
  if (issue.code !== 'invalid_union') return issue.message;
  const deepest = issue.errors.flat().find(({ path, code }) => path.length > 0 || code === 'invalid_key');
  if (!deepest) return issue.message;
  return `${issue.message}; ${pathOf(deepest.path)} ${messageOf(deepest)}`;
}

/** What is right in a header of which something is wrong. */
function salvageHeader(raw: Readonly<Record<string, unknown>>): FlowDocument {
  const { locales, time_zone, vars, limits, anytime, events } = flowHeaderShape;
  return {
    dsl: 1,
    flow: typeof raw['flow'] === 'string' ? raw['flow'] : 'flow',
    locales: locales.safeParse(raw['locales']).data ?? [],
    time_zone: time_zone.safeParse(raw['time_zone']).data,
    vars: Object.fromEntries(
      entriesOf(raw['vars']).filter(([name, value]) => vars.safeParse({ [name]: value }).success),
    ) as FlowDocument['vars'],
    limits: limits.safeParse(raw['limits']).data,
    anytime: anytime.safeParse(raw['anytime']).data,
    events: events.safeParse(raw['events']).data,
    start: typeof raw['start'] === 'string' ? raw['start'] : '',
    steps: [],
  };
}

function variableTypes(rawVars: unknown): Record<string, CelType> {
  return Object.fromEntries(
    entriesOf(rawVars)
      .filter(([name]) => variableNameSchema.safeParse(name).success && !RESERVED_NAMES.has(name))
      .map(([name, value]) => [name, isRecord(value) && isVariableType(value['type']) ? value['type'] : 'dyn']),
  );
}

function entriesOf(value: unknown): [string, unknown][] {
  return isRecord(value) ? Object.entries(value) : [];
}

function isVariableType(type: unknown): type is VariableType {
  return VARIABLE_TYPES.some((known) => known === type);
}

function repeatedLocales(locales: readonly string[]): FlowProblem[] {
  if (new Set(locales).size === locales.length) return [];
  return [{ code: 'E101', severity: 'error', step: null, path: 'locales', message: 'a language is listed twice' }];
}

function repeatedIds(rawSteps: readonly unknown[]): FlowProblem[] {
  const seen = new Set<string>();
  return rawSteps.flatMap((raw, index) => {
    const id = idOf(raw);
    if (id === null || !seen.has(id)) {
      if (id !== null) seen.add(id);
      return [];
    }
    const path = pathOf(['steps', index, 'id']);
    return [{ code: 'E101', severity: 'error', step: id, path, message: `another step has the id ${id}` }];
  });
}
