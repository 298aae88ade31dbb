import type { ASTNode } from '@marcbachmann/cel-js';
import { compilePattern } from './patterns.js';
import { MAX_LIST } from './plain-value.js';
import { spend } from './cel-environment.js';

const MAX_NODES = 200;
const MAX_NESTING = 2;
/** Each macro can multiply what the one before gave, so their number bounds the growth. */
const MAX_MACROS = 4;
/** Characters a text may have while an expression works on it. */
const MAX_TEXT = 64 * 1024;
const MACROS: ReadonlySet<string> = new Set(['map', 'filter', 'all', 'exists', 'exists_one']);

/** Why an expression may not be used although it is CEL. */
export class UnsafeExpressionError extends Error {}

export type ExpressionFacts = {
  /** Variables it reads, those of its own macros left out. */
  readonly names: ReadonlySet<string>;
};

type Call = Extract<ASTNode, { op: 'call' | 'rcall' }>;
type Walk = { nodes: number; macros: number; readonly names: Set<string> };

/** @throws UnsafeExpressionError `matches`, `cel.bind`, too large, nested too deep, or a bad literal of money or rx */
export function inspect(ast: ASTNode): ExpressionFacts {
  const walk: Walk = { nodes: 0, macros: 0, names: new Set() };
  visit(ast, walk, 0, new Set());
  return walk;
}

function visit(node: ASTNode, walk: Walk, nesting: number, bound: ReadonlySet<string>): void {
  walk.nodes += 1;
  if (walk.nodes > MAX_NODES) throw new UnsafeExpressionError(`expression has more than ${MAX_NODES} parts`);
  if (node.op === 'id' && !bound.has(node.args)) walk.names.add(node.args);
  if (!isCall(node)) {
    for (const child of childrenOf(node)) visit(child, walk, nesting, bound);
    return;
  }
  checkCall(node);
  if (!isMacro(node)) {
    for (const child of childrenOf(node)) visit(child, walk, nesting, bound);
    return;
  }
  walk.macros += 1;
  if (nesting >= MAX_NESTING) throw new UnsafeExpressionError(`macros nested more than ${MAX_NESTING} deep`);
  if (walk.macros > MAX_MACROS) throw new UnsafeExpressionError(`more than ${MAX_MACROS} macros`);
  const [, receiver, [variable, ...bodies]] = node.args;
  visit(receiver, walk, nesting, bound);
  const inner = variable?.op === 'id' ? new Set([...bound, variable.args]) : bound;
  for (const body of bodies) visit(body, walk, nesting + 1, inner);
}

function isCall(node: ASTNode): node is Call {
  return node.op === 'call' || node.op === 'rcall';
}

function isMacro(node: ASTNode): node is Extract<ASTNode, { op: 'rcall' }> {
  return node.op === 'rcall' && MACROS.has(node.args[0]) && node.args[2].length >= 2;
}

function checkCall(node: Call): void {
  const [name] = node.args;
  if (name === 'matches') throw new UnsafeExpressionError("`matches` is not allowed; use rx(text, 'pattern')");
  if (name === 'bind') throw new UnsafeExpressionError('`cel.bind` is not allowed');
  if (node.op !== 'call') return;
  const literal = node.args[1][1];
  if (name === 'rx') checkPattern(literal);
  if (name === 'money' && literal?.op === 'value' && !/^[A-Z]{3}$/.test(String(literal.args))) {
    throw new UnsafeExpressionError('the currency of money must be three capital letters');
  }
}

function checkPattern(literal: ASTNode | undefined): void {
  if (literal?.op !== 'value' || typeof literal.args !== 'string') {
    throw new UnsafeExpressionError('the pattern of rx must be written out as a text');
  }
  try {
    compilePattern(literal.args);
  } catch (error) {
    throw new UnsafeExpressionError(`bad pattern: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

function childrenOf(node: ASTNode): readonly ASTNode[] {
  switch (node.op) {
    case 'value':
    case 'id':
      return [];
    case '.':
    case '.?':
      return [node.args[0]];
    case 'call':
      return node.args[1];
    case 'rcall':
      return [node.args[1], ...node.args[2]];
    case 'map':
      return node.args.flat();
    case '!_':
    case '-_':
      return [node.args];
    default:
      return node.args;
  }
}

/** The parts of cel-js's own nodes that a guard hooks into; they are not in its types. */
type Evaluate = (
  evaluator: { run(node: object, context: unknown): unknown },
  node: GuardedNode,
  context: unknown,
) => unknown;
type GuardedNode = {
  readonly op: string;
  readonly args: { readonly iterable: object };
  readonly meta: { evaluate: Evaluate; alternate?: GuardedNode };
  handle(items: unknown, args: unknown, evaluator: unknown, context: unknown): unknown;
};

/**
 * Makes the checked expression stop when a list or text outgrows its cap or the turn's budget is spent. cel-js has no
 * such limits, and a list of 500 squared twice is minutes.
 */
export function guard(ast: ASTNode): void {
  const { meta } = ast as unknown as GuardedNode;
  const { evaluate, alternate } = meta;
  if (isCall(ast) && isMacro(ast) && alternate) {
    const cost = ast.args[2].slice(1).reduce((sum, body) => sum + countNodes(body), 1);
    alternate.meta.evaluate = (evaluator, node, context) => {
      const items = evaluator.run(node.args.iterable, context);
      if (Array.isArray(items)) {
        assertBounded(items);
        spend(items.length * cost);
      }
      return node.handle(items, node.args, evaluator, context);
    };
  } else if (ast.op === '+' || isCall(ast)) {
    meta.evaluate = (evaluator, node, context) => assertBounded(evaluate(evaluator, node, context));
  }
  for (const child of childrenOf(ast)) guard(child);
}

function countNodes(node: ASTNode): number {
  return childrenOf(node).reduce((sum, child) => sum + countNodes(child), 1);
}

function assertBounded<T>(value: T): T {
  if (Array.isArray(value) && value.length > MAX_LIST) throw new Error(`list above ${MAX_LIST}`);
  if (typeof value === 'string' && value.length > MAX_TEXT) throw new Error(`text above ${MAX_TEXT} characters`);
  return value;
}
