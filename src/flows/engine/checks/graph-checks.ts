import type { Step } from '../document/step-types.js';
import { type FlowProblem, pathOf } from '../flow-problem.js';
import { busyCycles, type Edge, type FlowGraph, type GraphNode, reachable } from './flow-graph.js';

/** E102: something leads to a step that is not there. */
export function missingTargets({ nodes, entries }: FlowGraph): FlowProblem[] {
  const missing = (step: string | null, edges: readonly Edge[]) =>
    edges.filter(({ to }) => !nodes.has(to)).map(({ to, path }) => error('E102', step, path, `there is no step ${to}`));
  return [...missing(null, entries), ...[...nodes.values()].flatMap(({ id, edges }) => missing(id, edges))];
}

/** E103: nothing leads to the step. Where `start` itself leads nowhere, that is the one thing to tell. */
export function unreachableSteps(graph: FlowGraph): FlowProblem[] {
  const start = graph.entries.find(({ path }) => path[0] === 'start');
  if (!start || !graph.nodes.has(start.to)) return [];
  const reached = reachable(
    graph,
    graph.entries.map(({ to }) => to),
  );
  return [...graph.nodes.values()]
    .filter(({ id }) => !reached.has(id))
    .map((node) => stepError('E103', node, 'nothing leads to this step'));
}

/** E104: the conversation would stop there without an end. Steps that are not well-formed are let be. */
export function deadEnds(graph: FlowGraph, steps: readonly (Step | null)[]): FlowProblem[] {
  const nodes = [...graph.nodes.values()];
  const stuck = nodes.filter(({ index }) => {
    const step = steps[index];
    return step ? !hasWayOut(step) : false;
  });
  const restful = restfulSteps(graph, steps);
  const endless = nodes.filter((node) => !restful.has(node.id) && !stuck.includes(node));
  return [
    ...stuck.map((node) => stepError('E104', node, wayOutMissing(steps[node.index]))),
    ...endless.map((node) => stepError('E104', node, 'no way from here to an end or to a step that waits')),
  ];
}

function hasWayOut(step: Step): boolean {
  switch (step.type) {
    case 'end':
    case 'handoff':
      return true;
    case 'decision':
      return Boolean(step.split) || step.else !== undefined;
    case 'question': {
      const { answer } = step;
      const isBranching = answer.type === 'choice' && answer.options?.every(({ go }) => go !== undefined);
      return step.next !== undefined || Boolean(isBranching && !answer.skip);
    }
    default:
      return step.next !== undefined;
  }
}

function wayOutMissing(step: Step | null | undefined): string {
  if (step?.type === 'decision') return 'no `else` for when no rule is true';
  if (step?.type === 'question') return 'no `next` for an answer that has no `go` of its own';
  return 'no `next`';
}

/** Steps from which an end, a waiting step or something unknown can be reached. */
function restfulSteps({ nodes }: FlowGraph, steps: readonly (Step | null)[]): ReadonlySet<string> {
  const before = new Map<string, string[]>();
  const open: string[] = [];
  for (const { id, index, edges, waits } of nodes.values()) {
    const isUnknown = !steps[index] || edges.some(({ to }) => !nodes.has(to));
    if (waits || isUnknown || steps[index]?.type === 'end') open.push(id);
    for (const { to } of edges) before.set(to, [...(before.get(to) ?? []), id]);
  }
  const restful = new Set<string>();
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (restful.has(id)) continue;
    restful.add(id);
    open.push(...(before.get(id) ?? []));
  }
  return restful;
}

/** E105: a loop that would spin without the customer ever getting a word in. */
export function endlessCycles(graph: FlowGraph): FlowProblem[] {
  return busyCycles(graph).flatMap((cycle) => {
    const first = graph.nodes.get(cycle[0] ?? '');
    const names = [...cycle, cycle[0]].join(' → ');
    return first ? [stepError('E105', first, `${names} never waits for the customer`)] : [];
  });
}

/** W201: no way leads to an end. */
export function neverEnds(graph: FlowGraph, steps: readonly (Step | null)[]): FlowProblem[] {
  const reached = reachable(
    graph,
    graph.entries.map(({ to }) => to),
  );
  const ends = [...reached].some((id) => steps[graph.nodes.get(id)?.index ?? -1]?.type === 'end');
  if (ends || graph.entries.length === 0) return [];
  const message = 'no `end` is ever reached: sessions stay open until they expire';
  return [{ code: 'W201', severity: 'warning', step: null, path: 'steps', message }];
}

function stepError(code: string, { id, index }: GraphNode, message: string): FlowProblem {
  return error(code, id, ['steps', index], message);
}

function error(code: string, step: string | null, path: readonly PropertyKey[], message: string): FlowProblem {
  return { code, severity: 'error', step, path: pathOf(path), message };
}
