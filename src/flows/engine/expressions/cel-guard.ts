import type { ASTNode } from '@marcbachmann/cel-js';
import { MAX_LIST, MAX_TEXT } from '../limits.js';
import { currentWork } from './cel-environment.js';
import { type Call, childrenOf, isCall, isMacro } from './cel-safety.js';
import { costOf, KEY, sizeOf, spendOnParts } from './costs.js';
import { compilePattern, patternWork } from './patterns.js';

/** The parts of cel-js's own nodes that a guard hooks into; they are not in its types. */
type Evaluate = (evaluator: unknown, node: unknown, context: unknown) => unknown;
type GuardedNode = {
  readonly meta: { evaluate: Evaluate; readonly alternate?: GuardedNode; readonly macro?: { evaluate: Evaluate } };
  /** Set when the node was checked: takes what its operands gave. */
  handle?: (a: unknown, b: unknown, c: unknown, d: unknown) => unknown;
};

const OPERATORS: ReadonlySet<string> = new Set('!= == in + - * / % < <= > >='.split(' '));
const COMPARISONS: ReadonlySet<string> = new Set(['!=', '==', 'in']);
/** An error that the expression swallows was made with its stack and an excerpt of the source: 10 to 20 µs. */
const SWALLOWED_ERROR = 800;

/**
 * Makes the checked expression stop when a list or text outgrows its cap or the turn has nothing left. cel-js has no such
 * limits: two lists of 500 and a text of 64 K characters are hours. Work is spent before it is done.
 */
export function guard(ast: ASTNode): void {
  const node = ast as unknown as GuardedNode;
  if (isCall(ast) && isMacro(ast)) guardMacro(ast, node.meta.alternate);
  else if (isCall(ast)) guardCall(ast, node);
  else if (OPERATORS.has(ast.op)) guardOperator(ast.op, node);
  for (const swallowing of swallowedIn(ast)) spendOnErrors(swallowing as unknown as GuardedNode);
  for (const child of childrenOf(ast)) guard(child);
}

function guardOperator(op: string, node: GuardedNode): void {
  const { handle } = node;
  if (!handle) return;
  const isComparison = COMPARISONS.has(op);
  node.handle = (left, right, ast, evaluator) => {
    if (isLarge(left) || isLarge(right)) {
      const work = currentWork();
      // Measuring the operands is work too, and an expression that swallows errors would do it again and again.
      work.assertLeft();
      for (const side of [left, right]) {
        if (isComparison) spendOnParts(side, work);
        else work.spend(sizeOf(side));
      }
    }
    return bounded(handle(left, right, ast, evaluator));
  };
}

function isLarge(value: unknown): boolean {
  return typeof value === 'string' || (typeof value === 'object' && value !== null);
}

/** A function gets (args, node, evaluator), a method (args, evaluator, node). */
function guardCall(ast: Call, node: GuardedNode): void {
  const { handle } = node;
  const [name] = ast.args;
  if (!handle) return;
  const checked = name === 'rx' && ast.op === 'call' ? withPattern(ast, handle) : handle;
  node.handle = (args, second, third, fourth) => {
    const work = currentWork();
    work.assertLeft();
    work.spend(costOf(name, args as readonly unknown[]));
    return bounded(checked(args, second, third, fourth));
  };
}

/** Keeps the compiled pattern: one that other flows push out of the cache is not compiled again in a turn. */
function withPattern(ast: Call, handle: NonNullable<GuardedNode['handle']>): NonNullable<GuardedNode['handle']> {
  const literal = ast.op === 'call' ? ast.args[1][1] : undefined;
  const pattern = compilePattern(literal?.op === 'value' ? String(literal.args) : '');
  return (args, second, third, fourth) => {
    const [text] = args as readonly unknown[];
    if (typeof text !== 'string') return handle(args, second, third, fourth);
    currentWork().spend(patternWork(pattern, text));
    return pattern.test(text);
  };
}

function guardMacro(ast: Call & { op: 'rcall' }, comprehension: GuardedNode | undefined): void {
  const handle = comprehension?.handle;
  if (!comprehension || !handle) return;
  const cost = ast.args[2].slice(1).reduce((sum, body) => sum + countNodes(body), 1);
  comprehension.handle = (items, args, evaluator, context) => {
    const length = Array.isArray(items) ? items.length : keysOf(items);
    if (length > MAX_LIST) throw new Error(`list above ${MAX_LIST}`);
    currentWork().spend(length * cost);
    return handle(items, args, evaluator, context);
  };
}

function keysOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  currentWork().assertLeft();
  const keys = Object.keys(value).length;
  currentWork().spend(keys * KEY);
  return keys;
}

/** Operands whose errors the expression goes on without: `or` and `and` may, `all` and `exists` do. */
function swallowedIn(ast: ASTNode): readonly ASTNode[] {
  if (ast.op === '||' || ast.op === '&&') return [ast.args[0]];
  if (!isCall(ast) || !isMacro(ast) || (ast.args[0] !== 'all' && ast.args[0] !== 'exists')) return [];
  return ast.args[2].slice(1);
}

function spendOnErrors({ meta }: GuardedNode): void {
  if (meta.alternate) {
    spendOnErrors(meta.alternate);
    return;
  }
  const place = meta.macro ?? meta;
  const { evaluate } = place;
  place.evaluate = (evaluator, node, context) => {
    currentWork().assertLeft();
    try {
      return evaluate(evaluator, node, context);
    } catch (error) {
      currentWork().spend(SWALLOWED_ERROR);
      throw error;
    }
  };
}

function countNodes(node: ASTNode): number {
  return childrenOf(node).reduce((sum, child) => sum + countNodes(child), 1);
}

function bounded<T>(value: T): T {
  if (typeof value === 'string') {
    if (value.length > MAX_TEXT) throw new Error(`text above ${MAX_TEXT} characters`);
    if (value.length > 32) currentWork().spend(sizeOf(value));
  } else if (Array.isArray(value)) {
    if (value.length > MAX_LIST) throw new Error(`list above ${MAX_LIST}`);
  } else if (value instanceof Uint8Array && value.length > MAX_TEXT) throw new Error(`bytes above ${MAX_TEXT}`);
  return value;
}
