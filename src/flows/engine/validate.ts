import { advice } from './checks/advice.js';
import { catalogueProblems, type FlowCatalogue, waitingFlows } from './checks/catalogue-checks.js';
import { readDraft } from './checks/draft.js';
import { buildGraph } from './checks/flow-graph.js';
import { deadEnds, endlessCycles, missingTargets, neverEnds, unreachableSteps } from './checks/graph-checks.js';
import { textProblems } from './checks/text-checks.js';
import { unsetVariables } from './checks/unset-variables.js';
import { type CompiledFlow, compileSteps } from './compile.js';
import type { FlowDocument } from './flow-document.js';
import { flowSha256 } from './flow-hash.js';
import type { FlowProblem } from './flow-problem.js';

export type FlowReport = {
  /** All that is wrong, in the order of the checks. */
  readonly problems: readonly FlowProblem[];
  /** null when a problem is an error: such a document must not be published. */
  readonly publishable: {
    readonly document: FlowDocument;
    readonly sha256: string;
    readonly flow: CompiledFlow;
  } | null;
};

/**
 * Looks for everything that is wrong at once: a wrong step does not hide what is wrong elsewhere.
 *
 * @param input JSON as it came
 * @param catalogue what is left out of it is not checked
 */
export function validateFlow(input: unknown, catalogue: FlowCatalogue = {}): FlowReport {
  const draft = readDraft(input);
  const graph = buildGraph(draft, waitingFlows(catalogue));
  const sha256 = flowSha256(draft.document);
  const compiled = compileSteps(draft.document, draft.steps, sha256, draft.types);
  const problems = [
    ...draft.problems,
    ...missingTargets(graph),
    ...unreachableSteps(graph),
    ...deadEnds(graph, draft.steps),
    ...endlessCycles(graph),
    ...compiled.problems,
    ...textProblems(draft),
    ...catalogueProblems(draft, catalogue),
    ...advice(draft, compiled.flow),
    ...neverEnds(graph, draft.steps),
  ];
  if (problems.some(({ severity }) => severity === 'error')) return { problems, publishable: null };
  return {
    problems: [...problems, ...unsetVariables(compiled.flow, graph)],
    publishable: { document: draft.document, sha256, flow: compiled.flow },
  };
}
