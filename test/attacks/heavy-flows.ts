import { type CompiledFlow, compileFlow } from '../../src/flows/engine/compile.js';
import { flowDocumentSchema } from '../../src/flows/engine/flow-document.js';
import { turn } from '../../src/flows/engine/turn.js';

/** A flow that a shop may publish and that costs as much as it can, and what a customer writes to it. */
export type HeavyFlow = { readonly name: string; readonly document: Json; readonly text: string };
type Json = Readonly<Record<string, unknown>>;

const LONG = 'é'.repeat(4000);
const SIXTY = Array.from({ length: 60 }, (_, n) => n);
const ITEMS = Array.from({ length: 500 }, (_, n) => n);
const OBJECTS = ITEMS.map((n) => ({ sku: `SKU-${n}`, name: `Producto ${n}`, tags: ['a', 'b'] }));
const MAP = Object.fromEntries(Array.from({ length: 3000 }, (_, n) => [`k${n}`, n]));
const VARIABLES = {
  t: { type: 'string', default: LONG },
  w: { type: 'string', default: 'a'.repeat(8000) },
  x: { type: 'string', default: '' },
  l: { type: 'list', default: ITEMS },
  s: { type: 'list', default: SIXTY },
  o: { type: 'list', default: OBJECTS },
  m: { type: 'map', default: MAP },
  r: { type: 'bool' },
  n: { type: 'int' },
  y: { type: 'list' },
};

const bye = { id: 'bye', type: 'end' };

export function flowOf(steps: readonly Json[], more: Json = {}): Json {
  return {
    dsl: 1,
    flow: 'heavy',
    locales: ['es'],
    vars: VARIABLES,
    start: steps[0]?.['id'],
    steps: [...steps, bye],
    ...more,
  };
}

export function setting(expression: string): Json {
  return flowOf([{ id: 'a', type: 'set', set: { r: expression }, next: 'bye' }]);
}

const times = (count: number, part: string, by: string) => Array.from({ length: count }, () => part).join(by);
const squared = (body: string, list = 'l') => setting(`${list}.exists(i, ${list}.exists(j, ${body}))`);
const big = times(16, 't', '+');

/** A step that many of its kind follow. */
const chain = (count: number, make: (id: string, next: string) => Json): Json =>
  flowOf(Array.from({ length: count }, (_, n) => make(`s${n}`, n + 1 < count ? `s${n + 1}` : 'bye')));

const asked = (answer: Json): Json =>
  flowOf([{ id: 'q', type: 'question', text: '¿?', answer, retry: { max: 3, go: 'bye' }, next: 'bye' }]);

const RULES = times(8, "rx(t+t+t, '(?:é?){40}[b-z]$')", ' || ');

