import { type CompiledExpression, type ExpressionCompiler, ExpressionError, fits } from './expressions.js';

/** A text with its expressions compiled: literal parts and expressions in turn. */
export type CompiledTemplate = { readonly parts: readonly (string | CompiledExpression)[] };

/** All that is wrong with the text: a brace not closed, wrong expressions, values that cannot be shown as text. */
export function compileTemplate(
  source: string,
  compiler: ExpressionCompiler,
): { readonly template: CompiledTemplate | null; readonly errors: readonly string[] } {
  const parts: (string | CompiledExpression)[] = [];
  const errors: string[] = [];
  const collect = (compile: () => void) => {
    try {
      compile();
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      errors.push(error.message);
    }
  };
  collect(() => {
    for (const part of splitTemplate(source)) {
      collect(() => parts.push(typeof part === 'string' ? part : compileShown(part.expression, compiler)));
    }
  });
  return { template: errors.length > 0 ? null : { parts }, errors };
}

function compileShown(source: string, compiler: ExpressionCompiler): CompiledExpression {
  const expression = compiler.compile(source);
  if (isShowable(expression.type)) return expression;
  throw new ExpressionError(`${source}: a ${expression.type} cannot be shown as text`);
}

function isShowable(type: string): boolean {
  return fits(type, 'string') || type === 'bool' || fits(type, 'double');
}

/**
 * Splits on `{{ … }}`; braces and quotes inside an expression are its own.
 *
 * @throws ExpressionError `{{` without `}}`
 */
export function splitTemplate(source: string): readonly (string | { readonly expression: string })[] {
  const parts: (string | { expression: string })[] = [];
  let at = 0;
  for (let open = source.indexOf('{{'); open !== -1; open = source.indexOf('{{', at)) {
    const close = findClose(source, open + 2);
    if (close === -1) throw new ExpressionError('{{ without }}');
    if (open > at) parts.push(source.slice(at, open));
    parts.push({ expression: source.slice(open + 2, close).trim() });
    at = close + 2;
  }
  if (at < source.length) parts.push(source.slice(at));
  return parts;
}

function findClose(source: string, from: number): number {
  let depth = 0;
  let quote = '';
  for (let at = from; at < source.length; at += 1) {
    const character = source.charAt(at);
    if (quote) {
      if (character === '\\') at += 1;
      else if (character === quote) quote = '';
    } else if (character === '"' || character === "'") quote = character;
    else if (character === '{') depth += 1;
    else if (character === '}') {
      if (depth === 0 && source.startsWith('}}', at)) return at;
      depth -= 1;
    }
  }
  return -1;
}

/** What a person reads in place of a value. */
export function show(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new ExpressionError('a list or map cannot be shown as text');
}
