import { ZodError } from 'zod';
import { FlowCompileError } from '../../src/flows/engine/compile.js';
import { flowOf, type HeavyFlow, timeTurns } from './heavy-flows.js';

/** The same numbers for the same seed. */
function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

type Kind = 'text' | 'number' | 'truth' | 'list';
type Pick = (below: number) => number;

const TEXTS = ["'a'", "'b'", "''", "'é'", 't', 'w', 'msg.text', 'contact.name', 'string(n)'];
const NUMBERS = ['1', 'n', '7', 'size(msg.text)'];
const TRUTHS = ['true', 'r', 'm.k1 == 1', 'm.nothing == 1', 'has(m.k1)', 'm == m'];
const LISTS = ['l', 's', 'o', '[1, 2]', "['a', 'b']", "w.split('a')"];
const PATTERNS = ['^(a+)+$', '(?:é?){40}[b-z]$', '(?i)(?:é|ü|[a-z]){0,60}[!?]$', '.*.*.*z'];

/** An expression of the kind, at most `depth` deep. */
function make(kind: Kind, depth: number, pick: Pick, bound: readonly string[]): string {
  const of = (other: Kind, names = bound) => make(other, depth - 1, pick, names);
  const any = (names: readonly string[]) =>
    of((['text', 'number', 'truth', 'list'] as const)[pick(4)] ?? 'text', names);
  const one = (choices: readonly string[]) => choices[pick(choices.length)] ?? '';
  if (depth <= 0) {
    if (kind === 'text') return one(TEXTS);
    if (kind === 'number') return one(NUMBERS);
    return one(kind === 'truth' ? TRUTHS : LISTS);
  }
  const name = `v${bound.length}`;
  const inner = [...bound, name];
  const makers: Readonly<Record<Kind, readonly (() => string)[]>> = {
    text: [
      () => `(${of('text')} + ${of('text')})`,
      () => `(${Array.from({ length: 2 + pick(15) }, () => of('text')).join(' + ')})`,
      () => `fold(${of('text')})`,
      () => `lower(${of('text')})`,
      () => `${of('text')}.upperAscii()`,
      () => `${of('text')}.trim()`,
      () => `${of('text')}.substring(${pick(3)})`,
      () => `lines(${of('list')})`,
      () => `${of('text')}.split(${of('text')}).join(${of('text')})`,
      () => `${of('list')}.map(${name}, ${of('text', inner)}).join(${of('text')})`,
      () => `bytes(${of('text')}).hex()`,
      () => `bytes(${of('text')}).base64()`,
      () => `string(bytes(${of('text')}) + bytes(${of('text')}))`,
      () => `money(${of('number')}, 'MXN')`,
      () => `money(${of('number')}, ${of('text')})`,
      () => `date(${of('text')})`,
      () => 'date(now)',
      () => `(${of('truth')} ? ${of('text')} : ${of('text')})`,
      () => `string(${one(bound.length > 0 ? bound : ['1'])})`,
    ],
    number: [
      () => `size(${of('text')})`,
      () => `size(${of('list')})`,
      () => `${of('text')}.indexOf(${of('text')})`,
      () => `${of('text')}.lastIndexOf(${of('text')})`,
      () => `(${of('number')} + ${of('number')})`,
      () => `(${of('number')} % ${of('number')})`,
      () => `now.getHours('America/Bogota')`,
      () => `duration(${of('text')}).getSeconds()`,
      () => `int(${of('text')})`,
      () => `int(double(${of('text')}))`,
      () => `bytes(${of('text')}).json().size()`,
    ],
    truth: [
      () => `${of('text')} == ${of('text')}`,
      () => `${of('text')} < ${of('text')}`,
      () => `${of('list')} == ${of('list')}`,
      () => `${one(bound.length > 0 ? bound : ['1'])} in ${of('list')}`,
      () => `${of('text')} in ${of('list')}`,
      () => `${of('list')} in [${of('list')}, ${of('list')}]`,
      () => `${of('text')}.contains(${of('text')})`,
      () => `${of('text')}.startsWith(${of('text')})`,
      () => `rx(${of('text')}, '${one(PATTERNS)}')`,
      () => `(${of('truth')} || ${of('truth')})`,
      () => `(${of('truth')} && ${of('truth')})`,
      () => `!(${of('truth')})`,
      () => `${of('list')}.exists(${name}, ${of('truth', inner)})`,
      () => `${of('list')}.all(${name}, ${of('truth', inner)} || true)`,
      () => `${of('list')}.exists_one(${name}, ${of('truth', inner)})`,
      () => `m.all(${name}, ${of('truth', inner)})`,
      () => `{'a': m, 'b': ${of('text')}} == {'a': m, 'b': ${of('text')}}`,
    ],
    list: [
      () => `(${of('list')} + ${of('list')})`,
      () => `${of('list')}.map(${name}, ${any(inner)})`,
      () => `${of('list')}.filter(${name}, ${of('truth', inner)})`,
      () => `${of('list')}.map(${name}, ${of('truth', inner)}, ${any(inner)})`,
      () => `${of('text')}.split(${of('text')})`,
      () => `[${any(bound)}, ${any(bound)}, ${any(bound)}]`,
      () => `[${of('list')}, ${of('list')}]`,
    ],
  };
  const choices = makers[kind];
  return choices[pick(choices.length)]?.() ?? '';
}

const SAID = [
  'hola',
  'é'.repeat(4096),
  '\u0301\u0316'.repeat(2048),
  'ﷺ'.repeat(4096),
  '1'.repeat(4096),
  '['.repeat(2000) + ']'.repeat(2000),
];

function randomFlow(pick: Pick): HeavyFlow {
  const heavy = make('truth', 3 + pick(3), pick, []);
  const isNested = pick(3) > 0;
  const truth = isNested ? `l.exists(i, s.all(j, ${heavy} || true) && false)` : heavy;
  const set = {
    r: truth,
    ...(pick(2) === 0 ? { x: make('text', 3, pick, []) } : {}),
    ...(pick(2) === 0 ? { y: make('list', 3, pick, []) } : {}),
  };
  return {
    name: JSON.stringify(set),
    document: flowOf([{ id: 'a', type: 'set', set, next: 'bye' }]),
    text: SAID[pick(SAID.length)] ?? '',
  };
}

export type Found = { readonly worstMs: number; readonly name: string; readonly text: string; readonly ends: string };

/**
 * Makes flows up until the time is over and runs those that can be published.
 *
 * @returns how many ran, and the dearest, dearest first
 */
export function searchHeavyFlows(
  seed: number,
  forMs: number,
): { readonly ran: number; readonly dearest: readonly Found[] } {
  const pick = generator(seed);
  const untilMs = performance.now() + forMs;
  let ran = 0;
  let dearest: Found[] = [];
  while (performance.now() < untilMs) {
    const flow = randomFlow(pick);
    try {
      const { worstMs, ends } = timeTurns(flow);
      ran += 1;
      dearest.push({ worstMs, name: flow.name, text: flow.text.slice(0, 4), ends: ends.join(' / ') });
    } catch (error) {
      // Too long, or not of one type after all: it cannot be published.
      if (!(error instanceof FlowCompileError || error instanceof ZodError)) throw error;
    }
    dearest = dearest.toSorted((a, b) => b.worstMs - a.worstMs).slice(0, 10);
  }
  return { ran, dearest };
}
