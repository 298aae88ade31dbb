import { isRecord } from '../expressions/plain-value.js';
import { idOf, type Draft } from './draft.js';

export type Edge = { readonly to: string; readonly path: readonly PropertyKey[] };
export type GraphNode = {
  readonly id: string;
  readonly index: number;
  /** As written, also where it is no step type. */
  readonly type: unknown;
  readonly edges: readonly Edge[];
  /** Whether the conversation rests here, so that a cycle through it is no endless loop. */
  readonly waits: boolean;
};
export type FlowGraph = {
  /** The first step of each id. */
  readonly nodes: ReadonlyMap<string, GraphNode>;
  /** `start`, `anytime` and `events`. */
  readonly entries: readonly Edge[];
};

const WAITING_TYPES: ReadonlySet<unknown> = new Set(['question', 'wait', 'handoff']);
const STEP_TYPES: ReadonlySet<unknown> = new Set([
  ...WAITING_TYPES,
  'message',
  'decision',
  'action',
  'api',
  'set',
  'subflow',
  'end',
]);

/** @param waitingFlows keys of the flows that ask or wait: calling one is a wait */
export function buildGraph(draft: Draft, waitingFlows: ReadonlySet<string>): FlowGraph {
  const nodes = new Map<string, GraphNode>();
  draft.rawSteps.forEach((raw, index) => {
    const id = idOf(raw);
    if (id === null || nodes.has(id) || !isRecord(raw)) return;
    const type = raw['type'];
    const isCall = type === 'subflow' && typeof raw['flow'] === 'string' && waitingFlows.has(raw['flow']);
    const waits = WAITING_TYPES.has(type) || !STEP_TYPES.has(type) || isCall;
    nodes.set(id, { id, index, type, edges: targetsIn(raw, ['steps', index]), waits });
  });
  const { start, anytime = [], events = [] } = draft.document;
  const entries = [
    ...(start === '' ? [] : [{ to: start, path: ['start'] }]),
    ...anytime.map(({ go }, index) => ({ to: go, path: ['anytime', index, 'go'] })),
    ...events.map(({ go }, index) => ({ to: go, path: ['events', index, 'go'] })),
  ];
  return { nodes, entries };
}

const TARGET_KEYS: ReadonlySet<string> = new Set(['next', 'go', 'else', 'resume']);
/** Maps whose keys are names of the author's, and may well be called `next`. */
const OPAQUE_KEYS: ReadonlySet<string> = new Set([
  'with',
  'save',
  'set',
  'text',
  'title',
  'request',
  'option',
  'value',
]);

/** Reads targets from the step as written, so that a step with a wrong field still counts as leading somewhere. */
function targetsIn(value: unknown, path: readonly PropertyKey[]): Edge[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => targetsIn(item, [...path, index]));
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (TARGET_KEYS.has(key) && typeof inner === 'string') return [{ to: inner, path: [...path, key] }];
    if (key === 'on' && isRecord(inner)) {
      return Object.entries(inner).flatMap(([code, to]) =>
        typeof to === 'string' ? [{ to, path: [...path, key, code] }] : [],
      );
    }
    return OPAQUE_KEYS.has(key) ? [] : targetsIn(inner, [...path, key]);
  });
}

export function reachable({ nodes }: FlowGraph, from: Iterable<string>): Set<string> {
  const seen = new Set<string>();
  const open = [...from];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const node = nodes.get(id);
    if (!node || seen.has(id)) continue;
    seen.add(id);
    open.push(...node.edges.map(({ to }) => to));
  }
  return seen;
}

/** Groups of steps that lead back to themselves without passing a step that waits. */
export function busyCycles({ nodes, entries }: FlowGraph): readonly (readonly string[])[] {
  const busy = new Map([...nodes].filter(([, { waits }]) => !waits));
  const ahead = new Map(
    [...busy].map(([id, { edges }]) => [
      id,
      reachable(
        { nodes: busy, entries },
        edges.map(({ to }) => to),
      ),
    ]),
  );
  const grouped = new Set<string>();
  const cycles: string[][] = [];
  for (const [id, reached] of ahead) {
    if (!reached.has(id) || grouped.has(id)) continue;
    const cycle = [...reached].filter((other) => ahead.get(other)?.has(id));
    for (const member of cycle) grouped.add(member);
    cycles.push(cycle.toSorted((a, b) => (nodes.get(a)?.index ?? 0) - (nodes.get(b)?.index ?? 0)));
  }
  return cycles;
}
