import { LANGUAGE_VARIABLE, RESERVED_NAMES } from '../document/names.js';
import type { Step } from '../document/step-types.js';
import { isRecord } from '../expressions/plain-value.js';
import type { Variable } from '../flow-document.js';
import { type FlowProblem, pathOf } from '../flow-problem.js';

/** The engine's own option: the next page of a long list. */
export const MORE_OPTION_ID = '__more';

/** Rules of shape (E101) that a JSON Schema cannot say. */
export function variableProblems(vars: Readonly<Record<string, Variable>>): FlowProblem[] {
  return Object.entries(vars).flatMap(([name, variable]) => {
    const problem = e101(null, ['vars', name]);
    if (name === LANGUAGE_VARIABLE)
      return [problem(`${name} is always there and holds the language; do not declare it`)];
    if (RESERVED_NAMES.has(name)) return [problem(`${name} is a reserved name`)];
    if (variable.default === undefined || isOfType(variable.default, variable)) return [];
    return [problem(`the default is not a ${variable.type}`)];
  });
}

function isOfType(value: unknown, { type }: Variable): boolean {
  switch (type) {
    case 'int':
      return Number.isSafeInteger(value);
    case 'double':
      return typeof value === 'number';
    case 'bool':
      return typeof value === 'boolean';
    case 'string':
      return typeof value === 'string';
    case 'list':
      return Array.isArray(value);
    default:
      return isRecord(value);
  }
}

export function optionProblems(step: Step, index: number): FlowProblem[] {
  const ids = optionIds(step);
  return ids.flatMap(({ id, path }, position) => {
    const problem = e101(step.id, ['steps', index, ...path]);
    if (id === MORE_OPTION_ID) return [problem(`${id} is a reserved id`)];
    if (ids.findIndex((other) => other.id === id) === position) return [];
    return [problem(`another option has the id ${id}`)];
  });
}

function optionIds(step: Step): { id: string; path: PropertyKey[] }[] {
  if (step.type === 'message') {
    return (step.buttons ?? []).map(({ id }, position) => ({ id, path: ['buttons', position, 'id'] }));
  }
  if (step.type !== 'question') return [];
  const { answer } = step;
  if (answer.type !== 'choice' && answer.type !== 'multi_choice') return [];
  return (answer.options ?? []).map(({ id }, position) => ({ id, path: ['answer', 'options', position, 'id'] }));
}

function e101(step: string | null, path: readonly PropertyKey[]) {
  return (message: string): FlowProblem => ({ code: 'E101', severity: 'error', step, path: pathOf(path), message });
}