/** Each was looked for in one part of the language; the first is the one that stopped an installation for minutes. */
export const HEAVY_FLOWS: readonly HeavyFlow[] = [
  { name: 'folds in two lists', document: squared(`fold(${big}) == 'x'`, 's'), text: 'hola' },
  { name: 'folds in two lists of 500', document: squared(`fold(${big}) == 'x'`), text: 'hola' },
  { name: 'folds ligatures', document: squared(`fold(${times(8, 'msg.text', '+')}) == 'x'`), text: 'ﷺ'.repeat(4096) },
  {
    name: 'folds marks',
    document: setting(`fold(${times(16, 'msg.text', '+')}) == 'x'`),
    text: '\u0301\u0316'.repeat(2048),
  },
  { name: 'joins texts', document: squared(`${big} == 'x'`), text: 'hola' },
  { name: 'compares texts', document: squared(`(${big}) == (${big})`), text: 'hola' },
  {
    name: 'searches from the end',
    document: squared(`(${times(8, 'w', '+')}).lastIndexOf(w + 'b') == 1`),
    text: 'hola',
  },
  { name: 'searches', document: squared(`(${times(8, 'w', '+')}).contains(w + 'b' + w)`), text: 'hola' },
  { name: 'splits', document: squared(`(${times(8, 'w', '+')}).split('b').size() == 0`), text: 'hola' },
  { name: 'counts characters', document: squared(`size(${big}) == 0`), text: 'hola' },
  { name: 'reads a duration', document: setting('duration(msg.text).getHours() == 1'), text: '1'.repeat(2500) },
  { name: 'asks for hours in a zone', document: squared("now.getHours('America/Bogota') == 25"), text: 'hola' },
  { name: 'writes dates', document: squared("date(now) == 'x'"), text: 'hola' },
  {
    name: 'writes money of many currencies',
    document: squared(
      "money(i + j, ('ABCDEFGHIJKLMNOPQRSTUVWXYZ'.substring(int(i) % 24, int(i) % 24 + 2)) + 'X') == 'x'",
    ),
    text: 'hola',
  },
  { name: 'tries patterns', document: squared("rx(t, '(?:é?){80}[b-z]$')", 's'), text: 'hola' },
  {
    name: 'tries patterns in rules',
    document: chain(60, (id, next) => ({ id, type: 'decision', rules: [{ when: RULES, go: next }], else: next })),
    text: 'hola',
  },
  { name: 'makes errors', document: squared('m.nothing == 1'), text: 'hola' },
  {
    name: 'makes errors in or',
    document: setting(`l.all(i, l.all(j, ${times(20, 'm.nothing == 1', ' || ')} || true))`),
    text: 'hola',
  },
  { name: 'tells the type of a large map', document: squared("m == {'a': o}"), text: 'hola' },
  { name: 'compares large maps', document: squared("{'a': m, 'b': i} == {'a': m, 'b': j + 1}"), text: 'hola' },
  { name: 'looks in a list of lists', document: squared('[i, [j]] in [o, o, o, [l, [o]]]'), text: 'hola' },
  { name: 'reads JSON', document: squared("bytes('[' + '1,' + '1]').json() == m"), text: 'hola' },
  {
    name: 'doubles bytes',
    document: setting(
      '[bytes(t)].map(a, a+a+a+a+a+a+a+a+a+a).map(a, a+a+a+a+a+a+a+a+a+a).map(a, a+a+a+a+a+a+a+a+a+a).exists(a, size(a) == 0)',
    ),
    text: 'hola',
  },
  { name: 'reads numbers', document: squared("double('1' + '0') == 3.0 || string(double(i)) == 'x'"), text: 'hola' },
  { name: 'nests two lists', document: squared('i + j == -1'), text: 'hola' },
  {
    name: 'nests two lists with fields',
    document: setting('o.exists(i, o.exists(j, i.name + j.sku == i.sku + j.name))'),
    text: 'hola',
  },
  {
    name: 'makes a list of lists',
    document: flowOf([{ id: 'a', type: 'set', set: { y: 'l.map(i, s)' }, next: 'bye' }]),
    text: 'hola',
  },
  {
    name: 'keeps a list again and again',
    document: chain(60, (id, next) => ({ id, type: 'set', set: { y: 'o', l: 'l', s: 'o + []' }, next })),
    text: 'hola',
  },
  {
    name: 'keeps texts in lists',
    document: chain(60, (id, next) => ({
      id,
      type: 'set',
      set: { y: 's.map(i, w + w.substring(0, 100))', l: 's.map(i, w)' },
      next,
    })),
    text: 'hola',
  },
  {
    name: 'fills in texts',
    document: chain(8, (id, next) => ({ id, type: 'message', text: times(500, '{{t}}', ''), next })),
    text: 'hola',
  },
  {
    name: 'fills in options',
    document: asked({
      type: 'choice',
      options: Array.from({ length: 50 }, (_, n) => ({
        id: `o${n}`,
        title: times(400, '{{w}}', ''),
        description: times(400, '{{t}}', ''),
      })),
    }),
    text: 'hola',
  },
  {
    name: 'lists options',
    document: asked({
      type: 'choice',
      from: 'o',
      option: { id: 'item.sku', title: 'item.name + w.substring(0, 5000)', description: 't', value: 'item' },
    }),
    text: 'hola',
  },
  {
    name: 'reads several choices',
    document: asked({
      type: 'multi_choice',
      from: 'o',
      option: { id: 'item.sku', title: "'a' + item.name + t", value: 'item' },
    }),
    text: Array.from({ length: 250 }, (_, n) => `a${n}`)
      .join(' ')
      .slice(0, 1000),
  },
  {
    name: 'tries the pattern of an answer',
    document: asked({ type: 'text', pattern: '(?:(?:(?:a|b)){1,11}|(?:(?:(?:\\W){2,23}){0,43}|[^x]))' }),
    text: LONG,
  },
  {
    name: 'looks for words that skip',
    document: asked({ type: 'text', skip: Array.from({ length: 20 }, (_, n) => `no${n}`) }),
    text: '\u0301\u0316'.repeat(2048),
  },
];

/** Milliseconds of processor time that the dearest turn took, with the customer writing twice: the second time a question is answered. */
export function timeTurns({ document, text }: HeavyFlow): {
  readonly worstMs: number;
  readonly ends: readonly string[];
} {
  const flow = compileFlow(flowDocumentSchema.parse(document));
  let state: Parameters<typeof turn>[0]['state'] = null;
  let worstMs = 0;
  const ends: string[] = [];
  for (const number of [1, 2]) {
    const began = process.threadCpuUsage();
    ends.push(endOf(() => (state = runTurn(flow, state, text, number))));
    const { user, system } = process.threadCpuUsage(began);
    worstMs = Math.max(worstMs, (user + system) / 1000);
  }
  return { worstMs, ends };
}

let lastFault: string | undefined;

function runTurn(flow: CompiledFlow, state: Parameters<typeof turn>[0]['state'], text: string, number: number) {
  const event = { kind: 'message', id: `m${number}`, content: { type: 'text', text } } as const;
  const contact = { id: 'c', name: 'Ana', phone: '+573001234567', lang: 'es' };
  const said = { state, events: [event], flow, nowMs: 1_900_000_000_000, conversationId: 'c', turn: number, contact };
  // What is counted must be enough: the clock below it would hide a count that is too low, and ends some turns of a run
  // with coverage, which takes four times as long.
  const result = turn({ ...said, cpuMs: () => 0 });
  lastFault = result.fault?.code;
  return result.state;
}

function endOf(work: () => unknown): string {
  lastFault = undefined;
  try {
    work();
    return lastFault ?? 'ok';
  } catch (error) {
    return error instanceof Error ? error.constructor.name : String(error);
  }
}
