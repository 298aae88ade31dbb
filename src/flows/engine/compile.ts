import type { Step } from './document/step-types.js';
import { LANGUAGE_VARIABLE } from './document/names.js';
import {
  type CelType,
  type CompiledExpression,
  ExpressionCompiler,
  ExpressionError,
  type ExpressionScope,
  fits,
} from './expressions/expressions.js';
import { foldAnswer } from './expressions/fold.js';
import { compilePattern } from './expressions/patterns.js';
import { compileTemplate, type CompiledTemplate } from './expressions/templates.js';
import type { FlowDocument, Variable } from './flow-document.js';
import { flowSha256 } from './flow-hash.js';
import { answerCelType, type ExpressionSite, headerSites, stepSites, type TextSite } from './flow-sites.js';
import { type FlowProblem, pathOf } from './flow-problem.js';

/** A flow version ready to run: the document, its steps by id, and every expression and text compiled. */
export class CompiledFlow {
  readonly steps: ReadonlyMap<string, Step>;
  /** Folded `anytime` words and where they lead. */
  readonly anytime: ReadonlyMap<string, string>;
  readonly variables: ReadonlyMap<string, Variable>;

  constructor(
    readonly document: FlowDocument,
    /** Of the canonical JSON of the document: the version's identity. */
    readonly sha256: string,
    private readonly expressions: ExpressionCompiler,
    private readonly templates: ReadonlyMap<string, CompiledTemplate>,
  ) {
    this.steps = new Map(document.steps.map((step) => [step.id, step]));
    this.variables = new Map(Object.entries(document.vars ?? {}));
    this.anytime = new Map(
      (document.anytime ?? [])
        .flatMap(({ match, go }) => match.map((word) => [foldAnswer(word), go] as const))
        .toReversed(),
    );
  }

  get key(): string {
    return this.document.flow;
  }

  get defaultLocale(): string {
    return this.document.locales[0] ?? 'en';
  }

  /** @throws Error the text is not in this document */
  expression(source: string, scope: ExpressionScope): CompiledExpression {
    const found = this.expressions.find(source, scope);
    if (!found) throw new Error(`No expression ${source} in ${this.key}`);
    return found;
  }

  /** @throws Error the text is not in this document */
  template(source: string): CompiledTemplate {
    const found = this.templates.get(source);
    if (!found) throw new Error(`No text ${source.slice(0, 80)} in ${this.key}`);
    return found;
  }

  /** Variables a text reads; none when it does not compile. */
  namesIn(source: string): readonly string[] {
    const parts = this.templates.get(source)?.parts ?? [];
    return parts.flatMap((part) => (typeof part === 'string' ? [] : [...part.names]));
  }
}

/** A document that does not compile; it was never published, or by other rules. */
export class FlowCompileError extends Error {
  constructor(readonly problems: readonly FlowProblem[]) {
    super(problems.map(({ step, path, message }) => `${step ?? 'flow'} ${path}: ${message}`).join('; '));
  }
}

/**
 * Takes milliseconds, so keep what it gives: per version, by sha256.
 *
 * @param document what `flowDocumentSchema` accepted, so a published version
 * @throws FlowCompileError an expression or text does not compile
 */
export function compileFlow(document: FlowDocument): CompiledFlow {
  const { flow, problems } = compileSteps(document, document.steps, flowSha256(document));
  if (problems.length > 0) throw new FlowCompileError(problems);
  return flow;
}

/**
 * Compiles what can be and tells of the rest (E106).
 *
 * @param steps may leave out those that are not even well-formed
 * @param types of the variables; dyn for one whose declaration is wrong
 */
