import type { FlowCatalogue } from '../../../src/flows/engine/checks/catalogue-checks.js';
import { validateFlow } from '../../../src/flows/engine/validate.js';

export type Json = Record<string, unknown>;

/** A right flow of two steps, with what matters overridden. */
export function makeDoc(overrides: Json = {}): Json {
  return { dsl: 1, flow: 'tiny', locales: ['es'], start: 'hi', steps: [say('hi', 'bye'), end('bye')], ...overrides };
}
export const say = (id: string, next?: string): Json => ({ id, type: 'message', text: 'hola', next });
export const end = (id: string): Json => ({ id, type: 'end' });
export const set = (id: string, values: Json, next: string): Json => ({ id, type: 'set', set: values, next });
export const ask = (id: string, answer: Json, rest: Json): Json => {
  return { id, type: 'question', text: 'ok?', answer, retry: { max: 2, go: 'bye' }, ...rest };
};

/** These steps and an end, `bye`, to which something always leads. */
export const flowOf = (steps: Json[], rest: Json = {}): Json =>
  makeDoc({ start: steps[0]?.['id'], events: [{ event: 'bye', go: 'bye' }], steps: [...steps, end('bye')], ...rest });

export function problemsOf(input: unknown, catalogue: FlowCatalogue = {}) {
  return validateFlow(input, catalogue).problems.map(
    ({ code, step, path, message }) => `${code} ${step} ${path}: ${message}`,
  );
}

export const errorsOf = (input: unknown, catalogue: FlowCatalogue = {}) =>
  validateFlow(input, catalogue)
    .problems.filter(({ severity }) => severity === 'error')
    .map(({ code, step, path, message }) => `${code} ${step} ${path}: ${message}`);
