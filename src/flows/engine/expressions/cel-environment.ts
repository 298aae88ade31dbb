import { Environment } from '@marcbachmann/cel-js';
import { FORMATTER } from './costs.js';
import { fold } from './fold.js';
import { formatMoney } from '../../../messages/money.js';
import { formatDate } from './formats.js';
import { compilePattern } from './patterns.js';
import { WorkMeter } from './work-meter.js';

/** What the functions of an expression need and its author does not pass. */
export type EvaluationSettings = {
  readonly locale: string;
  readonly timeZone: string;
  /** What the turn has left, shared by all its expressions. */
  readonly work: WorkMeter;
};

/** Evaluation is synchronous and never nested, so one slot tells the functions for whom they run. */
let current: EvaluationSettings = { locale: 'en', timeZone: 'UTC', work: new WorkMeter(0) };

export function withSettings<T>(settings: EvaluationSettings, run: () => T): T {
  current = settings;
  return run();
}

/** What is left to the turn whose expression runs now. */
export function currentWork(): WorkMeter {
  return current.work;
}

const NOT_ASYNC = { async: false };
const TIMESTAMP = 'google.protobuf.Timestamp';

/** CEL with our functions, without variables; clone it to add those. */
export const baseEnvironment = makeBaseEnvironment();

function makeBaseEnvironment(): Environment {
  const environment = new Environment({
    unlistedVariablesAreDyn: false,
    homogeneousAggregateLiterals: false,
    limits: { maxAstNodes: 2000, maxDepth: 60 },
  });
  addMixedArithmetic(environment);
  const money = (amountMinor: bigint | number, currency: string) => {
    if (current.work.isNew(currency)) current.work.spend(FORMATTER);
    return formatMoney(Number(amountMinor), currency, current.locale);
  };
  return environment
    .registerFunction('money(int, string): string', money, NOT_ASYNC)
    .registerFunction('money(double, string): string', money, NOT_ASYNC)
    .registerFunction('lines(list): string', joinLines, NOT_ASYNC)
    .registerFunction(`date(${TIMESTAMP}): string`, showDate, NOT_ASYNC)
    .registerFunction('date(string): string', (iso: string) => showDate(new Date(iso)), NOT_ASYNC)
    .registerFunction('lower(string): string', (text: string) => text.toLowerCase(), NOT_ASYNC)
    .registerFunction('fold(string): string', foldInTurn, NOT_ASYNC)
    .registerFunction(
      'rx(string, string): bool',
      (text: string, re: string) => compilePattern(re).test(text),
      NOT_ASYNC,
    );
}

/** JSON has one kind of number, which CEL reads as double: `item.price * 2` must work. */
function addMixedArithmetic(environment: Environment): void {
  type Numeric = bigint | number;
  const operators: Readonly<Record<string, (a: Numeric, b: Numeric) => number>> = {
    '+': (a, b) => Number(a) + Number(b),
    '-': (a, b) => Number(a) - Number(b),
    '*': (a, b) => Number(a) * Number(b),
    '/': (a, b) => Number(a) / Number(b),
    '%': (a, b) => Number(a) % Number(b),
  };
  for (const [operator, compute] of Object.entries(operators)) {
    environment.registerOperator(`double ${operator} int: double`, compute);
    environment.registerOperator(`int ${operator} double: double`, compute);
  }
  environment.registerOperator('double % double: double', (a: number, b: number) => a % b);
}

function joinLines(list: readonly unknown[]): string {
  return list.map((line) => (typeof line === 'string' ? line : String(line as bigint | number | boolean))).join('\n');
}

/** A ligature can become eighteen letters. */
function foldInTurn(text: string): string {
  const folded = fold(text);
  current.work.spend(3 * folded.length);
  return folded;
}

/** A date without a clock time is that day everywhere, so it is shown as UTC, in which it was parsed. */
function showDate(date: Date): string {
  const isWholeDay = date.getTime() % 86_400_000 === 0;
  return formatDate(date, current.locale, isWholeDay ? 'UTC' : current.timeZone);
}
