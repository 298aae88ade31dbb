import type { CompiledFlow } from '../compile.js';
import type { Step } from '../document/step-types.js';
import { stepSites } from '../flow-sites.js';
import { type FlowProblem, pathOf } from '../flow-problem.js';
import type { FlowGraph } from './flow-graph.js';
import { variants } from './text-checks.js';

type Move = { readonly to: string; readonly sets: readonly string[] };

/**
 * E107, a warning: an unset variable reads as its type's zero, and a guard such as `size(order) > 0` cannot be seen
 * through. Variables that nothing here sets are taken for what a calling flow passes in.
 */
export function unsetVariables(flow: CompiledFlow, { entries }: FlowGraph): FlowProblem[] {
  const { steps } = flow.document;
  const moves = new Map(steps.map((step) => [step.id, movesOf(step)]));
  const assigned = new Set([...moves.values()].flat().flatMap(({ sets }) => sets));
  const watched = [...flow.variables]
    .filter(([name, { default: value }]) => assigned.has(name) && value === undefined)
    .map(([name]) => name);
  const surely = surelySet(
    moves,
    watched,
    entries.map(({ to }) => to),
  );
  return steps.flatMap((step, index) => {
    const set = surely.get(step.id);
    if (!set) return [];
    return readsOf(step, index, flow)
      .filter((name) => watched.includes(name) && !set.has(name))
      .map((name) => ({
        code: 'E107',
        severity: 'warning' as const,
        step: step.id,
        path: pathOf(['steps', index]),
        message: `${name} may not be set yet when this step reads it`,
      }));
  });
}

/** Variables set on every way to a step: start from all and take away until nothing changes. */
function surelySet(
  moves: ReadonlyMap<string, readonly Move[]>,
  all: readonly string[],
  entries: readonly string[],
): ReadonlyMap<string, ReadonlySet<string>> {
  const surely = new Map<string, ReadonlySet<string>>();
  const open: [string, ReadonlySet<string>][] = entries.map((id) => [id, new Set<string>()]);
  for (let arrival = open.pop(); arrival; arrival = open.pop()) {
    const [id, set] = arrival;
    const before = surely.get(id);
    const after = new Set([...(before ?? all)].filter((name) => set.has(name)));
    if (before && after.size === before.size) continue;
    surely.set(id, after);
    for (const { to, sets } of moves.get(id) ?? []) open.push([to, new Set([...after, ...sets])]);
  }
  return surely;
}

function readsOf(step: Step, index: number, flow: CompiledFlow): readonly string[] {
  const names = stepSites(step, index).flatMap((site) => {
    if (site.kind === 'expression') return [...flow.expression(site.source, site.scope).names];
    return variants(site.text).flatMap(([, source]) => flow.namesIn(source));
  });
  return [...new Set(names)];
}

function movesOf(step: Step): readonly Move[] {
  const plain = (...targets: (string | undefined)[]): Move[] =>
    targets.filter((to) => to !== undefined).map((to) => ({ to, sets: [] }));
  const setting = (sets: readonly string[], ...targets: (string | undefined)[]): Move[] =>
    plain(...targets).map(({ to }) => ({ to, sets }));
  switch (step.type) {
    case 'message':
      return plain(step.next);
    case 'set':
      return setting(Object.keys(step.set), step.next);
    case 'decision':
      return plain(step.else, ...[...(step.rules ?? []), ...(step.split ?? [])].map(({ go }) => go));
    case 'question': {
      const { answer, save, retry, timeout, next } = step;
      const options = answer.type === 'choice' ? (answer.options ?? []).map(({ go }) => go) : [];
      const skipped = answer.skip ? next : undefined;
      return [
        ...setting(save === undefined ? [] : [save], next, ...options),
        ...plain(skipped, retry?.go, timeout?.go),
      ];
    }
    case 'action':
    case 'api':
      return [...setting(Object.keys(step.save ?? {}), step.next), ...plain(...Object.values(step.on ?? {}))];
    case 'subflow': {
      const { error, ...outcomes } = step.on ?? {};
      return [...setting(Object.keys(step.save ?? {}), step.next, ...Object.values(outcomes)), ...plain(error)];
    }
    case 'wait':
      return [...setting(Object.keys(step.save ?? {}), step.next), ...plain(step.timeout?.go)];
    case 'handoff':
      return plain(step.resume, step.timeout?.go);
    default:
      return [];
  }
}
