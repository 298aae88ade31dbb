import type { CompiledFlow } from '../compile.js';
import { LANGUAGE_VARIABLE } from '../document/names.js';
import type { Step } from '../document/step-types.js';
import type { Text } from '../document/values.js';
import type { EvaluationSettings } from '../expressions/cel-environment.js';
import { type CompiledExpression, evaluate, type ExpressionScope } from '../expressions/expressions.js';
import { show } from '../expressions/templates.js';
import { TurnTimeError, WorkMeter } from '../expressions/work-meter.js';
import { MAX_TEXT } from '../limits.js';
import type { TraceEntry, TurnInput } from '../turn-types.js';
import { findLocale } from './builtin-texts.js';
import { FlowFault } from '../fault.js';
import { draftOf, type DraftFrame, type DraftSession } from './session-draft.js';
import { assertHolds, initialValue, toCel } from './variables.js';

type Values = Readonly<Record<string, unknown>>;

const NO_DATA: Values = {};
const KNOWN_CONTACT = { id: '', name: '', phone: '', lang: '', email: '' };
const NO_MESSAGE = { id: '', type: '', text: '', choiceId: '' };
const NO_ERROR = { code: '', message: '' };

/** The session of a turn while it changes, and what its expressions see. */
export class TurnScope {
  session: DraftSession | null;
  readonly trace: TraceEntry[] = [];
  private readonly contact: Values;
  private readonly now: Date;
  private readonly work: WorkMeter;
  private event = NO_DATA;
  private message: Values | null = null;
  private context: Record<string, unknown> | null = null;
  private settings: EvaluationSettings | null = null;

  constructor(readonly input: TurnInput) {
    this.session = input.state && draftOf(input.state);
    this.work = new WorkMeter(undefined, input.cpuMs);
    this.now = new Date(input.nowMs);
    const given = Object.entries(input.contact).filter(([, value]) => value !== null && value !== undefined);
    this.contact = { ...KNOWN_CONTACT, ...Object.fromEntries(given) };
  }

  get running(): DraftSession {
    if (!this.session || this.session.mode === 'ended') throw new Error('No session runs');
    return this.session;
  }

  get frame(): DraftFrame {
    const frame = this.running.stack.at(-1);
    if (!frame) throw new FlowFault('no_frame', 'the session stands in no flow', true);
    return frame;
  }

  get flow(): CompiledFlow {
    return this.flowOf(this.frame);
  }

  /** @throws FlowFault the caller did not bring the version the session is pinned to */
  flowOf({ flow, ver }: DraftFrame): CompiledFlow {
    const { flow: first, subflows } = this.input;
    if (first.sha256 === ver) return first;
    const found = subflows?.get(ver) ?? subflows?.get(flow);
    if (found?.sha256 !== ver) throw new FlowFault('missing_version', `version ${ver} of ${flow} is not here`, true);
    return found;
  }

  get step(): Step {
    const { step } = this.frame;
    const found = this.flow.steps.get(step);
    if (!found) throw new FlowFault('missing_step', `there is no step ${step}`);
    return found;
  }

  get timeZone(): string {
    return this.flow.document.time_zone ?? this.input.timeZone ?? 'UTC';
  }

  /** @throws FlowFault, TurnTimeError the turn has used up what it may */
  spend(units: number): void {
    this.work.spend(units);
  }

  note(kind: TraceEntry['kind'], detail?: string): void {
    const frame = this.session?.stack.at(-1);
    const at = { flow: frame?.flow ?? this.input.flow.key, step: frame?.step ?? null };
    this.trace.push(detail === undefined ? { kind, ...at } : { kind, ...at, detail });
  }

  /** @throws FlowFault whatever goes wrong in it */
  evaluate(source: string, scope: ExpressionScope = 'base', extra?: Values): unknown {
    return this.run(this.flow.expression(source, scope), extra);
  }

  evaluateAll(
    sources: Readonly<Record<string, string>> | undefined,
    scope: ExpressionScope = 'base',
    extra?: Values,
  ): Record<string, unknown> {
    const entries = Object.entries(sources ?? {});
    return Object.fromEntries(entries.map(([name, source]) => [name, this.evaluate(source, scope, extra)]));
  }

