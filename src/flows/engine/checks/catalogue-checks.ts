import type { Step, StepOf } from '../document/step-types.js';
import type { FlowDocument } from '../flow-document.js';
import { type FlowProblem, pathOf } from '../flow-problem.js';
import type { Draft } from './draft.js';

/** What a flow may refer to outside itself. A part that is left out is not checked. */
export type FlowCatalogue = {
  readonly actions?: ReadonlyMap<string, ActionSignature>;
  /** Names of the stored connections `api` steps may use. */
  readonly connections?: ReadonlySet<string>;
  /** The published documents of the tenant's other flows, by key. */
  readonly flows?: ReadonlyMap<string, FlowDocument>;
};
export type ActionSignature = {
  readonly required: readonly string[];
  readonly optional: readonly string[];
  /** Codes it may fail with, besides `error` and `timeout`. */
  readonly errors: readonly string[];
};

const MAX_DEPTH = 8;

/** E111 and E112. */
export function catalogueProblems(draft: Draft, catalogue: FlowCatalogue): FlowProblem[] {
  return draft.steps.flatMap((step, index) => {
    switch (step?.type) {
      case 'action':
        return actionProblems(step, index, catalogue);
      case 'api': {
        const { connection } = step.request;
        if (!catalogue.connections || catalogue.connections.has(connection)) return [];
        return [
          problem('E111', step, ['steps', index, 'request', 'connection'], `there is no connection ${connection}`),
        ];
      }
      case 'subflow':
        return subflowProblems(step, index, draft.document, catalogue);
      default:
        return [];
    }
  });
}

function actionProblems(step: StepOf<'action'>, index: number, { actions }: FlowCatalogue): FlowProblem[] {
  if (!actions) return [];
  const signature = actions.get(step.action);
  const e111 = (message: string, ...keys: string[]) => problem('E111', step, ['steps', index, ...keys], message);
  if (!signature) return [e111(`there is no action ${step.action}`, 'action')];
  const given = Object.keys(step.with ?? {});
  const known = new Set([...signature.required, ...signature.optional]);
  const handled = new Set([...signature.errors, 'error', 'timeout']);
  return [
    ...signature.required
      .filter((name) => !given.includes(name))
      .map((name) => e111(`${step.action} needs ${name}`, 'with')),
    ...given
      .filter((name) => !known.has(name))
      .map((name) => e111(`${step.action} does not take ${name}`, 'with', name)),
    ...Object.keys(step.on ?? {})
      .filter((code) => !handled.has(code))
      .map((code) => ({
        ...e111(`${step.action} never fails with ${code}`, 'on', code),
        severity: 'warning' as const,
      })),
  ];
}

function subflowProblems(
  step: StepOf<'subflow'>,
  index: number,
  document: FlowDocument,
  { flows }: FlowCatalogue,
): FlowProblem[] {
  const e112 = (message: string, ...keys: string[]) => problem('E112', step, ['steps', index, ...keys], message);
  if (step.flow === document.flow) return [e112('a flow cannot call itself', 'flow')];
  if (!flows) return [];
  const called = flows.get(step.flow);
  if (!called) return [e112(`there is no published flow ${step.flow}`, 'flow')];
  return [
    ...Object.keys(step.with ?? {})
      .filter((name) => !Object.hasOwn(called.vars ?? {}, name))
      .map((name) => e112(`${step.flow} has no variable ${name}`, 'with', name)),
    ...depthProblems([document.flow, step.flow], flows).map((message) => e112(message, 'flow')),
  ];
}

function depthProblems(chain: readonly string[], flows: ReadonlyMap<string, FlowDocument>): string[] {
  if (chain.length > MAX_DEPTH) return [`calls more than ${MAX_DEPTH} deep: ${chain.join(' → ')}`];
  const calls = new Set(
    flows.get(chain.at(-1) ?? '')?.steps.flatMap((step) => (step.type === 'subflow' ? [step.flow] : [])),
  );
  for (const key of calls) {
    const next = [...chain, key];
    if (chain.includes(key)) return [`calls itself: ${next.join(' → ')}`];
    const found = depthProblems(next, flows);
    if (found.length > 0) return found;
  }
  return [];
}

/** Keys of the flows that ask or wait. */
export function waitingFlows({ flows = new Map() }: FlowCatalogue): ReadonlySet<string> {
  const waits = ({ type }: Step) => type === 'question' || type === 'wait' || type === 'handoff';
  return new Set([...flows.entries()].filter(([, { steps }]) => steps.some(waits)).map(([key]) => key));
}

function problem(code: string, step: Step, path: readonly PropertyKey[], message: string): FlowProblem {
  return { code, severity: 'error', step: step.id, path: pathOf(path), message };
}