export function compileSteps(
  document: FlowDocument,
  steps: readonly (Step | null)[],
  sha256: string,
  types: Readonly<Record<string, CelType>> = variableTypes(document),
): { flow: CompiledFlow; problems: readonly FlowProblem[] } {
  const expressions = new ExpressionCompiler(types);
  const templates = new Map<string, CompiledTemplate>();
  const problems: FlowProblem[] = [];
  const sites = [...headerSites(document), ...steps.flatMap((step, index) => (step ? stepSites(step, index) : []))];
  for (const site of sites) {
    const found =
      site.kind === 'expression'
        ? compileExpression(site, expressions, wantedType(site, types))
        : compileText(site, expressions, templates);
    problems.push(...found);
  }
  steps.forEach((step, index) => {
    if (step) problems.push(...namedVariables(step, index, types), ...patternProblems(step, index));
  });
  return { flow: new CompiledFlow(document, sha256, expressions, templates), problems };
}

function variableTypes({ vars = {} }: FlowDocument): Readonly<Record<string, CelType>> {
  return Object.fromEntries(Object.entries(vars).map(([name, { type }]) => [name, type]));
}

function wantedType({ assigns, wanted }: ExpressionSite, types: Readonly<Record<string, CelType>>): CelType | null {
  if (assigns === undefined) return wanted;
  if (assigns === LANGUAGE_VARIABLE) return 'string';
  return Object.hasOwn(types, assigns) ? (types[assigns] ?? null) : null;
}

function compileExpression(
  { source, scope, step, path, assigns }: ExpressionSite,
  expressions: ExpressionCompiler,
  wanted: CelType | null,
): FlowProblem[] {
  const problem = e106(step, path);
  const unknown = wanted === null ? [problem(`the variable ${assigns} is not declared in vars`)] : [];
  try {
    const { type } = expressions.compile(source, scope);
    if (wanted === null || fits(type, wanted)) return unknown;
    return [problem(`${source}: is a ${type}, but ${assigns ?? 'this place'} needs a ${wanted}`)];
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return [...unknown, problem(error.message)];
  }
}

function compileText(
  { text, step, path }: TextSite,
  expressions: ExpressionCompiler,
  templates: Map<string, CompiledTemplate>,
): FlowProblem[] {
  const sources: [PropertyKey[], string][] =
    typeof text === 'string' ? [[[], text]] : Object.entries(text).map(([locale, source]) => [[locale], source]);
  return sources.flatMap(([keys, source]) => {
    if (templates.has(source)) return [];
    const { template, errors } = compileTemplate(source, expressions);
    if (template) templates.set(source, template);
    return errors.map(e106(step, [...path, ...keys]));
  });
}

/** A text answer's pattern is RE2, like those of rx. */
function patternProblems(step: Step, index: number): FlowProblem[] {
  if (step.type !== 'question' || step.answer.type !== 'text' || step.answer.pattern === undefined) return [];
  try {
    compilePattern(step.answer.pattern);
    return [];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [e106(step.id, ['steps', index, 'answer', 'pattern'])(`bad pattern: ${reason}`)];
  }
}

/** What a question saves to and an end keeps must be declared; the answer must fit its variable. */
function namedVariables(step: Step, index: number, types: Readonly<Record<string, CelType>>): FlowProblem[] {
  const typeOf = (name: string) => {
    if (name === LANGUAGE_VARIABLE) return 'string';
    return Object.hasOwn(types, name) ? types[name] : undefined;
  };
  const undeclared = (name: string, ...keys: PropertyKey[]) =>
    e106(step.id, ['steps', index, ...keys])(`the variable ${name} is not declared in vars`);
  if (step.type === 'end') {
    return (step.keep ?? []).flatMap((name, at) => (typeOf(name) ? [] : [undeclared(name, 'keep', at)]));
  }
  if (step.type !== 'question' || step.save === undefined) return [];
  const wanted = typeOf(step.save);
  if (!wanted) return [undeclared(step.save, 'save')];
  const type = answerCelType(step.answer);
  if (fits(type, wanted)) return [];
  return [e106(step.id, ['steps', index, 'save'])(`the answer is a ${type}, but ${step.save} is a ${wanted}`)];
}

function e106(step: string | null, path: readonly PropertyKey[]) {
  return (message: string): FlowProblem => ({ code: 'E106', severity: 'error', step, path: pathOf(path), message });
}