  private run(expression: CompiledExpression, extra?: Values): unknown {
    const context = (this.context ??= this.makeContext());
    this.settings ??= { locale: this.running.lang, timeZone: this.timeZone, work: this.work };
    try {
      return evaluate(expression, extra ? Object.assign(Object.create(context), extra) : context, this.settings);
    } catch (error) {
      if (error instanceof FlowFault || error instanceof TurnTimeError) throw error;
      throw new FlowFault('expression', error instanceof Error ? error.message : String(error), false, error);
    }
  }

  /** The text in the session's language, with its expressions filled in. */
  text(text: Text): string {
    if (typeof text === 'string') return this.template(text);
    const { defaultLocale } = this.flow;
    return this.template(text[this.running.lang] ?? text[defaultLocale] ?? Object.values(text)[0] ?? '');
  }

  template(source: string, encode: (value: string) => string = String): string {
    const { parts } = this.flow.template(source);
    let text = '';
    for (const part of parts) {
      text += typeof part === 'string' ? part : encode(this.shown(part));
      if (text.length > MAX_TEXT) throw new FlowFault('text_too_long', `a text above ${MAX_TEXT} characters`);
    }
    this.spend(text.length / 8);
    return text;
  }

  private shown(expression: CompiledExpression): string {
    const value = this.run(expression);
    if (typeof value !== 'object' || value === null) return show(value);
    throw new FlowFault('expression', `${expression.source} is a list or map and cannot be shown as text`);
  }

  get vars(): Record<string, unknown> {
    const { stack, vars } = this.running;
    return stack.length > 1 ? (this.frame.vars ??= {}) : vars;
  }

  /** The running flow's variables; those not set, as they read. */
  allVars(): Record<string, unknown> {
    const { vars } = this;
    const valueOf = (name: string) => (Object.hasOwn(vars, name) ? vars[name] : undefined);
    return Object.fromEntries(
      [...this.flow.variables].map(([name, variable]) => [name, valueOf(name) ?? initialValue(variable)]),
    );
  }

  /** null puts a variable back to its default. @throws FlowFault a value is not of its variable's type */
  assign(values: Values): void {
    for (const [name, value] of Object.entries(values)) {
      if (name === LANGUAGE_VARIABLE) this.speak(value);
      else this.assignOne(name, value);
    }
    this.forgetContext();
  }

  private assignOne(name: string, value: unknown): void {
    const variable = this.flow.variables.get(name);
    if (!variable) throw new FlowFault('unknown_variable', `${name} is not declared`);
    if (value === null || value === undefined) {
      delete this.vars[name];
      return;
    }
    assertHolds(name, variable.type, value);
    this.vars[name] = value;
  }

  /** A language the flow does not have changes nothing. */
  private speak(language: unknown): void {
    const locale = findLocale(language, this.flow.document.locales);
    if (locale === null) this.note('ignored', 'unknown language');
    else this.running.lang = locale;
  }

  /** `msg` is whole in the turn it came in; later turns know what a session keeps of it. */
  hear(message: Values & typeof NO_MESSAGE): void {
    const { id, type, text, choiceId } = message;
    this.message = message;
    this.running.msg = { id, type, text, choiceId };
    this.forgetContext();
  }

  protected startEvent(data: Values = NO_DATA): void {
    this.event = data;
    this.message = null;
    this.forgetContext();
  }

  forgetContext(): void {
    this.context = null;
    this.settings = null;
  }

  private makeContext(): Record<string, unknown> {
    const { running } = this;
    const context: Record<string, unknown> = {
      contact: this.contact,
      msg: this.message ?? running.msg ?? NO_MESSAGE,
      event: this.event,
      error: running.error ?? NO_ERROR,
      lang: running.lang,
      now: this.now,
    };
    const values = this.allVars();
    this.spend(this.flow.variables.size * 4);
    for (const [name, { type }] of this.flow.variables) context[name] = toCel(values[name], type);
    return context;
  }
}
