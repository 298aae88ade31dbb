import type { ASTNode } from '@marcbachmann/cel-js';
import { MAX_EXPRESSION_PARTS, MAX_MACRO_NESTING, MAX_MACROS } from '../limits.js';
import { compilePattern } from './patterns.js';

const MACROS: ReadonlySet<string> = new Set(['map', 'filter', 'all', 'exists', 'exists_one']);

/** Why an expression may not be used although it is CEL. */
export class UnsafeExpressionError extends Error {}

export type ExpressionFacts = {
  /** Variables it reads, those of its own macros left out. */
  readonly names: ReadonlySet<string>;
  /** How many nodes it has. */
  readonly parts: number;
};

export type Call = Extract<ASTNode, { op: 'call' | 'rcall' }>;
type Walk = { parts: number; macros: number; readonly names: Set<string> };

/** @throws UnsafeExpressionError `matches`, `cel.bind`, too large, nested too deep, or a bad literal of money or rx */
export function inspect(ast: ASTNode): ExpressionFacts {
  const walk: Walk = { parts: 0, macros: 0, names: new Set() };
  visit(ast, walk, 0, new Set());
  return walk;
}

function visit(node: ASTNode, walk: Walk, nesting: number, bound: ReadonlySet<string>): void {
  walk.parts += 1;
  if (walk.parts > MAX_EXPRESSION_PARTS)
    throw new UnsafeExpressionError(`expression has more than ${MAX_EXPRESSION_PARTS} parts`);
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
  if (nesting >= MAX_MACRO_NESTING)
    throw new UnsafeExpressionError(`macros nested more than ${MAX_MACRO_NESTING} deep`);
  if (walk.macros > MAX_MACROS) throw new UnsafeExpressionError(`more than ${MAX_MACROS} macros`);
  const [, receiver, [variable, ...bodies]] = node.args;
  visit(receiver, walk, nesting, bound);
  const inner = variable?.op === 'id' ? new Set([...bound, variable.args]) : bound;
  for (const body of bodies) visit(body, walk, nesting + 1, inner);
}

export function isCall(node: ASTNode): node is Call {
  return node.op === 'call' || node.op === 'rcall';
}

export function isMacro(node: ASTNode): node is Extract<ASTNode, { op: 'rcall' }> {
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

export function childrenOf(node: ASTNode): readonly ASTNode[] {
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
