import {
  type Environment,
  EvaluationError,
  ParseError,
  type ParseResult,
  TypeError as CelTypeError,
} from '@marcbachmann/cel-js';
import { LANGUAGE_VARIABLE } from '../document/names.js';
import type { VariableType } from '../flow-document.js';
import { MAX_EXPRESSION } from '../limits.js';
import { baseEnvironment, type EvaluationSettings, withSettings } from './cel-environment.js';
import { guard } from './cel-guard.js';
import { inspect, UnsafeExpressionError } from './cel-safety.js';
import { toPlain } from './plain-value.js';

/** Types as CEL names them. */
export type CelType = VariableType | 'dyn';

/**
 * What an expression sees besides the flow's variables, `contact`, `msg`, `event`, `error`, `lang` and `now`:
 * option: `item`, `index` · answer:type: `answer` · result: `result` · response: `response`.
 */
export type ExpressionScope = 'base' | 'option' | `answer:${CelType}` | 'result' | 'response';

export type CompiledExpression = {
  readonly source: string;
  /** Its CEL type, such as int, list<int> or dyn (known only when it runs). */
  readonly type: string;
  /** Variables it reads. */
  readonly names: ReadonlySet<string>;
  readonly parts: number;
  readonly run: ParseResult;
};

/** An expression that cannot be compiled; the message names it and says why in words for its author. */
export class ExpressionError extends Error {}
/** An expression that failed while it ran: a missing key, a value above its cap. */
export class ExpressionRunError extends Error {}

/** `now` is the turn's one timestamp; a plain number would invite arithmetic in the wrong unit. */
const COMMON_VARIABLES: Readonly<Record<string, string>> = {
  contact: 'map',
  msg: 'map',
  event: 'map',
  error: 'map',
  now: 'google.protobuf.Timestamp',
  [LANGUAGE_VARIABLE]: 'string',
};

/** Compiles the expressions of one flow; each text is compiled once per scope. */
export class ExpressionCompiler {
  private readonly environments = new Map<ExpressionScope, Environment>();
  private readonly compiled = new Map<string, CompiledExpression>();

  constructor(variables: Readonly<Record<string, CelType>>) {
    const environment = baseEnvironment.clone();
    for (const [name, type] of Object.entries({ ...COMMON_VARIABLES, ...variables })) {
      environment.registerVariable(name, type);
    }
    this.environments.set('base', environment);
  }

  /** @throws ExpressionError not CEL, an unknown name, a wrong type, or not safe to run */
  compile(source: string, scope: ExpressionScope = 'base'): CompiledExpression {
    const known = this.find(source, scope);
    if (known) return known;
    const expression = compileIn(this.environment(scope), source);
    this.compiled.set(keyOf(source, scope), expression);
    return expression;
  }

  find(source: string, scope: ExpressionScope): CompiledExpression | undefined {
    return this.compiled.get(keyOf(source, scope));
  }

  private environment(scope: ExpressionScope): Environment {
    const known = this.environments.get(scope);
    if (known) return known;
    const environment = this.environment('base').clone();
    if (scope === 'option') environment.registerVariable('item', 'dyn').registerVariable('index', 'int');
    else if (scope.startsWith('answer:')) environment.registerVariable('answer', scope.slice('answer:'.length));
    else environment.registerVariable(scope, scope === 'response' ? 'map' : 'dyn');
    this.environments.set(scope, environment);
    return environment;
  }
}

function keyOf(source: string, scope: ExpressionScope): string {
  return scope === 'base' ? source : `${scope}\n${source}`;
}

function compileIn(environment: Environment, source: string): CompiledExpression {
  const refuse = (reason: string, cause?: unknown) => new ExpressionError(`${shorten(source)}: ${reason}`, { cause });
  if (source.length > MAX_EXPRESSION) throw refuse(`longer than ${MAX_EXPRESSION} characters`);
  try {
    const run = environment.parse(source);
    const { names, parts } = inspect(run.ast);
    const { valid, type = 'dyn', error } = run.check();
    if (!valid) throw error ?? refuse('not valid');
    guard(run.ast);
    return { source, type, names, parts, run };
  } catch (error) {
    if (error instanceof ParseError || error instanceof CelTypeError) throw refuse(error.summary, error);
    if (error instanceof UnsafeExpressionError) throw refuse(error.message, error);
    throw error;
  }
}

function shorten(source: string): string {
  return source.length > 100 ? `${source.slice(0, 100)}…` : source;
}

const MAX_REASON = 300;
/** Of evaluating anything: a context is made, a result is turned into JSON. */
const EVALUATION = 30;

/**
 * @param context variables by name; integers as BigInt
 * @returns JSON: integers are numbers again
 * @throws ExpressionRunError whatever went wrong while it ran; FlowFault, TurnTimeError the turn has nothing left
 */
export function evaluate(
  { run, source, parts }: CompiledExpression,
  context: Readonly<Record<string, unknown>>,
  settings: EvaluationSettings,
): unknown {
  const { work } = settings;
  work.spend(EVALUATION + parts);
  try {
    const value = toPlain(
      withSettings(settings, () => run(context)),
      (units) => work.spend(units),
    );
    work.assertLeft();
    return value;
  } catch (error) {
    work.assertLeft();
    const reason = error instanceof EvaluationError ? error.summary : String(error);
    throw new ExpressionRunError(`${reason.slice(0, MAX_REASON)} in ${shorten(source)}`, { cause: error });
  }
}

/** Whether a value of the CEL type may go where `wanted` is declared; `dyn` is found out when it runs. */
export function fits(type: string, wanted: CelType): boolean {
  if (wanted === 'dyn' || type.startsWith('dyn') || type === 'null') return true;
  const kind = type.replace(/<.*$/, '');
  if (wanted === 'double') return kind === 'double' || kind === 'int';
  if (wanted === 'string') return kind === 'string' || kind === 'google.protobuf.Timestamp';
  return kind === wanted;
}
